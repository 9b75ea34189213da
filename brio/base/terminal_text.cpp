#include <brio/base/terminal_text.hpp>

namespace brio {

std::string without_controls(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        const bool is_c1 = c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
        result += c < ' ' || c == 0x7f || is_c1 ? ' ' : text[i];
        i += is_c1 ? 1 : 0;
    }
    return result;
}

}  // namespace brio
