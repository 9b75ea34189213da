// Text within a value that is copied as bytes: cut where it does not fit.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace brio {

template <std::size_t most>
struct FixedText {
    static_assert(most < 256);

    FixedText& operator=(std::string_view text) noexcept {
        size = static_cast<std::uint8_t>(std::min(text.size(), most));
        text.copy(bytes.data(), size);
        return *this;
    }
    std::string_view view() const noexcept { return {bytes.data(), std::min<std::size_t>(size, most)}; }

    std::uint8_t size = 0;
    std::array<char, most> bytes{};
};

}  // namespace brio
