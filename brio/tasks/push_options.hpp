// How a push may differ from the policy.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <brio/reflect/timestamp.hpp>

namespace brio::tasks {

/// What may differ from the policy.
struct PushOptions {
    std::string id = {};     // empty: a new one
    std::string queue = {};  // empty: the policy's or by the routes
    std::optional<std::uint8_t> priority = {};
    std::optional<std::chrono::milliseconds> in = {};       // not before so long from now
    std::optional<Timestamp> at = {};                       // not before
    std::optional<std::chrono::milliseconds> expires = {};  // not begun later than so long from now
    std::optional<std::chrono::milliseconds> deadline = {};
};

}  // namespace brio::tasks
