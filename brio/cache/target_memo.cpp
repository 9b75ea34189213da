#include <brio/cache/target_memo.hpp>

#include <xxhash.h>

namespace brio::cache {

TargetMemo& TargetMemo::here() {
    thread_local TargetMemo memo;
    return memo;
}

std::size_t TargetMemo::place_of(std::uint64_t route, std::string_view target) noexcept {
    return XXH3_64bits_withSeed(target.data(), target.size(), route) % places;
}

std::optional<KeyView> TargetMemo::find(std::uint64_t route, std::string_view target) const noexcept {
    if (target.size() > longest_target) {
        return std::nullopt;
    }
    const Place& place = (*all_)[place_of(route, target)];
    return place.route == route && place.target == target ? std::optional(KeyView(place.key, place.hash))
                                                          : std::nullopt;
}

void TargetMemo::put(std::uint64_t route, std::string_view target, const KeyView& key) {
    if (target.size() > longest_target || key.bytes.size() > longest_key) {
        return;
    }
    Place& place = (*all_)[place_of(route, target)];
    place.route = 0;  // should there be no memory for the rest
    place.target = target;
    place.key = key.bytes;
    place.hash = key.hash;
    place.route = route;
}

}  // namespace brio::cache
