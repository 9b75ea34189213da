#include <brio/bench/system_calls.hpp>

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>
#include <vector>

#include <brio/base/text.hpp>

namespace brio::bench {

namespace {

// close() of descriptors that nobody has.
constexpr long begin_mark = -20'001;
constexpr long end_mark = -20'002;

class Watching {
public:
    Watching(pid_t process, bool but_main) : process_(process), but_main_(but_main) {}
    ~Watching() { let_go(); }

    /// Of all its threads. 0, or what the kernel said.
    int seize() {
        for (bool is_new = true; is_new;) {  // a thread may have begun meanwhile
            is_new = false;
            std::error_code gone;
            for (auto const& entry : std::filesystem::directory_iterator(
                     concat({"/proc/", integer_text(process_), "/task"}), gone)) {
                auto const name = entry.path().filename().string();
                pid_t thread = 0;
                std::from_chars(name.data(), name.data() + name.size(), thread);
                if (threads_.contains(thread)) {
                    continue;
                }
                if (::ptrace(PTRACE_SEIZE, thread, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE) !=
                    0) {
                    if (errno == ESRCH) {
                        continue;
                    }
                    return errno;
                }
                is_new = true;
                threads_.insert(thread);
                ::ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr);
            }
        }
        return 0;
    }

    /// Until the end mark. Empty, or why it did not come to that.
    std::string run() {
        for (;;) {
            int status = 0;
            auto const thread = ::waitpid(-1, &status, __WALL);
            if (thread < 0) {
                return "the process ended";
            }
            if (WIFEXITED(status) || WIFSIGNALED(status)) {
                threads_.erase(thread);
                if (thread == process_) {
                    return "the process ended";
                }
                continue;
            }
            threads_.insert(thread);
            auto signal = WSTOPSIG(status);
            if (signal == (SIGTRAP | 0x80)) {
                auto const noted = note(thread);
                if (noted != Noted::goes_on) {
                    stopped_ = thread;
                    return noted == Noted::is_end ? "" : "ptrace does not tell which system call it is";
                }
                signal = 0;
            } else if (status >> 16 != 0 || signal == SIGTRAP || signal == SIGSTOP) {
                signal = 0;  // it was interrupted, or is new
            }
            ::ptrace(PTRACE_SYSCALL, thread, nullptr, signal);
        }
    }

    /// Of the usual piece; none without any.
    std::optional<std::uint64_t> usual() {
        auto const middle = counts_.begin() + static_cast<std::ptrdiff_t>(counts_.size() / 2);
        std::ranges::nth_element(counts_, middle);
        return counts_.empty() ? std::nullopt : std::optional(*middle);
    }

private:
    enum class Noted : std::uint8_t { goes_on, is_end, is_untold };

    /// A thread begins or ends a call.
    Noted note(pid_t thread) {
        __ptrace_syscall_info info{};
        if (::ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) < 0 && errno != ESRCH) {
            return Noted::is_untold;  // of Linux since 5.3
        }
        if (info.op != PTRACE_SYSCALL_INFO_ENTRY) {
            return Noted::goes_on;
        }
        auto const of = static_cast<int>(info.entry.args[0]);
        if (info.entry.nr == SYS_close && of == begin_mark) {
            counts_.push_back(0);
        } else if (info.entry.nr == SYS_close && of == end_mark) {
            return Noted::is_end;
        } else if (!counts_.empty() && !(but_main_ && thread == process_)) {
            ++counts_.back();
        }
        return Noted::goes_on;
    }

    void let_go() {
        for (auto const thread : threads_) {
            if (thread != stopped_) {
                ::ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr);
                int status = 0;
                if (::waitpid(thread, &status, __WALL) != thread || !WIFSTOPPED(status)) {
                    continue;
                }
            }
            ::ptrace(PTRACE_DETACH, thread, nullptr, nullptr);
        }
    }

    const pid_t process_;
    const bool but_main_;
    std::set<pid_t> threads_;
    std::vector<std::uint64_t> counts_;  // a piece each
    pid_t stopped_ = 0;
};

}  // namespace

void mark_begin() noexcept { ::close(begin_mark); }
void mark_end() noexcept { ::close(end_mark); }

std::expected<std::uint64_t, std::string> count_system_calls(pid_t child, bool but_main,
                                                             const std::function<void()>& begin) {
    Watching watching(child, but_main);
    if (auto const error = watching.seize(); error != 0) {
        return std::unexpected(concat({"ptrace: ", std::strerror(error)}));
    }
    begin();
    if (auto const fault = watching.run(); !fault.empty()) {
        return std::unexpected(fault);
    }
    auto const count = watching.usual();
    if (!count) {
        return std::unexpected("nothing was marked");
    }
    return *count;
}

}  // namespace brio::bench
