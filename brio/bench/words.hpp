// Numbers as the reports of this module write them.
#pragma once
#include <string>

namespace brio::bench {

/// With its sign: "+12.1".
std::string signed_text(double value, int decimals);

/// A difference of time in the unit that suits: "+1.20 us".
std::string difference_text(double ns);

/// "14", "9,012" or "14.5".
std::string count_text(double count);

}  // namespace brio::bench
