// What a pool says of itself.
#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>
#include <brio/db/postgres_pool.hpp>

namespace brio::db::postgres {

Occupancy Pool::occupancy() const {
    const std::scoped_lock lock(mutex_);
    return {.idle = idle_.size(), .in_use = open_ - idle_.size(), .waiting = queue_.size(), .most = most_};
}

std::string Pool::holders() const {
    std::vector<Holder> now;
    const std::scoped_lock lock(mutex_);
    for (const HolderEntry& each : holders_) {
        const auto* statement = each.statement.load(std::memory_order_relaxed);
        now.push_back({each.name, each.since, statement != nullptr ? statement->name() : ""});
    }
    return describe_holders(std::move(now), most_, monotonic_now());
}

PoolTrouble Pool::trouble() const {
    auto away = connector_.trouble();
    const std::scoped_lock lock(mutex_);
    return {.words = reported_holders_, .at = reported_, .away = std::move(away)};
}

void Pool::report_wait(std::chrono::nanoseconds waited) {
    std::size_t waiting = 0;
    {
        const std::scoped_lock lock(mutex_);
        const auto now = monotonic_now();
        if (opening_ > 0 && holders_.size() < most_) {
            return;  // nobody has the one that it waits for: it is being opened
        }
        if (reported_ != std::chrono::nanoseconds{} && now - reported_ < options_.report_every) {
            return;
        }
        reported_ = now;
        waiting = queue_.size();
    }
    auto held_by = holders();
    log_warning("waiting for a database connection",
                {{"waited", seconds_text(waited)}, {"waiting", waiting}, {"holders", held_by}});
    const std::scoped_lock lock(mutex_);
    reported_holders_ = std::move(held_by);
}

}  // namespace brio::db::postgres
