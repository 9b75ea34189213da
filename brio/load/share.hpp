// One plan carried out by several generators: what each has of it.
#pragma once
#include <cstddef>

namespace brio::load {

/// The `number`-th, from 0, `of` so many.
struct Share {
    std::size_t number = 0;
    std::size_t of = 1;
};

/// Its part of a whole: parts differ by one at most, and all together are the whole.
constexpr std::size_t part(std::size_t whole, Share share) noexcept {
    return whole / share.of + (share.number < whole % share.of ? 1 : 0);
}

}  // namespace brio::load
