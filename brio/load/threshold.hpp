// What a load test asks for, as a user types it: `p99<50ms`, `error_rate<1%`, `p95{GET /api/resources}<20ms`.
// Pure.
//
//     threshold  = figure [ "{" name "}" ] comparison limit        blanks between them are allowed
//     figure     = "p" percent | "mean" | "max"                     a latency from the intended start
//                | "error_rate" | "checks" | "rps"
//     comparison = "<" | "<=" for latencies and error_rate, ">" | ">=" for checks and rps
//     limit      = number ("us" | "ms" | "s"), number "%" (or a share such as 0.01), number ["/s"]
//
// A name is that of the requests it judges, as the report lists them, with or without the method before it;
// without one it judges all together.
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <brio/ledger/goals.hpp>
#include <brio/ledger/own_goal.hpp>

namespace brio::load {

enum class Figure : std::uint8_t {
    quantile,    // of latencies
    mean,        // latency
    max,         // latency
    error_rate,  // failed requests, of all: no answer, or one that its scenario or its status calls failed
    checks,      // passed checks, of all
    rps,         // requests answered in a second
};

struct Threshold {
    Figure figure = Figure::quantile;
    double quantile = 0.99;  // in (0, 1], of Figure::quantile
    std::string name;        // of the requests; empty: all
    bool or_equal = false;
    double limit = 0;          // nanoseconds, a share in [0, 1], or requests a second
    bool may_be_idle = false;  // where nothing was counted, nothing is missed

    /// Latencies and error rates are to stay below their limit, the others above it.
    bool is_upper() const noexcept { return figure != Figure::checks && figure != Figure::rps; }
    bool is_latency() const noexcept { return figure <= Figure::max; }
    bool holds(double measured) const noexcept;
    /// As parse_threshold reads it.
    std::string text() const;

    bool operator==(const Threshold&) const = default;
};

/// The error is a sentence that says what is wrong, where, and what would be right.
std::expected<Threshold, std::string> parse_threshold(std::string_view text);

/// A route that has a goal of its own.
struct NamedGoal {
    std::string name;  // of its requests
    OwnGoal goal;
};
/// What is asked when the user asks for nothing: the share of requests within the goal as a quantile
/// (`p99<=200ms`), as many failed at most as may miss it (`error_rate<=1%`), and where there are any,
/// `checks>=99%` and the same of routes with goals of their own.
std::vector<Threshold> default_thresholds(const Goals& goals, const std::vector<NamedGoal>& routes = {});

/// "p99", "error_rate", "p95{GET /}": the threshold without its limit.
std::string figure_text(const Threshold& threshold);
/// A value of the threshold's figure for people: "42.1ms", "0.31 %", "1,840/s".
std::string value_text(const Threshold& threshold, double value);

}  // namespace brio::load
