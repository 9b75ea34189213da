// A whole load test for whoever reads it: what was counted, whether it held its goals, how it compares.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/base/clock.hpp>
#include <brio/load/compare.hpp>
#include <brio/load/limit_report.hpp>
#include <brio/load/outcome.hpp>
#include <brio/load/verdict.hpp>

namespace brio::load {

struct Report {
    WallTime at{};    // when it began
    Outcome outcome;  // of a search for the limit: of its last trial that held
    Verdict verdict;
    std::vector<BlockFigures> blocks;
    std::optional<Comparison> comparison;
    std::optional<LimitReport> limit;
};

/// "ApiUser, closed, 50 users": what two runs must have in common to be compared. Where it runs and for how
/// long is left out.
std::string load_text(const Plan& plan);

/// JSON. Top level: `requests_per_second`, `latency_ms` and `uncorrected_latency_ms` (`min`, `mean`, `p50`,
/// `p75`, `p90`, `p95`, `p99`, `p99_9`, `p99_99`, `max`), `requests` and `errors` (numbers), `error_rate`,
/// `verdict` (`held`, `goals`), `names` (the same of each), `failures`, `checks`, `load` (what was asked),
/// `generator`, `series` (an entry an interval), `comparison`, `limit` (null without), `blocks`.
std::string write_json(const Report& report);

/// What compare() needs of a file that write_json() made. Else what is wrong with it.
std::expected<EarlierRun, std::string> read_earlier_run(std::string_view json, std::string file);

}  // namespace brio::load
