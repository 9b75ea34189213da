// expect(condition, "what must hold"): stops the process, in release too, when the program itself is wrong.
//
// For bugs only. What a caller can cause is a return type; what the environment causes is thrown.
#pragma once
#include <source_location>
#include <string_view>

namespace brio {

/// Prints place and reason to stderr, then aborts.
[[noreturn]] void stop_on_bug(std::string_view what, std::source_location where) noexcept;

/// Cost: one predictable branch. `what` says what must hold, not what went wrong.
constexpr void expect(bool holds, std::string_view what,
                      std::source_location where = std::source_location::current()) {
    if (!holds) [[unlikely]] {
        stop_on_bug(what, where);
    }
}

}  // namespace brio
