// What a supervisor does with its worker processes, as a pure state machine: so many are to be there, each in
// a place of its own.
//
// One that ends is started again: at once when it left by itself (recycled) or died for the first time, then
// after a delay that doubles up to `most_delay`; one that lived for `steady` clears the count. They never end
// the program, and the server process never waits for them. Where fewer are wanted, the one in the last place
// retires, and nobody follows it; where more are wanted again, they come in the free places first.
#pragma once
#include <chrono>
#include <optional>
#include <vector>

#include <brio/app/supervision.hpp>

namespace brio::app {

/// The exit status of a worker process that another is to take the place of: EX_TEMPFAIL of sysexits.h.
inline constexpr int status_of_recycled = 75;

struct WorkerBounds {
    std::size_t least = 0;
    std::size_t most = 0;
};

class WorkerSlots {
public:
    using Time = std::chrono::nanoseconds;
    using Action = app::Action;  // start, drain, retire and kill only

    explicit WorkerSlots(std::size_t count, SupervisionLimits limits = {})
        : WorkerSlots({.least = count, .most = count}, limits) {}
    /// The least at first.
    explicit WorkerSlots(WorkerBounds bounds, SupervisionLimits limits = {});

    /// What a supervisor that becomes another program takes along, by place.
    struct Kept {
        int pid = 0;            // 0: none is there
        bool is_wanted = true;  // one follows when it ends
        bool is_draining = false;
        bool is_retiring = false;
        unsigned deaths = 0;
        Time since{0};
    };
    std::vector<Kept> kept() const;

    // Events.
    void begin(Time now);
    /// In the place of begin(): the places may be others by now. Those over are drained and not filled again.
    void go_on(const std::vector<Kept>& kept, Time now);
    /// Of the start that was asked for first: its place, from 0 on, which the next one there has too.
    std::size_t starting() const noexcept;
    void started(int pid, Time now);
    /// The same: no process could be made. Counts as a death.
    void could_not_start(Time now);
    /// False when it is none of these.
    bool ended(int pid, Ended how, Time now);
    /// Each ends what it does and is followed by another, as after new settings; one that drains is not told
    /// again.
    void asked_to_restart();
    /// A second call kills.
    void asked_to_stop();
    /// So many from now on, of the most that there may be. Those that retire do not count.
    void want(std::size_t count, Time now);
    void tick(Time now);

    std::optional<Time> wake_at() const noexcept;
    std::vector<Action> take_actions();
    /// How many are there.
    std::size_t there() const noexcept;
    std::size_t wanted() const noexcept;
    /// Those that are there to stay.
    struct Present {
        std::size_t place = 0;
        int pid = 0;
    };
    std::vector<Present> present() const;
    /// None is there.
    bool are_gone() const noexcept;

private:
    struct Slot {
        int pid = 0;  // 0: none
        bool is_wanted = false;
        bool is_starting = false;
        bool is_draining = false;  // it was told so once: once more would end it
        bool is_retiring = false;
        unsigned deaths = 0;  // in a row
        Time since{0};
        std::optional<Time> start_at;
    };
    void drain(Slot& slot);
    void retire(Slot& slot);
    Slot& next_place();
    Slot& take_starting();
    void start_again(Slot& slot, bool died, Time now);

    SupervisionLimits limits_;
    std::size_t least_;
    std::size_t most_;  // places; the slots behind are left from before
    std::vector<Slot> slots_;
    std::vector<Action> actions_;
    bool is_stopping_ = false;
};

}  // namespace brio::app
