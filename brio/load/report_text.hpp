// A load test on a terminal: one line of where it is, a table of names, the verdict. Pure.
#pragma once
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <brio/load/report.hpp>

namespace brio::load {

struct TextStyle {
    bool has_colour = false;
    std::size_t width = 100;  // columns; names are cut, not lines
};

/// What is known while it runs.
struct Moment {
    std::chrono::nanoseconds at{};  // since the first stage's begin; negative in the warm-up
    std::size_t users = 0;
    double requests_per_second = 0;  // of the last second, as are the next two
    double p50_ms = 0;
    double p99_ms = 0;
    double asked = 0;  // open models: arrivals a second, at this moment
};

/// One line: "12 s of 30 s   50 users   1,234/s   p50 1.2ms   p99 8.1ms   failed 0.3 %".
std::string progress_line(const Moment& moment, const Plan& plan, const Record& so_far);
/// The line with a bar, under it the names and the failures: at most `most_live_lines` lines, none wider than
/// the terminal.
std::string live_text(const Moment& moment, const Plan& plan, const Record& so_far, const TextStyle& style);
inline constexpr std::size_t most_live_lines = 18;

/// Everything: what was asked, a table of names, failures, checks, generator and server, comparison, limit,
/// verdict last.
std::string report_text(const Report& report, const TextStyle& style);
/// What --quiet leaves: the limit, if one was searched, and the verdict.
std::string short_text(const Report& report, const TextStyle& style);
/// A line for a trial of a search for the limit: "held     1,600/s   p50 1.2ms   p99 8.1ms   …".
std::string trial_text(const LimitTrial& trial);
/// The verdict alone, a line a goal and one for all.
std::string verdict_text(const Verdict& verdict, const TextStyle& style);

}  // namespace brio::load
