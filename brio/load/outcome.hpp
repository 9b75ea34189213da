// What became of a load test: what was asked, what was counted, and whether the generator itself kept up.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <brio/load/plan.hpp>
#include <brio/load/record.hpp>

namespace brio::load {

/// Shares of one core over the counted time: 1.5 is one and a half cores.
struct CpuUse {
    double generator = 0;
    double busiest_thread = 0;     // of the generator's, 0 to 1
    std::optional<double> server;  // when it runs on this machine and may be looked at
};

/// Whether the figures are the server's or the generator's own.
struct Saturation {
    double asked = 0;               // open models: arrivals a second, on average; 0 in the closed model
    double achieved = 0;            // of them, requests or tasks that were really begun
    std::uint64_t late_p99_ns = 0;  // of the generator behind its plan
    bool is_short = false;          // fewer were begun than were asked for, by more than chance
    bool is_saturated = false;
    std::string why;  // a sentence, when it is
};

struct Outcome {
    Plan plan;
    Record record;
    std::chrono::nanoseconds counted{};  // what rates are divided by: warm-up and patience left out
    CpuUse cpu;
    Saturation saturation;
    std::uint64_t most_users = 0;        // at work at a time
    bool was_interrupted = false;        // by the person, or by a verdict that could only get worse
    std::vector<std::string> lost = {};  // generators whose figures are not whole, a sentence each

    /// Whole answers a second.
    double requests_per_second() const noexcept;
};

/// Late sends from which on the generator's own waiting is part of what it shows.
inline constexpr std::chrono::milliseconds late_limit{20};
/// A generator's thread that was at work for this share of the time has no more to give.
inline constexpr double busy_limit = 0.97;
/// Open models: fewer of the asked arrivals than this were begun, and chance is not why.
inline constexpr double achieved_limit = 0.99;

/// Judges `outcome` by its record, its CPU and the limits above. Requires plan, record, counted and cpu.
Saturation saturation_of(const Outcome& outcome);

}  // namespace brio::load
