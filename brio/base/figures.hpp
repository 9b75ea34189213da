// Numbers for people.
#pragma once
#include <cstdint>
#include <string>

namespace brio {

/// 63666 is "63,666".
std::string grouped(std::uint64_t number);
/// With so many decimals, rounded to the nearest: 2.347 is "2.35" with two. Requires a finite value.
std::string decimal_text(double value, int decimals);
/// Of a rate or a number that is a mean: "0", "0.3", "63.7" and "64", from 100 on "63,666". Requires a finite
/// value that is not negative.
std::string rate_text(double rate);
/// Of a share from 0 to 1, with as many digits as tell it from the whole and from nothing, at most three:
/// "97.1 %", "99.95 %", "99.999 %", "100 %"; "0.04 %", "<0.001 %", "0 %".
std::string percent_text(double share, int decimals = 1);

}  // namespace brio
