// The counts of a program's goals and the hours of its history in a file, so that they survive a restart.
//
// Bounded: at most most_goals of 2 kB and most_kept_lines of 1.5 kB. What is not whole, or of another form,
// is not read.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/watch/falling_series.hpp>
#include <brio/watch/window_counts.hpp>

namespace brio::watch {

inline constexpr std::size_t most_goals = 1000;
inline constexpr std::size_t most_kept_lines = 3000;

struct KeptGoal {
    std::string scope;
    std::string name;
    WindowCounts counts;
};

/// A line of the history (history.hpp): its last two weeks by the hour.
struct KeptLine {
    std::string of;
    std::string name;
    std::string figure;
    std::string unit;
    Fold fold = Fold::mean;
    KeptSteps steps;
};
struct KeptHistory {
    std::vector<KeptGoal> goals;
    std::vector<KeptLine> lines;
};

std::string write_history(const KeptHistory& history);
std::optional<KeptHistory> read_history(std::string_view bytes);

/// None: there is no file, or it cannot be read.
std::optional<std::string> read_file(const std::string& path);
/// In one step: whoever reads finds the old or the new. False with errno set when it cannot.
bool replace_file(const std::string& path, std::string_view bytes);

}  // namespace brio::watch
