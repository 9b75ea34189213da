// What a worker that dies of itself says before it ends: by which signal, with which tasks, and where it was.
// On stderr, and in a file that the next worker of the same program on the same machine reads, so that the
// broker learns what brought the process down.
#pragma once
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/base/call_stack.hpp>
#include <brio/base/fatal_signals.hpp>
#include <brio/tasks/broker.hpp>
#include <brio/tasks/running_notes.hpp>

namespace brio::tasks {

/// Writes them while it lives, when a fatal signal comes. One at a time in a process.
class LastWords {
public:
    /// `folder` is made when it is needed, for this user alone. Where it cannot be, or is another's, only
    /// stderr is left.
    LastWords(const RunningNotes& notes, std::string folder);
    ~LastWords();
    LastWords(const LastWords&) = delete;
    LastWords& operator=(const LastWords&) = delete;

    /// The process is about to be ended because of the task that has this id.
    void say_of(std::string_view id, std::string_view why) const noexcept;

private:
    void on_signal(const OnFatalSignal::Death& death) const noexcept;
    int begin() const noexcept;
    void finish(int file) const noexcept;

    const RunningNotes& notes_;
    const CallStack stack_;
    const std::string folder_;
    const std::string whole_;
    const std::string part_;  // while it is written
    OnFatalSignal signals_;
};

/// What one process has left.
struct Farewell {
    std::string file;
    /// "its worker died by SIGSEGV, with 2 other tasks", and a line a frame.
    std::string words;
    std::vector<Held> tasks;  // those of the thread that died; all, if that had none
};
/// Of the processes that died before, not yet forgotten. At most `most`; reads symbols of programs: not on a
/// loop that is in a hurry.
std::vector<Farewell> read_farewells(const std::string& folder, std::size_t most = 16);
void forget(const Farewell& farewell) noexcept;

/// The farewell in the text of such a file, written then; none: it is no such text. Pure but for the names of
/// functions.
std::optional<Farewell> parse_farewell(std::string_view text, std::time_t written);

}  // namespace brio::tasks
