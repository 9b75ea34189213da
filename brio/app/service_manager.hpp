// What the service manager is told of a program that it started: sd_notify(3), as systemd has it with
// Type=notify, over a datagram socket that NOTIFY_SOCKET names (a path, or abstract with a leading "@").
//
// Without that variable nobody is told, at no cost. The process that was started tells, so NotifyAccess=main
// is enough; those that it starts do not see the variables.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <brio/app/server_news.hpp>

namespace brio::app {

/// Where to, and how often it wants to hear that all is well.
struct ServiceManagerAddress {
    std::string socket = {};                // empty: nobody
    std::chrono::microseconds watchdog{0};  // 0: it does not want to hear
};
/// Of NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, which are taken out of the environment.
ServiceManagerAddress take_service_manager();

/// Tells it. For one thread.
class ServiceManager {
public:
    explicit ServiceManager(ServiceManagerAddress address) : address_(std::move(address)) {}
    bool is_there() const noexcept { return !address_.socket.empty(); }
    /// Lines of NAME=value. That it cannot be told is said in the log once, and stops nothing. Waits at most
    /// a second for a manager that does not read. Empty lines: nothing is told.
    void tell(std::string_view lines) noexcept;
    const ServiceManagerAddress& address() const noexcept { return address_; }

private:
    ServiceManagerAddress address_;
    bool has_complained_ = false;
};

/// "2 processes, 1,240 requests/s, all goals kept"
std::string words_of(std::size_t processes, const ServerFigures& figures);

/// What it is told, and when, as a pure state machine: events give the lines that are to be told, maybe none.
///
/// READY=1 when a server process answers for the first time, RELOADING=1 and again READY=1 around a restart,
/// STOPPING=1; STATUS, at most every `status_every`; WATCHDOG=1 three times in the watchdog's time, unless
/// the server process has not told of itself for half of it, or has a thread that has not come round for as
/// long. While none serves, as when one is started again, it is well: the supervisor looks after it.
class ServiceNotices {
public:
    using Time = std::chrono::nanoseconds;
    static constexpr std::chrono::seconds status_every{10};

    explicit ServiceNotices(std::chrono::microseconds watchdog) noexcept : watchdog_(watchdog) {}

    /// How often a server process is to tell of itself.
    Time told_every() const noexcept;

    // Events.
    std::string ready(Time now);
    std::string reloading(Time now);
    /// `failure`: why all is as before; empty: it is done.
    std::string reloaded(std::string_view failure, Time now);
    /// That takes at most `most`.
    std::string stopping(Time most);
    /// Of the process that serves: a thread of it has not come round for so long.
    void heard(Time stuck, Time now);
    /// `words`: how it is, with a process that `serves`.
    std::string tick(std::string_view words, bool serves, Time now);
    std::optional<Time> wake_at() const noexcept;

    /// Why there is no WATCHDOG=1; empty: all is well.
    std::string_view complaint() const noexcept { return complaint_; }

private:
    std::string_view judge(bool serves, Time now);

    const Time watchdog_;
    bool is_ready_ = false;
    bool is_stopping_ = false;
    bool served_ = false;
    Time stuck_{0};
    Time heard_at_{0};
    std::optional<Time> beat_at_;
    std::optional<Time> status_at_;
    std::string status_;  // told last
    std::string_view complaint_;
};

}  // namespace brio::app
