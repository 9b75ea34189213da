// Sizes for people.
#pragma once
#include <cstdint>
#include <string>

namespace brio {

/// "512 kB", "1.5 GB": by thousands, with a digit after the point below ten.
std::string bytes_text(std::uint64_t bytes);

}  // namespace brio
