// What stands before one route: counts its requests under way, times those that wait, and keeps the limit
// that follows from that (adaptive_limit.hpp).
//
// A slow dependency closes the gates of the routes that wait for it, and no others: each route is judged by
// its own requests. Their ledgers say what they wait for, which is the gate's cause. Where an important route
// waits, sheddable ones with the same cause give way.
//
// Any thread. A request that never waits only reads two atomics; one that waits takes a lock twice, 15 ns
// together (admission_bench).
#pragma once
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <brio/http/adaptive_limit.hpp>
#include <brio/ledger/ledger.hpp>

namespace brio::http {

/// Until when, in the loops' time, something important waits in a phase. Shared by the gates of a server.
struct Pressure {
    std::array<std::atomic<std::int64_t>, ledger::phase_count> until_ns{};
};

/// What is said of a gate.
struct GateState {
    std::uint64_t in_flight = 0;
    std::optional<std::uint64_t> limit;  // none: as many as come
    std::uint64_t refused = 0;           // in all
    std::uint64_t withdrawn = 0;         // in all: admitted, and refused when the limit came
    std::chrono::nanoseconds base{0};    // of a request that does not wait
    std::chrono::nanoseconds waited{0};  // above that, on average, in the last window
    double rate = 0;                     // ended a second, in the last window
    std::optional<ledger::Phase> cause;  // where most of their time goes
};

class Gate {
public:
    using Time = std::chrono::nanoseconds;
    static constexpr std::chrono::milliseconds window{20};  // at least, and of some requests
    static constexpr std::uint64_t window_requests = 4;
    static constexpr std::chrono::milliseconds longest_window{250};
    /// Phases in which a request may wait for something; the rest of its time is its own.
    static constexpr std::array causes{
        ledger::Phase::cache,   ledger::Phase::pool,     ledger::Phase::db,     ledger::Phase::offload,
        ledger::Phase::enqueue, ledger::Phase::outbound, ledger::Phase::handler};

    enum class End : std::uint8_t { well, failed, by_deadline, not_judged };
    struct Ended {
        Time began;
        Time now;
        End how = End::well;
        const ledger::Ledger& ledger;
    };

    /// `gives_way`: to what is more important and has the same cause.
    Gate(const LimitRules& rules, bool gives_way, Pressure& pressure)
        : rules_(rules),
          limit_(rules),
          gives_way_(gives_way),
          pressure_(pressure) {}
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    /// Whether one more may begin.
    bool admits() const noexcept {
        return in_flight_.load(std::memory_order_relaxed) < allowed_.load(std::memory_order_relaxed);
    }
    /// One was not let in.
    void refuse(Time now);
    /// One begins to wait; it leaves once.
    void enter(Time now);
    void leave(const Ended& ended);

    /// How many more are under way than should be: those that came before the limit did.
    std::uint64_t surplus() const noexcept;
    bool is_over() const noexcept {
        return in_flight_.load(std::memory_order_relaxed) > allowed_.load(std::memory_order_relaxed);
    }
    void count_withdrawn() noexcept { withdrawn_.fetch_add(1, std::memory_order_relaxed); }

    std::uint64_t in_flight() const noexcept { return in_flight_.load(std::memory_order_relaxed); }
    std::optional<ledger::Phase> cause() const noexcept;
    /// As it is now: what was long ago is not said any more.
    GateState state(Time now);
    const LimitRules& rules() const noexcept { return rules_; }

private:
    static constexpr std::uint8_t no_cause = ledger::phase_count;
    void close_window(Time now);
    bool is_due(Time now) const noexcept { return now.count() >= due_ns_.load(std::memory_order_relaxed); }
    std::uint8_t find_cause() const noexcept;

    const LimitRules rules_;
    std::atomic<std::uint64_t> in_flight_{0};
    std::atomic<std::uint64_t> allowed_{AdaptiveLimit::none};
    std::atomic<std::uint64_t> refused_{0};
    std::atomic<std::uint64_t> withdrawn_{0};
    std::atomic<std::int64_t> due_ns_{0};  // when the window is to be looked at
    std::atomic<std::uint8_t> cause_{no_cause};

    std::mutex mutex_;
    AdaptiveLimit limit_;  // guarded by mutex_, as all below
    const bool gives_way_;
    Pressure& pressure_;
    LimitWindow passing_;
    std::uint64_t refused_before_ = 0;
    std::array<Ticks, ledger::phase_count> phases_{};
    std::optional<Time> kept_since_;  // the limit
    Time waited_{0};
    double rate_ = 0;
};

}  // namespace brio::http
