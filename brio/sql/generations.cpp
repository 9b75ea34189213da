#include <brio/sql/generations.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <new>
#include <stdexcept>
#include <system_error>

#include <brio/sql/statement.hpp>

namespace brio::sql {

// A cache line each: writers of one table do not slow readers of another.
struct alignas(64) Generations::Entry {
    std::atomic<std::uint64_t> name_hash{0};  // 0: free
    std::atomic<std::uint64_t> begun{0};
    std::atomic<std::uint64_t> ended{0};
};

struct Generations::File {
    static constexpr std::uint64_t format = 0x4272'696f'4765'6e31;  // "BrioGen1"
    std::atomic<std::uint64_t> magic{0};
    std::atomic<std::uint32_t> own_commits{0};
    std::atomic<std::uint32_t> foreign_commits{0};
    Entry entries[most_tables];
};

/// Never 0, which is a free entry's. Whatever the case: engines take `Users` and `users` for one table.
static std::uint64_t hash_of(std::string_view table) noexcept {
    std::uint64_t hash = stable_hash({});
    for (const char letter : table) {
        const char lower = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
        hash = stable_hash({&lower, 1}, hash);
    }
    return hash | 1;
}

static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "generations are shared between processes");

Generations::Generations() : file_(new File), suspected_(new std::uint64_t[most_tables]{}) {
    file_->magic = File::format;
}

Generations::Generations(const std::filesystem::path& file) : suspected_(new std::uint64_t[most_tables]{}) {
    map_file(file);
}

Generations::~Generations() {
    if (mapped_) {
        ::munmap(file_, sizeof(File));
    } else {
        delete file_;
    }
}

void Generations::map_file(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) {
        throw std::system_error(errno, std::generic_category(), "cannot open " + path.string());
    }
    void* memory = MAP_FAILED;
    // A longer file is never cut; a shorter one is filled with zeros, which are valid empty entries.
    struct stat status{};
    if (::fstat(descriptor, &status) == 0 && (static_cast<std::size_t>(status.st_size) >= sizeof(File) ||
                                              ::ftruncate(descriptor, sizeof(File)) == 0)) {
        memory = ::mmap(nullptr, sizeof(File), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    }
    const int error = errno;
    ::close(descriptor);
    if (memory == MAP_FAILED) {
        throw std::system_error(error, std::generic_category(), "cannot map " + path.string());
    }
    file_ = static_cast<File*>(memory);
    mapped_ = true;
    std::uint64_t found = 0;
    if (!file_->magic.compare_exchange_strong(found, File::format) && found != File::format) {
        ::munmap(memory, sizeof(File));
        throw std::runtime_error(
            path.string() + " is not a file of table generations: remove it while nothing uses the database");
    }
}

Generations::Slot Generations::slot(std::string_view table) {
    const std::uint64_t hash = hash_of(table);
    for (std::uint32_t step = 0; step < most_tables; ++step) {
        const auto at = static_cast<Slot>((hash / 2 + step) % most_tables);
        std::uint64_t found = file_->entries[at].name_hash.load(std::memory_order_acquire);
        if (found == 0 && file_->entries[at].name_hash.compare_exchange_strong(found, hash)) {
            return at;
        }
        if (found == hash) {
            return at;
        }
    }
    throw std::runtime_error("a database has at most 512 tables");
}

Generation Generations::read(Slot slot) const noexcept {
    const Entry& entry = file_->entries[slot];
    // `ended` first: when both are equal, no commit was under way at the moment in between.
    const std::uint64_t ended = entry.ended.load(std::memory_order_acquire);
    const std::uint64_t begun = entry.begun.load(std::memory_order_acquire);
    return {begun, begun == ended};
}

void Generations::begin_commit(std::span<const Slot> written) noexcept {
    for (const Slot slot : written) {
        file_->entries[slot].begun.fetch_add(1, std::memory_order_seq_cst);
    }
}

void Generations::end_commit(std::span<const Slot> written) noexcept {
    for (const Slot slot : written) {
        file_->entries[slot].ended.fetch_add(1, std::memory_order_seq_cst);
    }
}

/// `wanted(hash)` says whether the table of that hash is meant.
template <class Wanted>
void Generations::move_where(Wanted wanted) noexcept {
    for (Entry& entry : file_->entries) {
        const std::uint64_t hash = entry.name_hash.load(std::memory_order_relaxed);
        if (hash != 0 && wanted(hash)) {
            entry.begun.fetch_add(1, std::memory_order_seq_cst);
            entry.ended.fetch_add(1, std::memory_order_seq_cst);
        }
    }
}

void Generations::move_all() noexcept {
    move_where([](std::uint64_t) { return true; });
}

void Generations::move(std::string_view table) noexcept {
    move_where([hash = hash_of(table)](std::uint64_t each) { return each == hash; });
}

std::size_t Generations::class_of(std::string_view table, std::size_t count) noexcept {
    return hash_of(table) / 2 % count;
}

void Generations::move_class(std::size_t count, std::size_t wanted) noexcept {
    move_where([&](std::uint64_t hash) { return hash / 2 % count == wanted; });
}

void Generations::settle_abandoned() noexcept {
    for (std::uint32_t at = 0; at < most_tables; ++at) {
        Entry& entry = file_->entries[at];
        std::uint64_t ended = entry.ended.load(std::memory_order_acquire);
        const std::uint64_t begun = entry.begun.load(std::memory_order_acquire);
        if (begun == ended) {
            suspected_[at] = 0;
        } else if (suspected_[at] == begun) {
            entry.ended.compare_exchange_strong(ended, begun);
            suspected_[at] = 0;
        } else {
            suspected_[at] = begun;
        }
    }
}

std::atomic<std::uint32_t>& Generations::own_commits() noexcept { return file_->own_commits; }
std::atomic<std::uint32_t>& Generations::foreign_commits() noexcept { return file_->foreign_commits; }

}  // namespace brio::sql
