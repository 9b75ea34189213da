// What a worker of a Locust master does next: a state machine apart from sockets, clocks and users. It is
// told what the master ordered, what became of the connection and of the users, and the time; it gives what
// is to be done, in order.
//
//     wait for a connection -> Ready -> Ack -> Spawn: users run -> Stop: users end, Ready -> … -> Quit
//
// Beyond Locust's own worker: users stop when no master asks for them any more, so that no load goes on of
// which nobody knows: it is gone for more than `longest_absence`, or back and has asked for none since.
// Whether one that is back is the same cannot be seen, so it is told that the worker is ready: the same deals
// the users out anew, and they go on. What was counted by users that are stopped is lost.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <brio/load/locust_message.hpp>

namespace brio::load::locust {

/// To be told to the master.
struct Tell {
    Told told;
    friend bool operator==(const Tell&, const Tell&) = default;
};
/// Stats of all that was counted since the last time are to be told.
struct Report {
    UserCounts users;
    friend bool operator==(const Report&, const Report&) = default;
};
/// So many users of each class are to run. What was counted before is dropped with `is_new`: another test
/// begins. To be answered with users_run() or users_failed().
struct SetUsers {
    UserCounts users;
    std::string host;
    bool is_new = false;
    friend bool operator==(const SetUsers&, const SetUsers&) = default;
};
/// All users are to end, at latest when `patience` is over; it may come again with less of it. To be answered
/// with one users_ended().
struct Halt {
    std::chrono::milliseconds patience{};
    friend bool operator==(const Halt&, const Halt&) = default;
};
/// A new connection, with the same id.
struct Reopen {
    friend bool operator==(const Reopen&, const Reopen&) = default;
};
/// Something to be said in the worker's own log.
struct Say {
    bool is_warning = false;
    std::string words;
    friend bool operator==(const Say&, const Say&) = default;
};
/// The worker's work is over.
struct End {
    bool is_well = true;
    friend bool operator==(const End&, const End&) = default;
};
using Act = std::variant<Tell, Report, SetUsers, Halt, Reopen, Say, End>;
using Acts = std::vector<Act>;

/// How busy the worker is.
struct Vitals {
    double cpu_percent = 0;  // of what its threads can use
    std::uint64_t memory_bytes = 0;
};

class Worker {
public:
    using Time = std::chrono::nanoseconds;  // of the monotonic clock
    static constexpr Time heartbeat_every = std::chrono::seconds(1);
    static constexpr Time report_every = std::chrono::seconds(3);
    static constexpr Time ready_every = std::chrono::seconds(5);      // until a master has taken it
    static constexpr Time longest_wait = std::chrono::minutes(5);     // for a master
    static constexpr Time longest_absence = std::chrono::seconds(1);  // of a master, while users run
    /// With users that are to end, whatever the master's --stop-timeout (0 without): what they have sent is
    /// answered and counted. At a Stop the master waits for a minute; at a Quit for half a second.
    static constexpr std::chrono::milliseconds patience_at_stop{2'000};
    static constexpr std::chrono::milliseconds patience_at_end{200};
    static constexpr std::chrono::milliseconds longest_patience = std::chrono::minutes(10);

    /// `classes` are those it has; none: it takes users of any name for its own.
    Worker(std::set<std::string> classes, Time now);

    Acts connected(Time now);
    Acts disconnected(Time now);
    Acts ordered(const Order& order, Time now);
    /// To be called at each heartbeat_every, or more often.
    Acts tick(Time now, Vitals vitals);
    /// The users that were asked run.
    Acts users_run();
    /// They do not, and why.
    Acts users_failed(std::string why);
    /// None runs any more.
    Acts users_ended(Time now);
    /// The person at the worker wants it to end.
    Acts interrupted();

    bool is_over() const noexcept { return is_over_; }
    State state() const noexcept { return state_; }

private:
    enum class Halting : std::uint8_t { no, for_stop, for_quit, for_absence };

    void order(const Ack& ack, Time now, Acts& acts);
    void order(const Spawn& spawn, Time now, Acts& acts);
    void order(const Stop& stop, Time now, Acts& acts);
    void order(const Quit& quit, Time now, Acts& acts);
    void order(const Reconnect& reconnect, Time now, Acts& acts);
    void order(const Other& other, Time now, Acts& acts);
    UserCounts known(const UserCounts& asked, Acts& acts);
    void halt(Halting why, std::chrono::milliseconds patience, Acts& acts);
    void await_master(Time now) noexcept;
    void tell_ready(Time now, Acts& acts);
    void look_for_master(Time now, Acts& acts);

    std::set<std::string> classes_;
    std::set<std::string> unknown_;  // said already in this test
    State state_ = State::ready;
    Halting halting_ = Halting::no;
    std::optional<Spawn> waiting_;  // came while users were ending
    UserCounts users_;              // that run, or will in a moment
    double last_spawn_ = 0;
    std::chrono::milliseconds patience_{};
    bool is_connected_ = false;
    bool is_reopening_ = false;  // as the master has asked, who knows it then
    bool was_taken_ = false;     // by the master that is there now
    bool is_over_ = false;
    Time awaits_since_;
    std::optional<Time> away_since_;  // the connection, or a master's order behind a new one
    Time next_ready_{};
    Time next_heartbeat_{};
    Time next_report_{};
};

}  // namespace brio::load::locust
