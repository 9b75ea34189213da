// One value out of a JSON text, by its path.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace brio::load {

/// "items[0].owner.id": names of objects, numbers of arrays. Gives the value's text, a string without its
/// quotes and escapes; empty when there is no such value, when it is null, and when the text is no JSON.
std::string json_at(std::string_view text, std::string_view path);

/// The same as it is written in the JSON; nothing when there is no such value.
std::optional<std::string> json_raw_at(std::string_view text, std::string_view path);

}  // namespace brio::load
