// Whether one program, or one setting, is faster than another: rounds of both in turn, and of a control,
// which is the first one started a second time.
//
// What two starts of one program differ by (where the kernel put their pages, what else ran) is the noise of
// the method itself; what is smaller cannot be told, however many rounds there are. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <brio/bench/figures.hpp>

namespace brio::bench {

/// One round: each measured once, close to each other in time. Medians of a request, in nanoseconds, over 0.
struct Round {
    double before = 0;  // the program that is compared with
    double after = 0;   // the one that is judged
    double control = 0;
};

enum class Verdict : std::uint8_t { faster, slower, cannot_tell };

struct Comparison {
    Verdict verdict = Verdict::cannot_tell;
    double ratio = 1;  // of times: after over before, and over the control, the mean of both medians
    double low = 1;    // the intervals of both, in which they lie with 99 %
    double high = 1;
    double floor = 0;  // 0.04: differences under 4 % cannot be told here
};

/// At least three rounds. It is slower or faster only than both starts of the other program.
Comparison compare(const std::vector<Round>& rounds);

/// What made the difference: "+1.20 us: serialise +1.10 us, db +0.10 us", the largest first, phases
/// of less than a tenth of the difference left out.
std::string explain(const Comparison& comparison, const Phases& before, const Phases& after);

/// "cannot tell below 4.0 % here (+0.7 % measured)", "12.1 % slower (11.0 to 13.2 %; noise 0.7 %)".
std::string words_of(const Comparison& comparison);

}  // namespace brio::bench
