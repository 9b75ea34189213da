#include <brio/tasks/shared_bell.hpp>

#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <system_error>

#include <brio/base/text.hpp>
#include <brio/runtime/file.hpp>

namespace brio::tasks {

namespace {

static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

long futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value) noexcept {
    return ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), operation, value, nullptr, nullptr,
                     0);
}

}  // namespace

SharedBell::SharedBell(const std::filesystem::path& file, std::function<void()> rung)
    : rung_(std::move(rung)) {
    const auto fail = [&](const char* what) {
        throw std::system_error(errno, std::generic_category(), concat({what, " ", file.string()}));
    };
    const runtime::File opened(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0660));
    if (opened.fd() < 0) {
        fail("cannot open");
    }
    // Longer is well: a page is mapped, and what another process has written stays.
    if (::ftruncate(opened.fd(), sizeof(Page)) != 0) {
        fail("cannot size");
    }
    void* const mapped = ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, opened.fd(), 0);
    if (mapped == MAP_FAILED) {
        fail("cannot map");
    }
    page_ = static_cast<Page*>(mapped);
    heard_ = page_->rings.load();
    thread_ = std::thread([this] { serve(); });
}

SharedBell::~SharedBell() {
    ending_ = true;
    page_->rings.fetch_add(1);
    futex(page_->rings, FUTEX_WAKE, INT_MAX);
    thread_.join();
    page_->listeners.fetch_sub(listening_.load());
    ::munmap(page_, sizeof(Page));
}

void SharedBell::ring() noexcept {
    page_->rings.fetch_add(1);
    if (page_->listeners.load() != 0) {
        futex(page_->rings, FUTEX_WAKE, INT_MAX);
    }
}

void SharedBell::listen(bool listens) noexcept {
    if (listens) {
        listening_.fetch_add(1);
        page_->listeners.fetch_add(1);
        // Those that rang while nobody listened have woken nobody.
        if (page_->rings.load() != heard_.load()) {
            futex(page_->rings, FUTEX_WAKE, INT_MAX);
        }
    } else {
        page_->listeners.fetch_sub(1);
        listening_.fetch_sub(1);
    }
}

void SharedBell::serve() {
    pthread_setname_np(pthread_self(), "task-bell");
    while (!ending_) {
        const std::uint32_t heard = heard_.load();
        futex(page_->rings, FUTEX_WAIT, heard);  // returns at once when it has rung since
        const std::uint32_t now = page_->rings.load();
        if (now != heard && !ending_) {
            heard_.store(now);
            rung_();
        }
    }
}

}  // namespace brio::tasks
