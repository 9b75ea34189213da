// Made-up sequences of accesses, the same for the same seed.
#pragma once
#include <string_view>
#include <vector>

#include <brio/base/random.hpp>

#include "policy.hpp"

namespace brio::bench {

struct Trace {
    std::string_view name;
    std::string_view words;
    std::vector<ObjectKey> keys;
};

/// `length` accesses each; `capacity` is the cache's, which loops and scans are measured by.
std::vector<Trace> make_traces(std::size_t length, std::size_t capacity, std::uint64_t seed);

}  // namespace brio::bench
