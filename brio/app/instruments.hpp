// The gauges of a server process beside those of its requests: its limits, its log, the process
// itself.
#pragma once
#include <string>
#include <vector>

#include <brio/base/line_sink.hpp>
#include <brio/http/server.hpp>
#include <brio/metrics/process.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/runtime/limit.hpp>

namespace brio::app {

/// limit_in_use{limit}, limit_max{limit}, limit_refused_total{limit} ·
/// log_lines_dropped_total · those of metrics/process.hpp. Ends before what it observes.
class Instruments {
public:
    /// Where somebody else reads the process every few seconds, `period` is longer than that.
    Instruments(metrics::Registry& registry, std::string version,
                std::chrono::nanoseconds period = std::chrono::seconds(5));
    Instruments(const Instruments&) = delete;
    Instruments& operator=(const Instruments&) = delete;

    void observe(const runtime::Limits& limits);
    void observe(const LineWriter& log);
    /// Of its routes: http_admission_in_flight, http_admission_limit (0: none), http_admission_wait_seconds,
    /// http_admission_refused_total{method,endpoint,importance}.
    void observe(const http::Server& server);
    metrics::ProcessCollector& process() noexcept { return process_; }

private:
    metrics::Registry& registry_;
    metrics::ProcessCollector process_;
    std::vector<metrics::Callback> callbacks_;
};

}  // namespace brio::app
