#include <brio/load/follow_record.hpp>

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace brio::load::follow {
namespace {

constexpr std::uint64_t most_counted = std::uint64_t{1} << 53;  // of a stranger: sums stay in their range
constexpr std::size_t longest_name = 4'096;

bool are_counts(std::initializer_list<std::uint64_t> counts) noexcept {
    return std::ranges::all_of(counts, [](std::uint64_t each) { return each <= most_counted; });
}
bool are_names(std::initializer_list<const std::string*> names) noexcept {
    return std::ranges::all_of(names, [](auto* each) { return each->size() <= longest_name; });
}

NameText text_of(const RequestRecord& record) {
    NameText text{.method = record.method,
                  .name = record.name,
                  .statuses = {},
                  .uncorrected = record.uncorrected.parts(),
                  .missing = record.missing,
                  .answers = record.answers,
                  .failures = record.failures,
                  .bytes_received = record.bytes_received,
                  .bytes_sent = record.bytes_sent,
                  .checks_passed = record.checks_passed,
                  .checks_failed = record.checks_failed};
    for (const StatusRecord& each : record.statuses) {
        text.statuses.push_back({.status = each.status, .latency = each.latency.parts()});
    }
    return text;
}

std::optional<RequestRecord> request_of(const NameText& text) {
    RequestRecord record{.method = text.method,
                         .name = text.name,
                         .statuses = {},
                         .uncorrected = {},
                         .missing = text.missing,
                         .answers = text.answers,
                         .failures = text.failures,
                         .bytes_received = text.bytes_received,
                         .bytes_sent = text.bytes_sent,
                         .checks_passed = text.checks_passed,
                         .checks_failed = text.checks_failed};
    const auto uncorrected = Histogram::of(text.uncorrected);
    bool right = uncorrected && text.statuses.size() <= RequestRecord::most_statuses &&
                 are_names({&text.method, &text.name}) &&
                 are_counts({text.answers, text.failures, text.bytes_received, text.bytes_sent,
                             text.checks_passed, text.checks_failed});
    for (const auto count : text.missing) {
        right = right && are_counts({count});
    }
    for (const StatusText& each : text.statuses) {
        const auto latency = Histogram::of(each.latency);
        if (!right || !latency || each.status < StatusRecord::other || each.status > 999) {
            return std::nullopt;
        }
        record.statuses.push_back({.status = each.status, .latency = *latency});
    }
    if (!right) {
        return std::nullopt;
    }
    record.uncorrected = *uncorrected;
    return record;
}

void add_points(RecordText& text, Series series) {
    series.close();
    const auto& points = series.points();
    text.interval_seconds = series.interval().count();
    text.point_count = points.size();
    for (std::size_t i = 0; i < points.size(); ++i) {
        const Point& point = points[i];
        if (point.answers != 0 || point.failures != 0 || point.users != 0) {
            text.points.push_back({.place = i,
                                   .answers = point.answers,
                                   .failures = point.failures,
                                   .bytes = point.bytes,
                                   .users = point.users,
                                   .latency = point.latency.parts()});
        }
    }
}

std::optional<Series> series_of(const RecordText& text) {
    if (text.point_count > Series::most_points || text.points.size() > text.point_count) {
        return std::nullopt;
    }
    std::vector<Point> points(text.point_count);
    for (const PointText& each : text.points) {
        auto latency = SparseHistogram::of(each.latency);
        if (!latency || each.place >= points.size() ||
            !are_counts({each.answers, each.failures, each.bytes, each.users})) {
            return std::nullopt;
        }
        points[each.place] = {.answers = each.answers,
                              .failures = each.failures,
                              .bytes = each.bytes,
                              .users = each.users,
                              .latency = std::move(*latency)};
    }
    return Series::of(std::move(points), std::chrono::seconds(text.interval_seconds));
}

}  // namespace

RecordText text_of(const Record& record) {
    RecordText text{.requests = {},
                    .failures = record.failures(),
                    .checks = record.checks(),
                    .points = {},
                    .lateness = record.lateness().parts(),
                    .started = record.started,
                    .dropped = record.dropped,
                    .waited = record.waited,
                    .connections_opened = record.connections_opened,
                    .user_errors = record.user_errors};
    for (const RequestRecord& each : record.requests()) {
        text.requests.push_back(text_of(each));
    }
    add_points(text, record.series());
    return text;
}

std::optional<Record> record_of(const RecordText& text) {
    const auto series = series_of(text);
    const auto lateness = Histogram::of(text.lateness);
    if (!series || !lateness || text.requests.size() > Record::most_names + 1 ||
        text.failures.size() > Record::most_failures + 1 || text.checks.size() > Record::most_checks + 1 ||
        !are_counts({text.started, text.dropped, text.waited, text.connections_opened, text.user_errors})) {
        return std::nullopt;
    }
    Record record;
    for (const NameText& each : text.requests) {
        const auto request = request_of(each);
        if (!request) {
            return std::nullopt;
        }
        record.add(*request);
    }
    for (const FailureRecord& each : text.failures) {
        if (!are_names({&each.method, &each.name, &each.text}) || !are_counts({each.count})) {
            return std::nullopt;
        }
        record.add(each);
    }
    for (const CheckRecord& each : text.checks) {
        if (!are_names({&each.name}) || !are_counts({each.passed, each.failed})) {
            return std::nullopt;
        }
        record.add(each);
    }
    record.series() = *series;
    record.add_lateness(*lateness);
    record.started = text.started;
    record.dropped = text.dropped;
    record.waited = text.waited;
    record.connections_opened = text.connections_opened;
    record.user_errors = text.user_errors;
    return record;
}

}  // namespace brio::load::follow
