// What a supervisor does with its server processes, as a pure state machine: events come in, actions come
// out.
//
// One process serves. When it ends unasked it is started again: at once, and after repeated deaths with a
// delay that doubles up to `most_delay`; a process that served for `steady` clears the count. A restart on
// request starts the next process first and drains the old one when the next is ready. A process that exits
// before any was ever ready ends the program with its status, as a setting that cannot work; so does the
// `first_tries`-th that was killed before.
#pragma once
#include <chrono>
#include <optional>
#include <vector>

namespace brio::app {

struct SupervisionLimits {
    std::chrono::nanoseconds first_delay = std::chrono::milliseconds(50);
    std::chrono::nanoseconds most_delay = std::chrono::seconds(1);
    std::chrono::nanoseconds steady = std::chrono::seconds(10);
    unsigned first_tries = 4;
};

struct Action {
    enum class Kind : unsigned char {
        start,            // a process; then started()
        drain,            // SIGTERM to `pid`
        kill,             // SIGKILL to `pid`
        close_listeners,  // the supervisor's own: nobody will serve what connects from now on
        exit,             // with `status`
    };
    Kind kind;
    int pid = 0;
    int status = 0;

    friend bool operator==(const Action&, const Action&) = default;
};

/// How a process ended.
struct Ended {
    bool by_signal = false;
    int code = 0;  // exit status or signal
};

class Supervision {
public:
    using Time = std::chrono::nanoseconds;

    explicit Supervision(SupervisionLimits limits = {}) noexcept : limits_(limits) {}

    // Events. Those of processes that are not known are ignored.
    void begin();
    void started(int pid);
    void ready(int pid, Time now);
    void ended(int pid, Ended how, Time now);
    void asked_to_restart();
    /// A second call ends all at once.
    void asked_to_stop();
    /// Time has come to what wake_at() said, or later.
    void tick(Time now);

    /// When tick() is next needed.
    std::optional<Time> wake_at() const noexcept { return start_at_; }
    /// What is to be done, in order, since the last call.
    std::vector<Action> take_actions();
    bool is_stopping() const noexcept { return stopping_; }

private:
    enum class State : unsigned char { starting, serving, draining };
    struct Process {
        int pid;
        State state;
        Time since;  // of being ready
    };
    bool has(State state) const noexcept;
    void ended_unasked(const Process& process, Ended how, Time now);
    void finish_stop();

    SupervisionLimits limits_;
    std::vector<Process> processes_;
    std::vector<Action> actions_;
    std::optional<Time> start_at_;
    unsigned deaths_ = 0;  // in a row
    bool start_asked_ = false;
    bool restart_again_ = false;  // asked for while one was starting
    bool ever_ready_ = false;
    bool stopping_ = false;
    bool failed_ = false;
};

}  // namespace brio::app
