// A client's file name made harmless, so that it can be stored, shown and sent back.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace brio::http {

inline constexpr std::size_t most_filename_bytes = 255;

/// The last component of the path that the client wrote, of at most most_filename_bytes bytes of well-formed
/// UTF-8, cut before its extension. Control characters, direction overrides and what some file system refuses
/// (`<>:"|?*`) become '_'; leading dots and blanks and trailing ones are dropped; a device's name (`con`,
/// `nul.txt`) gets '_' before it. Never empty: "upload" where nothing is left. The name of a file from a
/// client is still the client's choice: it is no key and no proof of what is inside.
std::string sanitised_filename(std::string_view raw);

}  // namespace brio::http
