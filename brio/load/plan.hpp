// What a load test is asked to do: how much load when, from how many connections and threads.
//
// Closed model: a number of users, each of which begins its next request when the last was answered and its
// wait is over; a slow server slows them down. Open model: arrivals at a rate, whatever became of earlier
// ones, as a public API meets them; only this one shows what a server does beyond its limit.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace brio::load {

enum class Model : std::uint8_t {
    closed,   // levels are users
    open,     // levels are arrivals a second, evenly spaced
    poisson,  // levels are arrivals a second, at random moments (a Poisson process)
};
/// "closed", "open" or "poisson".
std::string_view words_of(Model model) noexcept;

/// From one level to another in a straight line. A step is one of no duration or with `from` == `to`.
struct Stage {
    std::chrono::nanoseconds duration{};
    double from = 0;
    double to = 0;

    friend bool operator==(const Stage&, const Stage&) = default;
};

struct Plan {
    std::string target;    // "http://127.0.0.1:8080", or a whole URL where there is no scenario
    std::string scenario;  // what it is called in a report
    Model model = Model::closed;
    std::vector<Stage> stages;           // without the warm-up; at least one
    std::chrono::nanoseconds warm_up{};  // at the first stage's begin, before anything counts
    std::size_t connections = 1'000;     // at most, of all threads
    std::size_t users = 10'000;          // open models: at most so many at work at a time
    std::size_t threads = 1;
    std::chrono::nanoseconds timeout = std::chrono::seconds(10);  // of a request, from its beginning
    std::chrono::nanoseconds patience = std::chrono::seconds(5);  // at the end, for answers that are out
    std::uint64_t seed = 1;

    /// Of all stages.
    std::chrono::nanoseconds duration() const noexcept;
    /// Users or arrivals a second at `at` since the first stage's begin; of its end when it is over, of its
    /// begin before.
    double level_at(std::chrono::nanoseconds at) const noexcept;
    double highest_level() const noexcept;
    /// The level's integral: open models: how many arrivals are meant to have come from the first stage's
    /// begin until `at`; closed model: seconds of users.
    double arrivals_until(std::chrono::nanoseconds at) const noexcept;
    /// The target without its query, which may hold a token: for what is shown or kept.
    std::string_view shown_target() const noexcept;
    bool is_open() const noexcept { return model != Model::closed; }
};

/// Levels over time, as "0..100@30s,100@2m,500@5s,100@1m": from a level to another, or at one, for a time.
/// "..200@10s" goes on from where the stage before ended, from 0 if it is the first. Else what is wrong.
std::expected<std::vector<Stage>, std::string> parse_stages(std::string_view text);

/// "90s", "1m30s", "250ms", "2h"; a number without a unit is seconds. Else what is wrong.
std::expected<std::chrono::nanoseconds, std::string> parse_duration(std::string_view text);

/// What is wrong with it, for the person who asked for it; empty: nothing.
std::string fault_of(const Plan& plan);

}  // namespace brio::load
