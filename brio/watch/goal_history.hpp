// The counts of a program's goals in a file, so that the windows of hours and days survive a restart.
//
// Bounded: at most most_goals, 2 kB each. What is not whole, or of another form, is not read.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/watch/window_counts.hpp>

namespace brio::watch {

inline constexpr std::size_t most_goals = 1000;

struct KeptGoal {
    std::string scope;
    std::string name;
    WindowCounts counts;
};

std::string write_history(const std::vector<KeptGoal>& goals);
std::optional<std::vector<KeptGoal>> read_history(std::string_view bytes);

/// None: there is no file, or it cannot be read.
std::optional<std::string> read_file(const std::string& path);
/// In one step: whoever reads finds the old or the new. False with errno set when it cannot.
bool replace_file(const std::string& path, std::string_view bytes);

}  // namespace brio::watch
