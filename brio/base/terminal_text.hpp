// Text from elsewhere, made fit for a line of a terminal.
#pragma once
#include <string>
#include <string_view>

namespace brio {

/// With a space for each control character, which a terminal takes for a command and a line for its end: the
/// C0 ones, DEL, and the C1 ones in UTF-8.
std::string without_controls(std::string_view text);

}  // namespace brio
