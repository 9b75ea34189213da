#include <brio/cache/redis_store_metrics.hpp>

namespace brio::cache {

std::string_view name_of(RedisLookup result) noexcept {
    constexpr std::array<std::string_view, redis_lookup_count> names{
        "hit",         "absent",  "unavailable", "timed_out", "overloaded", "error",
        "undecodable", "expired", "outdated",    "cleared",   "unknown",    "unsettled"};
    return names[static_cast<std::size_t>(result)];
}

RedisStoreMetrics::RedisStoreMetrics(metrics::Registry& registry)
    : registry_(registry),
      undecodable_(registry.counter({.name = "cache_undecodable_total",
                                     .help = "Values under keys of the cache that are none of its own",
                                     .labels = {"reason"},
                                     .most_series = 16})) {
    const auto lookups = registry.counter({.name = "cache_redis_lookups_total",
                                           .help = "Look-ups in Redis by what they came to",
                                           .labels = {"result"},
                                           .most_series = redis_lookup_count});
    for (std::size_t result = 0; result < lookups_.size(); ++result) {
        lookups_[result] = lookups.with({name_of(static_cast<RedisLookup>(result))});
    }
    const auto puts = registry.counter({.name = "cache_redis_puts_total",
                                        .help = "Values for Redis by what became of them",
                                        .labels = {"outcome"},
                                        .most_series = 5});
    puts_ = {puts.with({"sent"}), puts.with({"too_large"}), puts.with({"unstamped"}), puts.with({"foreign"}),
             puts.with({"unavailable"})};
}

}  // namespace brio::cache
