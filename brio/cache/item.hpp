// What the in-process store keeps: a finished answer, a row, whatever was computed and may be given again.
//
// An Item does not change once it is in a store (but for its count of hits), so that any thread may hold one
// while others drop it: all share it by std::shared_ptr<const Item>.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <brio/cache/binding.hpp>

namespace brio::cache {

struct Item {
    Item() = default;
    Item(const Item&) = delete;
    Item& operator=(const Item&) = delete;
    virtual ~Item() = default;

    std::string key;          // the whole canonical key (key.hpp), compared at each hit
    std::uint64_t bytes = 0;  // of memory, this struct and what it points to, that the store counts it with
    std::chrono::nanoseconds made{0};         // in monotonic time, as the two that follow
    std::chrono::nanoseconds fresh_until{0};  // from then on it is stale
    std::chrono::nanoseconds stale_until{
        0};           // from then on it is as good as absent; never before fresh_until
    Binding binding;  // the tables that it was made from; unmoved, or it is not given as fresh
    std::vector<std::string> tags;
    std::string_view label;  // "GET /api/resources", "resources by id"; lives as long as the program
    std::chrono::nanoseconds rebuild{0};  // what making it took
    std::uint32_t statements = 0;         // that making it ran
    const void* type = nullptr;           // what it holds: given to those who want the same; null: to nobody
    mutable std::atomic<std::uint64_t> hits{0};
    /// Making it anew has failed: until then it is not tried again (monotonic).
    mutable std::atomic<std::chrono::nanoseconds> retry_at{std::chrono::nanoseconds(0)};

    bool is_fresh(std::chrono::nanoseconds now) const noexcept { return now < fresh_until; }
    bool is_expired(std::chrono::nanoseconds now) const noexcept { return now >= stale_until; }
};

}  // namespace brio::cache
