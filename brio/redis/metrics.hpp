// What all connections of a client share: their bounds and what is counted of them.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include <brio/metrics/registry.hpp>
#include <brio/redis/failure.hpp>
#include <brio/runtime/limit.hpp>

namespace brio::redis {

class Metrics {
public:
    explicit Metrics(metrics::Registry& registry);

    /// redis_commands_total{outcome}: ok, error, unavailable, timed_out, overloaded, abandoned (who asked
    /// left).
    enum class Outcome : std::uint8_t { ok, error, unavailable, timed_out, overloaded, abandoned };
    void count(Outcome outcome, std::uint64_t commands) noexcept {
        outcomes_[static_cast<std::size_t>(outcome)].add(registry_.here(), commands);
    }
    /// redis_command_duration_seconds: from the command's call to its answer.
    void took(std::uint64_t ns) noexcept { durations_.observe(registry_.here(), ns); }
    /// redis_errors_total{kind}: error replies.
    void error(ErrorKind kind) noexcept { errors_[static_cast<std::size_t>(kind)].add(registry_.here()); }
    /// redis_connections_opened_total
    void opened() noexcept { opened_.add(registry_.here()); }

private:
    metrics::Registry& registry_;
    std::array<metrics::Counter, 6> outcomes_;
    std::array<metrics::Counter, 17> errors_;
    metrics::Histogram durations_;
    metrics::Counter opened_;
};

struct SharedLimits {
    std::uint64_t in_flight = 16'384;               // commands that are not answered yet
    std::uint64_t queued_bytes = 64 * 1024 * 1024;  // of commands that are not sent yet
    const char* in_flight_name = "redis_in_flight";
    const char* queued_bytes_name = "redis_queued_bytes";
};

/// Outlives the connections that have it.
struct Shared {
    explicit Shared(SharedLimits limits = {}, metrics::Registry* registry = nullptr)
        : in_flight(limits.in_flight_name, limits.in_flight),
          queued_bytes(limits.queued_bytes_name, limits.queued_bytes) {
        if (registry != nullptr) {
            metrics.emplace(*registry);
        }
    }
    void count(Metrics::Outcome outcome, std::uint64_t commands = 1) noexcept {
        if (metrics) {
            metrics->count(outcome, commands);
        }
    }

    runtime::Limit in_flight;
    runtime::Limit queued_bytes;
    std::optional<Metrics> metrics;
};

}  // namespace brio::redis
