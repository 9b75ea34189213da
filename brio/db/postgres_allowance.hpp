// The connections that one process may have, and what they are for: one that keeps house, some that its loops
// share, the rest to be leased. How many there may be is ConnectionBound's to say; this carries it out.
// Internal.
//
// Any thread.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include <brio/db/postgres_room.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/runtime/limit.hpp>

namespace brio::db::postgres {

class Allowance {
public:
    static constexpr std::size_t least = 4;
    /// Connections of the server that all processes together leave to others.
    static constexpr std::size_t left_to_others = 5;

    /// `connections`: as many, the keeper's among them, while the server has them.
    explicit Allowance(std::size_t connections);

    /// One of the connections but the keeper's is taken for each that is open, or being opened.
    runtime::Limit& limit() noexcept { return limit_; }
    /// To be leased, at most.
    std::size_t leases() const;
    /// Called when that changes, with the lock held. To be set before anything else.
    void on_change(std::function<void(std::size_t leases)> told) { told_ = std::move(told); }

    // Shared connections.

    /// Sets up to so many aside for one more loop; gives how many there are for it.
    std::size_t set_aside(std::size_t wanted);
    /// Takes one of the limit too. False: leases have it, or there may be fewer than were set aside.
    bool try_open_shared() noexcept;
    void shared_closed() noexcept;
    bool has_too_many_shared() const noexcept { return shared_open_ > shared_most_; }

    // What the server says.

    /// `leased`: the most that were leased or waited for at a time since the last look.
    void look(std::chrono::nanoseconds now, const Room& room, std::size_t leased);
    void refused();

    /// db_connections_bound{by}, db_server_connections, db_server_connections_max,
    /// db_connections_refused_total, while they live.
    std::vector<metrics::Callback> gauges(metrics::Registry& registry);

private:
    std::size_t leases_now() const noexcept;  // with mutex_ held, as the next
    void apply();

    const std::size_t connections_;
    runtime::Limit limit_;
    std::function<void(std::size_t)> told_;
    std::atomic<std::size_t> shared_most_{0};
    std::atomic<std::size_t> shared_open_{0};
    std::atomic<std::uint64_t> refusals_{0};
    mutable std::mutex mutex_;
    std::size_t set_aside_ = 0;  // guarded by mutex_, as is all below
    ConnectionBound bound_;
    bool is_bounded_ = false;  // as the log has it
};

}  // namespace brio::db::postgres
