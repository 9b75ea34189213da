#include <brio/base/byte_text.hpp>

#include <cmath>
#include <iterator>

#include <brio/base/text.hpp>

namespace brio {

std::string bytes_text(std::uint64_t bytes) {
    static constexpr std::string_view units[] = {" B", " kB", " MB", " GB", " TB", " PB", " EB"};
    std::size_t unit = 0;
    std::uint64_t tenths = bytes;  // of the unit, but for single bytes
    if (bytes >= 1000) {
        double value = static_cast<double>(bytes);
        while (value >= 999.5 && unit + 1 < std::size(units)) {
            value /= 1000;
            ++unit;
        }
        tenths = static_cast<std::uint64_t>(std::lround(value * 10));
        if (tenths < 100 && tenths % 10 != 0) {
            return concat({integer_text(tenths / 10), ".", integer_text(tenths % 10), units[unit]});
        }
        tenths = static_cast<std::uint64_t>(std::lround(value));
    }
    return concat({integer_text(tenths), units[unit]});
}

}  // namespace brio
