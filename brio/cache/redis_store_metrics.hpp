// What is counted of the cache's Redis.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include <brio/metrics/registry.hpp>

namespace brio::cache {

/// What a look-up came to; everything but a hit is a miss.
enum class RedisLookup : std::uint8_t {
    hit,
    absent,
    unavailable,  // Redis is down, or left alone because it failed
    timed_out,
    overloaded,   // too many commands under way
    error,        // Redis refused
    undecodable,  // it was none of our values
    expired,
    outdated,   // a table that it was made from has moved since
    cleared,    // by its tag, its label or with all
    unknown,    // of a table that this process has not read yet
    unsettled,  // a commit to one of its tables is under way, or those of others are not heard of
};
inline constexpr std::size_t redis_lookup_count = 12;
std::string_view name_of(RedisLookup result) noexcept;

enum class RedisPut : std::uint8_t { sent, too_large, unstamped, foreign, unavailable };

class RedisStoreMetrics {
public:
    explicit RedisStoreMetrics(metrics::Registry& registry);

    /// cache_redis_lookups_total{result}
    void looked_up(RedisLookup result) noexcept {
        lookups_[static_cast<std::size_t>(result)].add(registry_.here());
    }
    /// cache_redis_puts_total{outcome}
    void put(RedisPut outcome) noexcept { puts_[static_cast<std::size_t>(outcome)].add(registry_.here()); }
    /// cache_undecodable_total{reason}
    void undecodable(std::string_view reason) { undecodable_.with({reason}).add(registry_.here()); }

private:
    metrics::Registry& registry_;
    std::array<metrics::Counter, redis_lookup_count> lookups_;
    std::array<metrics::Counter, 5> puts_;
    metrics::Family<metrics::Counter> undecodable_;
};

}  // namespace brio::cache
