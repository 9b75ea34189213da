#include <brio/load/locust_stats.hpp>

#include <algorithm>
#include <cmath>

namespace brio::load::locust {

namespace {

constexpr double ns_per_ms = 1e6;

void add_to(std::map<std::int64_t, std::uint64_t>& to, const std::map<std::int64_t, std::uint64_t>& more) {
    for (const auto& [key, count] : more) {
        to[key] += count;
    }
}

void add_to(Entry& to, const Entry& more) {
    if (more.last_request) {
        to.last_request = std::max(to.last_request.value_or(0), *more.last_request);
    }
    to.start = to.start == 0 ? more.start : std::min(to.start, more.start);
    to.requests += more.requests;
    to.without_times += more.without_times;
    to.failures += more.failures;
    to.total_ms += more.total_ms;
    to.max_ms = std::max(to.max_ms, more.max_ms);
    if (more.min_ms) {
        to.min_ms = std::min(to.min_ms.value_or(*more.min_ms), *more.min_ms);
    }
    to.bytes += more.bytes;
    add_to(to.times_ms, more.times_ms);
    add_to(to.requests_at, more.requests_at);
    add_to(to.failures_at, more.failures_at);
}

void add_times(Entry& to, const Histogram& latency) {
    if (latency.count() == 0) {
        return;
    }
    to.total_ms = latency.mean() * static_cast<double>(latency.count()) / ns_per_ms;
    to.min_ms = static_cast<double>(latency.min()) / ns_per_ms;
    to.max_ms = static_cast<double>(latency.max()) / ns_per_ms;
    const auto counts = latency.counts();
    for (std::size_t step = 0; step < counts.size(); ++step) {
        if (counts[step] != 0) {
            const auto middle =
                static_cast<double>(Histogram::lower_end(step) + Histogram::upper_end(step)) / 2;
            to.times_ms[rounded_ms(middle / ns_per_ms)] += counts[step];
        }
    }
}

Entry entry_of(const RequestRecord& request, Period period) {
    const auto latency = request.latency();
    const auto second = static_cast<std::int64_t>(std::floor((period.from + period.to) / 2));
    Entry entry{.name = request.name,
                .method = request.method,
                .last_request = period.to,
                .start = period.from,
                .requests = request.requests(),
                .without_times = request.requests() - std::min(request.requests(), latency.count()),
                .failures = request.failures,
                .min_ms = std::nullopt,
                .bytes = request.bytes_received,
                .times_ms = {},
                .requests_at = {{second, request.requests()}},
                .failures_at = {}};
    add_times(entry, latency);
    if (request.failures != 0) {
        entry.failures_at = {{second, request.failures}};
    }
    return entry;
}

}  // namespace

void Delta::add(const Record& record, Period period) {
    for (const RequestRecord& each : record.requests()) {
        if (each.requests() == 0 && each.failures == 0) {
            continue;
        }
        const auto entry = entry_of(each, period);
        const auto [found, is_new] = entries_.try_emplace({each.name, each.method}, entry);
        if (!is_new) {
            add_to(found->second, entry);
        }
    }
    for (const FailureRecord& each : record.failures()) {
        failures_[{{each.name, each.method}, each.text}] += each.count;
    }
}

Stats Delta::take(UserCounts users, double now) {
    Stats stats{.entries = {}, .total = {.name = "Aggregated"}, .failures = {}, .users = std::move(users)};
    for (auto& [key, entry] : std::exchange(entries_, {})) {
        add_to(stats.total, entry);
        stats.entries.push_back(entry);
    }
    if (stats.total.start == 0) {
        stats.total.start = now;
    }
    for (const auto& [key, count] : std::exchange(failures_, {})) {
        const auto& [name, method] = key.first;
        stats.failures.push_back({.name = name, .method = method, .text = key.second, .count = count});
    }
    return stats;
}

}  // namespace brio::load::locust
