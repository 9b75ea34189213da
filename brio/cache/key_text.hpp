// A canonical key for people: its values one after the other.
#pragma once
#include <string>
#include <string_view>

namespace brio::cache {

/// `GET /api/resources resources id 20 1 …`: texts in printable ASCII and cut at 60 characters, bytes and
/// what is hidden as how many there are, no more than 300 in all; what ends early or is no key ends in "…".
/// Never throws for what the bytes are.
std::string key_text(std::string_view canonical);

}  // namespace brio::cache
