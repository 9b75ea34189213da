// The metrics of requests: duration, phases, overruns, in flight, shed.
//
// http_request_duration_seconds{method,endpoint,status} · http_request_phase_seconds{endpoint,phase} and
// http_request_overrun_seconds{endpoint,phase} (sum and count; the latter of requests over their goal only) ·
// http_requests_in_flight · http_requests_shed_total{reason} · of answers that are streams, once they have
// ended for whatever reason: http_stream_seconds{endpoint} (sum and count),
// http_streams_ended_total{endpoint,reason}. The endpoint is a route's pattern, never a path; what matched no
// route is `unmatched_endpoint`, a method that HTTP does not define is OTHER.
#pragma once
#include <brio/ledger/ledger.hpp>
#include <brio/metrics/registry.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace brio::ledger {

inline constexpr std::string_view unmatched_endpoint = "unmatched";

enum class MethodLabel : std::uint8_t { get, head, post, put, patch, del, options, connect, trace, other };
inline constexpr std::size_t method_label_count = 10;

/// Methods are case-sensitive (RFC 9110, 9.1).
MethodLabel method_label(std::string_view method) noexcept;
std::string_view name(MethodLabel method) noexcept;

class RequestMetrics;

/// An answer that was a stream, ended.
struct StreamRecord {
    std::string_view endpoint;
    std::string_view reason;
    std::chrono::nanoseconds time{0};
};

/// What one request adds.
struct RequestRecord {
    MethodLabel method = MethodLabel::other;
    std::uint16_t status = 0;  // 100 to 599; 499 when the client went away
    std::chrono::nanoseconds goal{0};
    metrics::TraceId trace{};  // zero: none
};

/// The metrics of one route, made when the route is registered. Any number of threads, each with its shard.
class RouteMetrics {
public:
    RouteMetrics(RequestMetrics& metrics, std::string_view pattern);
    RouteMetrics(const RouteMetrics&) = delete;
    RouteMetrics& operator=(const RouteMetrics&) = delete;

    /// Records a finished ledger. Cost: 20 ns with seven phases (ledger_bench); the first of a method and
    /// status takes a lock.
    void record(metrics::Shard& shard, const RequestRecord& request, const Ledger& ledger) noexcept;

    std::string_view pattern() const noexcept { return pattern_; }

private:
    struct Slot {
        std::atomic<bool> made{false};
        metrics::Histogram histogram;
    };
    metrics::Histogram duration(MethodLabel method, std::uint16_t status);

    RequestMetrics& metrics_;
    const std::string pattern_;
    std::array<metrics::Summary, request_phase_count> phases_;
    std::array<metrics::Summary, request_phase_count> overruns_;
    // One row of slots a method, made when the method is first seen.
    std::array<std::atomic<Slot*>, method_label_count> slots_{};
    std::array<std::unique_ptr<Slot[]>, method_label_count> owned_slots_;
    std::mutex mutex_;
};

/// The families, once a program. Outlives its routes.
class RequestMetrics {
public:
    struct Options {
        std::uint32_t most_duration_series = 5000;
        bool exemplars = false;
    };
    explicit RequestMetrics(metrics::Registry& registry) : RequestMetrics(registry, Options{}) {}
    RequestMetrics(metrics::Registry& registry, Options options);

    std::unique_ptr<RouteMetrics> route(std::string_view pattern) {
        return std::make_unique<RouteMetrics>(*this, pattern);
    }

    metrics::Level in_flight() const noexcept { return in_flight_; }
    /// A cause is a word of the program's own, as `in_flight_limit`; keep the handle.
    metrics::Counter shed(std::string_view reason) { return shed_.with({reason}); }
    /// Looks its series up, which takes a lock: streams end seldom.
    void stream_ended(metrics::Shard& shard, const StreamRecord& stream) noexcept;

private:
    friend class RouteMetrics;
    metrics::Family<metrics::Histogram> durations_;
    metrics::Family<metrics::Summary> phases_;
    metrics::Family<metrics::Summary> overruns_;
    metrics::Family<metrics::Counter> shed_;
    metrics::Family<metrics::Summary> streams_;
    metrics::Family<metrics::Counter> streams_ended_;
    metrics::Level in_flight_;
};

}  // namespace brio::ledger
