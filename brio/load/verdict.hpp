// Whether a load test held what was asked of it. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <brio/load/record.hpp>
#include <brio/load/threshold.hpp>

namespace brio::load {

enum class Standing : std::uint8_t {
    held,
    missed,
    idle,  // nothing to judge by, and that is no miss
};

struct Judgement {
    Threshold threshold;
    Standing standing = Standing::idle;
    std::optional<double> measured;  // in the threshold's unit; nothing where nothing was counted
    double margin = 0;  // of the limit: 0.4 is 40 % inside, -1 is twice a limit that it was to stay below
    std::string words;  // "p99 is 42.1ms, 16 % below its limit of 50.0ms"
};

struct Verdict {
    std::vector<Judgement> goals;

    bool held() const noexcept;
    std::size_t missed() const noexcept;
};

/// Of all that was counted in `seconds`. What a name asks for that no request had is missed: a goal that
/// nothing can miss is a mistake.
Verdict judge(std::span<const Threshold> thresholds, const Record& record, double seconds);

/// What may still come in a run: at most so many requests, in so many seconds.
struct StillToCome {
    double requests = 0;
    double seconds = 0;
};
/// Why the run cannot hold a goal any more, whatever comes, as a sentence; empty while it can. Rates are
/// judged by what is counted in `seconds` and what may still come.
std::string lost_goal(std::span<const Threshold> thresholds, const Record& record, double seconds,
                      const StillToCome& still);

/// The requests that a threshold's name means, with or without their method; all for an empty one; nothing
/// when there are none. Cost: a merge of what it means.
std::optional<RequestRecord> named(const Record& record, std::string_view name);

}  // namespace brio::load
