#include <brio/base/elf_symbols.hpp>

#include <cxxabi.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

namespace brio {

namespace {

/// A file in memory, to be read.
class Mapped {
public:
    /// One that has changed after `written` stays closed.
    Mapped(const std::string& path, std::time_t written) {
        const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        struct stat about{};
        if (file >= 0 && ::fstat(file, &about) == 0 && about.st_size > 0 && about.st_mtime <= written) {
            size_ = static_cast<std::size_t>(about.st_size);
            memory_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
        }
        if (file >= 0) {
            ::close(file);
        }
    }
    ~Mapped() {
        if (memory_ != MAP_FAILED) {
            ::munmap(memory_, size_);
        }
    }
    Mapped(const Mapped&) = delete;
    Mapped& operator=(const Mapped&) = delete;

    /// `count` of them at `offset`; none where the file has not so many.
    template <class T>
    std::span<const T> at(std::uint64_t offset, std::uint64_t count) const noexcept {
        if (memory_ == MAP_FAILED || offset > size_ || count > (size_ - offset) / sizeof(T) ||
            offset % alignof(T) != 0) {
            return {};
        }
        return {reinterpret_cast<const T*>(static_cast<const char*>(memory_) + offset),
                static_cast<std::size_t>(count)};
    }

private:
    void* memory_ = MAP_FAILED;
    std::size_t size_ = 0;
};

void visit_table(const Mapped& file, std::span<const ElfW(Shdr)> sections, const ElfW(Shdr) & table,
                 const std::function<void(const ElfFunction&)>& visit) {
    if (table.sh_link >= sections.size()) {
        return;
    }
    const auto& names = sections[table.sh_link];
    const auto text = file.at<char>(names.sh_offset, names.sh_size);
    if (text.empty() || text.back() != 0) {  // then every name ends within it
        return;
    }
    for (const auto& symbol : file.at<ElfW(Sym)>(table.sh_offset, table.sh_size / sizeof(ElfW(Sym)))) {
        if ((symbol.st_info & 0xfU) == STT_FUNC && symbol.st_size != 0 && symbol.st_name < text.size()) {
            visit({.begin = symbol.st_value, .size = symbol.st_size, .name = &text[symbol.st_name]});
        }
    }
}

}  // namespace

std::string demangled(const char* name) {
    // the H of a function with an explicit object parameter (`this Db`) is newer than libstdc++ 12
    std::string known(name);
    if (const auto nested = known.find_first_not_of('Z', 1);
        known.starts_with("_Z") && known.find("NH", nested) == nested) {
        known.erase(nested + 1, 1);
    }
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> text(
        abi::__cxa_demangle(known.c_str(), nullptr, nullptr, &status), &std::free);
    return status == 0 && text != nullptr ? text.get() : name;
}

void each_elf_function(const std::string& path, std::time_t written,
                       const std::function<void(const ElfFunction&)>& visit) {
    const Mapped file(path, written);
    const auto head = file.at<ElfW(Ehdr)>(0, 1);
    if (head.empty() || std::memcmp(head.front().e_ident, ELFMAG, SELFMAG) != 0) {
        return;
    }
    const auto sections = file.at<ElfW(Shdr)>(head.front().e_shoff, head.front().e_shnum);
    for (const auto kind : {SHT_SYMTAB, SHT_DYNSYM}) {
        bool has_one = false;
        for (const auto& section : sections) {
            if (section.sh_type == static_cast<ElfW(Word)>(kind)) {
                visit_table(file, sections, section, visit);
                has_one = true;
            }
        }
        if (has_one) {
            return;
        }
    }
}

}  // namespace brio
