// The gauges of a server process beside those of its requests: its limits, its loops, its log, the process
// itself.
#pragma once
#include <string>
#include <vector>

#include <brio/base/line_sink.hpp>
#include <brio/metrics/process.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/runtime/limit.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::app {

/// limit_in_use{limit}, limit_max{limit}, limit_refused_total{limit} · loop_lag_seconds{loop} ·
/// log_lines_dropped_total · those of metrics/process.hpp. Ends before what it observes.
class Instruments {
public:
    Instruments(metrics::Registry& registry, std::string version);
    Instruments(const Instruments&) = delete;
    Instruments& operator=(const Instruments&) = delete;

    void observe(const runtime::Limits& limits);
    void observe(const runtime::Loop& loop, std::string_view name);
    void observe(const LineWriter& log);

private:
    metrics::Registry& registry_;
    metrics::ProcessCollector process_;
    std::vector<metrics::Callback> callbacks_;
};

}  // namespace brio::app
