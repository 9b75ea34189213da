// What a supervisor does with its server processes, as a pure state machine: events come in, actions come
// out.
//
// One process serves. When it ends unasked it is started again: at once, and after repeated deaths with a
// delay that doubles up to `most_delay`; a process that served for `steady` clears the count. A restart on
// request starts the next process first, from the program's file; when that one is ready, the old one is
// retired and the supervisor becomes the program of that file too. One that ends before that, or is not ready
// within `start_time`, is given up, and the old one goes on. A process that exits before any was ever ready
// ends the program with its status, as a setting that cannot work; so does the `first_tries`-th that was
// killed before. A stop drains at once, and closes the listeners after `stop_wait`.
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
    std::chrono::nanoseconds start_time = std::chrono::seconds(60);  // of a restart
    std::chrono::nanoseconds stop_wait{0};
};

struct Action {
    enum class Kind : unsigned char {
        start,            // a process; then started()
        start_anew,       // the same, from the program's file
        become_anew,      // what that file is: the process that was started so is ready
        restart_failed,   // it never will be: the one before goes on
        retire,           // `pid`: a server process that another follows on the same sockets; a worker that
                          // nobody follows, which ends what it has begun, whatever that takes
        drain,            // `pid`, which no other follows
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

    /// What a supervisor that becomes another program takes along, when none is starting.
    struct Kept {
        struct Server {
            int pid;
            bool is_serving;  // else it drains
            Time since;
        };
        std::vector<Server> servers;
        unsigned deaths = 0;
        bool restarts_again = false;
    };
    Kept kept() const;

    // Events. Those of processes that are not known are ignored.
    void begin();
    /// In the place of begin().
    void go_on(const Kept& kept, Time now);
    /// -1: it could not be made, and ended() follows.
    void started(int pid);
    void ready(int pid, Time now);
    /// False when it is none of these.
    bool ended(int pid, Ended how, Time now);
    void asked_to_restart(Time now);
    /// After become_anew: this is the program that it was.
    void stayed(Time now);
    /// A second call ends all at once.
    void asked_to_stop(Time now);
    /// Time has come to what wake_at() said, or later.
    void tick(Time now);

    /// When tick() is next needed.
    std::optional<Time> wake_at() const noexcept;
    /// What is to be done, in order, since the last call.
    std::vector<Action> take_actions();
    bool is_stopping() const noexcept { return stopping_; }
    /// Whether that process answers requests and is to go on.
    bool is_serving(int pid) const noexcept;
    /// Whether any does.
    bool is_serving() const noexcept { return has(State::serving); }

private:
    enum class State : unsigned char { starting, serving, draining };
    struct Process {
        int pid;
        State state;
        Time since;                           // of being ready
        bool is_anew = false;                 // of a restart
        bool is_ready = false;                // or was
        std::optional<Time> give_up_at = {};  // when it is not ready by then
    };
    bool has(State state) const noexcept;
    void start_anew(Time now);
    void ended_unasked(const Process& process, Ended how, Time now);
    void start_again(const Process& process, Time now);
    void close_listeners();
    void finish_stop();

    SupervisionLimits limits_;
    std::vector<Process> processes_;
    std::vector<Action> actions_;
    std::optional<Time> start_at_;
    std::optional<Time> anew_since_;  // the start that was asked for last is of a restart
    std::optional<Time> close_at_;    // the listeners
    unsigned deaths_ = 0;             // in a row
    bool start_asked_ = false;
    bool restart_again_ = false;  // asked for while one was starting
    bool ever_ready_ = false;
    bool stopping_ = false;
    bool failed_ = false;
};

}  // namespace brio::app
