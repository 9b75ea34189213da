// A record as JSON, exactly: what is read again is what was counted.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <brio/load/record.hpp>

namespace brio::load::follow {

struct StatusText {
    int status = 0;
    HistogramParts latency;
};
struct NameText {
    std::string method;
    std::string name;
    std::vector<StatusText> statuses;
    HistogramParts uncorrected;
    std::array<std::uint64_t, missing_kinds> missing{};
    std::uint64_t answers = 0;
    std::uint64_t failures = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t checks_passed = 0;
    std::uint64_t checks_failed = 0;
};
struct PointText {
    std::uint64_t place = 0;  // points in which nothing happened are left out
    std::uint64_t answers = 0;
    std::uint64_t failures = 0;
    std::uint64_t bytes = 0;
    std::uint64_t users = 0;
    std::vector<std::uint64_t> latency;
};
struct RecordText {
    std::vector<NameText> requests;
    std::vector<FailureRecord> failures;
    std::vector<CheckRecord> checks;
    std::int64_t interval_seconds = 1;
    std::uint64_t point_count = 0;
    std::vector<PointText> points;
    HistogramParts lateness;
    std::uint64_t started = 0;
    std::uint64_t dropped = 0;
    std::uint64_t waited = 0;
    std::uint64_t connections_opened = 0;
    std::uint64_t user_errors = 0;
};

RecordText text_of(const Record& record);
/// Nothing when it is no record's.
std::optional<Record> record_of(const RecordText& text);

}  // namespace brio::load::follow
