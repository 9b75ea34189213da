// The keys of targets that were asked for before, so that what is asked for again is not parsed again.
//
// For routes whose keys the target alone decides: the same bytes have the same key, or were refused and are
// not here. Of one thread. Bounded: 512 targets of at most 256 bytes with keys of at most 512, the last ones
// of each place; half a megabyte.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <brio/cache/key.hpp>

namespace brio::cache {

class TargetMemo {
public:
    static constexpr std::size_t places = 512;
    static constexpr std::size_t longest_target = 256;
    static constexpr std::size_t longest_key = 512;

    /// The calling thread's.
    static TargetMemo& here();

    /// `route` is a number that no other route has. The view ends with the next put().
    std::optional<KeyView> find(std::uint64_t route, std::string_view target) const noexcept;
    void put(std::uint64_t route, std::string_view target, const KeyView& key);

private:
    struct Place {
        std::uint64_t route = 0;  // 0: free
        std::string target;
        std::string key;
        KeyHash hash;
    };
    static std::size_t place_of(std::uint64_t route, std::string_view target) noexcept;
    std::unique_ptr<std::array<Place, places>> all_ = std::make_unique<std::array<Place, places>>();
};

}  // namespace brio::cache
