#include <brio/base/fatal_signals.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <iterator>

#include <brio/base/expect.hpp>

namespace brio {

namespace {

constexpr int fatal_signals[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
constexpr std::size_t alternate_size = 64 * 1024;
struct sigaction courses_before[std::size(fatal_signals)];
std::atomic<OnFatalSignal::Last> what_is_last{nullptr};
std::atomic<pid_t> dying{0};  // the thread that calls it

void restore_courses() noexcept {
    for (std::size_t i = 0; i < std::size(fatal_signals); ++i) {
        ::sigaction(fatal_signals[i], &courses_before[i], nullptr);
    }
}

void on_fatal(int signal, siginfo_t*, void* context) {
    const auto self = ::gettid();
    pid_t nobody = 0;
    if (dying.compare_exchange_strong(nobody, self)) {
        if (const auto last = what_is_last.exchange(nullptr)) {
            last({.signal = signal, .context = context});
        }
    } else if (nobody != self) {  // that one's end is this one's too
        for (;;) {
            ::pause();
        }
    }
    restore_courses();
    ::raise(signal);  // comes when this returns
}

}  // namespace

OnFatalSignal::OnFatalSignal(Last last) {
    expect(what_is_last.exchange(last) == nullptr, "a process has one OnFatalSignal at a time");
    struct sigaction action{};
    action.sa_sigaction = on_fatal;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    for (std::size_t i = 0; i < std::size(fatal_signals); ++i) {
        ::sigaction(fatal_signals[i], &action, &courses_before[i]);
    }
}

OnFatalSignal::~OnFatalSignal() {
    what_is_last.store(nullptr);
    restore_courses();
}

AlternateStack::AlternateStack() {
    stack_t before{};
    if (::sigaltstack(nullptr, &before) != 0 || (before.ss_flags & SS_DISABLE) == 0) {
        return;
    }
    auto* const memory =
        ::mmap(nullptr, alternate_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return;
    }
    memory_ = memory;
    const stack_t stack{.ss_sp = memory, .ss_flags = 0, .ss_size = alternate_size};
    ::sigaltstack(&stack, nullptr);
}

AlternateStack::~AlternateStack() {
    if (memory_ != nullptr) {
        const stack_t none{.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
        ::sigaltstack(&none, nullptr);
        ::munmap(memory_, alternate_size);
    }
}

const char* name_of_signal(int signal) noexcept {
    switch (signal) {
        case SIGABRT: return "SIGABRT";
        case SIGSEGV: return "SIGSEGV";
        case SIGBUS: return "SIGBUS";
        case SIGFPE: return "SIGFPE";
        case SIGILL: return "SIGILL";
        default: return "signal";
    }
}

}  // namespace brio
