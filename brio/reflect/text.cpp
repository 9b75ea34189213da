#include <brio/reflect/text.hpp>

#include <cstring>

#include <brio/base/text.hpp>
#include <brio/reflect/utf8.hpp>

namespace brio::reflect {
namespace {

std::string length_text(std::size_t min, std::size_t max) {
    const auto most = integer_text(max);
    const auto unit = std::string_view(max == 1 ? " character" : " characters");
    if (min == 0) {
        return concat({"must have at most ", most, unit});
    }
    if (min == max) {
        return concat({"must have exactly ", most, unit});
    }
    return concat({"must have ", integer_text(min), " to ", most, " characters"});
}

}  // namespace

std::optional<std::string> text_fault(std::string_view text, std::size_t min, std::size_t max) {
    const auto length = utf8_length(text);
    if (!length) {
        return "must be well-formed UTF-8";
    }
    if (*length < min || *length > max) {
        return length_text(min, max);
    }
    if (!text.empty() && std::memchr(text.data(), '\0', text.size()) != nullptr) {
        return "must not contain the character NUL";
    }
    return std::nullopt;
}

}  // namespace brio::reflect
