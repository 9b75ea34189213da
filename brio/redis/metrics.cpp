#include <brio/redis/metrics.hpp>

namespace brio::redis {

Metrics::Metrics(metrics::Registry& registry) : registry_(registry) {
    const auto outcomes = registry.counter({.name = "redis_commands_total",
                                            .help = "Commands to Redis by what became of them",
                                            .labels = {"outcome"},
                                            .most_series = 6});
    outcomes_ = {outcomes.with({"ok"}),        outcomes.with({"error"}),      outcomes.with({"unavailable"}),
                 outcomes.with({"timed_out"}), outcomes.with({"overloaded"}), outcomes.with({"abandoned"})};
    const auto errors = registry.counter({.name = "redis_errors_total",
                                          .help = "Error replies of Redis",
                                          .labels = {"kind"},
                                          .most_series = 17,
                                          .hide_unused = true});
    for (std::size_t kind = 0; kind < errors_.size(); ++kind) {
        errors_[kind] = errors.with({words_of(static_cast<ErrorKind>(kind))});
    }
    durations_ = registry
                     .histogram({.name = "redis_command_duration_seconds",
                                 .help = "Time from a command's call to its answer"})
                     .with({});
    opened_ =
        registry.counter({.name = "redis_connections_opened_total", .help = "Connections made to Redis"})
            .with({});
}

}  // namespace brio::redis
