// Text from elsewhere, made fit for a line of a terminal.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace brio {

/// With a space for each control character, which a terminal takes for a command and a line for its end: the
/// C0 ones, DEL, and the C1 ones in UTF-8.
std::string without_controls(std::string_view text);

/// What may stand in a line whoever wrote it: well-formed UTF-8 (U+FFFD for the rest), with a space for each
/// control character, line separator, and character that turns the direction of what follows.
std::string printable(std::string_view text);

/// The columns that a terminal gives it: 2 for a wide character, 0 for one that combines, as the C library
/// has them (wcwidth).
std::size_t display_width(std::string_view text);

/// printable(), cut to `columns` with … in the last one when it needs more.
std::string fit(std::string_view text, std::size_t columns);

}  // namespace brio
