#include <brio/ledger/request_metrics.hpp>

#include <algorithm>

namespace brio::ledger {

namespace {

constexpr std::array<std::string_view, method_label_count> method_names{
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "OTHER"};

/// Statuses that have a slot of their own in a route's row; others are looked up each time.
constexpr std::uint16_t known_statuses[] = {
    100, 101, 103, 200, 201, 202, 203, 204, 205, 206, 207, 300, 301, 302, 303, 304, 307, 308, 400,
    401, 402, 403, 404, 405, 406, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422,
    423, 425, 426, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 505, 507, 508, 511};
constexpr std::uint8_t no_slot = 0xff;
constexpr auto slot_of_status = [] {
    std::array<std::uint8_t, 600> slots{};
    slots.fill(no_slot);
    std::uint8_t next = 0;
    for (const std::uint16_t status : known_statuses) {
        slots[status] = next++;
    }
    return slots;
}();

}  // namespace

MethodLabel method_label(std::string_view method) noexcept {
    const auto at = std::find(method_names.begin(), method_names.end() - 1, method);
    return static_cast<MethodLabel>(at - method_names.begin());
}
std::string_view name(MethodLabel method) noexcept { return method_names[static_cast<std::size_t>(method)]; }

RequestMetrics::RequestMetrics(metrics::Registry& registry, Options options)
    : durations_(registry.histogram({.name = "http_request_duration_seconds",
                                     .help = "Time from a request's first byte to its answer's last.",
                                     .labels = {"method", "endpoint", "status"},
                                     .most_series = options.most_duration_series,
                                     .exemplars = options.exemplars})),
      phases_(registry.summary(
          {.name = "http_request_phase_seconds",
           .help = "Time that requests spent in each phase; the phases add up to the duration.",
           .labels = {"endpoint", "phase"},
           .most_series = options.most_duration_series * 4,
           .hide_unused = true})),
      overruns_(registry.summary({.name = "http_request_overrun_seconds",
                                  .help = "The same of those requests only that missed their goal.",
                                  .labels = {"endpoint", "phase"},
                                  .most_series = options.most_duration_series * 4,
                                  .hide_unused = true})),
      shed_(
          registry.counter({.name = "http_requests_shed_total",
                            .help = "Requests answered without work because the program had too much of it.",
                            .labels = {"reason"},
                            .most_series = 50})),
      streams_(registry.summary({.name = "http_stream_seconds",
                                 .help = "Time from a stream's head to its end.",
                                 .labels = {"endpoint"},
                                 .most_series = options.most_duration_series})),
      streams_ended_(registry.counter({.name = "http_streams_ended_total",
                                       .help = "Answers that were streams, by what ended them.",
                                       .labels = {"endpoint", "reason"},
                                       .most_series = options.most_duration_series})),
      in_flight_(
          registry.level({.name = "http_requests_in_flight", .help = "Requests begun and not answered."})
              .with({})) {}

void RequestMetrics::stream_ended(metrics::Shard& shard, const StreamRecord& stream) noexcept {
    streams_.with({stream.endpoint})
        .observe(shard, static_cast<std::uint64_t>(std::max<std::int64_t>(stream.time.count(), 0)));
    streams_ended_.with({stream.endpoint, stream.reason}).add(shard);
}

RouteMetrics::RouteMetrics(RequestMetrics& metrics, std::string_view pattern)
    : metrics_(metrics),
      pattern_(pattern) {
    for (std::size_t i = 0; i < request_phase_count; ++i) {
        phases_[i] = metrics.phases_.with({pattern_, phase_names[i]});
        overruns_[i] = metrics.overruns_.with({pattern_, phase_names[i]});
    }
}

metrics::Histogram RouteMetrics::duration(MethodLabel method, std::uint16_t status) {
    const auto make = [&] {
        const char digits[] = {static_cast<char>('0' + status / 100),
                               static_cast<char>('0' + status / 10 % 10),
                               static_cast<char>('0' + status % 10)};
        return metrics_.durations_.with({name(method), pattern_, std::string_view(digits, 3)});
    };
    const std::size_t slot = slot_of_status[status];
    if (slot == no_slot) {
        return make();
    }
    const auto row_at = static_cast<std::size_t>(method);
    Slot* row = slots_[row_at].load(std::memory_order_acquire);
    if (row != nullptr && row[slot].made.load(std::memory_order_acquire)) [[likely]] {
        return row[slot].histogram;
    }
    const std::lock_guard lock(mutex_);
    row = slots_[row_at].load(std::memory_order_relaxed);
    if (row == nullptr) {
        owned_slots_[row_at] = std::make_unique<Slot[]>(std::size(known_statuses));
        row = owned_slots_[row_at].get();
        slots_[row_at].store(row, std::memory_order_release);
    }
    if (!row[slot].made.load(std::memory_order_relaxed)) {
        row[slot].histogram = make();
        row[slot].made.store(true, std::memory_order_release);
    }
    return row[slot].histogram;
}

void RouteMetrics::record(metrics::Shard& shard, const RequestRecord& request,
                          const Ledger& ledger) noexcept {
    const auto status = std::clamp<std::uint16_t>(request.status, 100, 599);
    std::uint64_t total = 0;
    std::array<std::uint64_t, request_phase_count> times;
    for (std::size_t i = 0; i < request_phase_count; ++i) {
        const Ticks ticks = ledger.ticks_of(static_cast<Phase>(i));
        times[i] = 0;
        if (ticks != 0) {
            times[i] = ticks_to_ns(ticks);
            total += times[i];
            phases_[i].observe(shard, times[i]);
        }
    }
    const metrics::Histogram histogram = duration(request.method, status);
    if ((request.trace.high | request.trace.low) == 0) [[likely]] {
        histogram.observe(shard, total);
    } else {
        histogram.observe(shard, total, request.trace);
    }
    if (request.goal.count() > 0 && total > static_cast<std::uint64_t>(request.goal.count())) [[unlikely]] {
        for (std::size_t i = 0; i < request_phase_count; ++i) {
            if (times[i] != 0) {
                overruns_[i].observe(shard, times[i]);
            }
        }
    }
}

}  // namespace brio::ledger
