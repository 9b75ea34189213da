// What the search for the limit came to. Values, and their words.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <brio/load/cause.hpp>
#include <brio/load/limit_search.hpp>

namespace brio::load {

/// One short run at a rate.
struct LimitTrial {
    double rate = 0;      // asked for, a second
    double achieved = 0;  // answered
    TrialStanding standing = TrialStanding::unsure;
    double p50_ms = 0;
    double p99_ms = 0;
    double error_rate = 0;
    std::string why;  // the goal that decided, in words
};

struct LimitReport {
    LimitRange range;
    std::vector<LimitTrial> trials;
    std::optional<Cause> cause;
    std::string remark;  // why there is no cause, or what bounds the search; empty: nothing
};

/// "holds to 18,400 ± 600/s; then waiting for a connection of the database takes 71 % of the overrun: …".
std::string words_of(const LimitReport& report);

}  // namespace brio::load
