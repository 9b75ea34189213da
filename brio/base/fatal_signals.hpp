// The signals by which a process dies of itself: SIGABRT (so also std::terminate and a bug found by
// expect()), SIGSEGV, SIGBUS, SIGFPE and SIGILL.
#pragma once
#include <csignal>
#include <cstddef>

namespace brio {

/// While it lives, each of them first calls `last`, once in a process, on the thread that dies, then takes
/// the course that it had before. Threads that die meanwhile wait. `last` may call only what is safe in a
/// signal handler. One at a time in a process.
class OnFatalSignal {
public:
    struct Death {
        int signal;
        const void* context;  // the ucontext_t of where it came
    };
    using Last = void (*)(const Death& death);

    explicit OnFatalSignal(Last last);
    ~OnFatalSignal();
    OnFatalSignal(const OnFatalSignal&) = delete;
    OnFatalSignal& operator=(const OnFatalSignal&) = delete;
};

/// A stack for signal handlers of the calling thread while it lives there, so that a stack that has
/// overflowed can say so. Does nothing where the thread has one.
class AlternateStack {
public:
    AlternateStack();
    ~AlternateStack();
    AlternateStack(const AlternateStack&) = delete;
    AlternateStack& operator=(const AlternateStack&) = delete;

private:
    void* memory_ = nullptr;
};

/// "SIGSEGV", …; of others "signal".
const char* name_of_signal(int signal) noexcept;

}  // namespace brio
