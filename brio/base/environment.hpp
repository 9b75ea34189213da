// The environment of the process.
#pragma once
#include <optional>
#include <string_view>

namespace brio {

/// The variable's value, nothing when it is unset; an empty value is a value. `name` ends with a zero byte.
/// The view ends at the next change of the environment, which programs make only before their first thread.
std::optional<std::string_view> environment(const char* name) noexcept;

}  // namespace brio
