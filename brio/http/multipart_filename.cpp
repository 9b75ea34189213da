#include <brio/http/multipart_filename.hpp>

#include <algorithm>
#include <array>

#include <brio/base/text.hpp>
#include <brio/reflect/utf8.hpp>

namespace brio::http {
namespace {

constexpr std::size_t longest_extension = 16;  // with its dot; a longer one is part of the name

// U+202A to U+202E and U+2066 to U+2069 turn the direction of what follows, so that exe.txt is shown for
// txt.exe.
bool turns_direction(std::string_view character) noexcept {
    return (character >= "\u202A" && character <= "\u202E") ||
           (character >= "\u2066" && character <= "\u2069");
}

bool is_refused(std::string_view character) noexcept {
    const auto c = static_cast<unsigned char>(character.front());
    const bool is_c1_control = character >= "\u0080" && character <= "\u009F";
    return c < 0x20 || c == 0x7f || is_c1_control || turns_direction(character) ||
           (c < 0x80 && std::string_view("<>:\"|?*").find(character.front()) != std::string_view::npos);
}

std::size_t character_bytes(char first) noexcept {
    const auto c = static_cast<unsigned char>(first);
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

std::string without_refused(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto character = text.substr(0, character_bytes(text.front()));
        text.remove_prefix(character.size());
        out += is_refused(character) ? "_" : character;
    }
    return out;
}

std::string_view without_dots_and_blanks(std::string_view text) noexcept {
    const auto first = std::min(text.find_first_not_of(". "), text.size());
    return text.substr(first, text.find_last_not_of(". ") + 1 - first);
}

// Names that open a device on Windows, whatever their extension.
bool is_device(std::string_view name) {
    static constexpr std::array<std::string_view, 4> plain{"con", "prn", "aux", "nul"};
    const auto stem = trim(name.substr(0, name.find('.')));
    const auto is = [&](std::string_view device) { return equal_ignoring_case(stem, device); };
    const bool is_port =
        stem.size() == 4 && stem[3] >= '0' && stem[3] <= '9' &&
        (equal_ignoring_case(stem.substr(0, 3), "com") || equal_ignoring_case(stem.substr(0, 3), "lpt"));
    return is_port || std::ranges::any_of(plain, is);
}

std::string shortened(std::string_view name) {
    const auto dot = std::min(name.rfind('.'), name.size());
    const auto extension = name.size() - dot <= longest_extension ? name.substr(dot) : std::string_view();
    const auto front = reflect::utf8_front(name.substr(0, name.size() - extension.size()),
                                           most_filename_bytes - extension.size());
    return concat({without_dots_and_blanks(front), extension});
}

}  // namespace

std::string sanitised_filename(std::string_view raw) {
    const auto slash = raw.find_last_of("/\\");
    const auto last = slash == std::string_view::npos ? raw : raw.substr(slash + 1);
    const auto clean = without_refused(valid_utf8(last));
    std::string name(without_dots_and_blanks(clean));
    if (is_device(name)) {
        name.insert(name.begin(), '_');
    }
    if (name.size() > most_filename_bytes) {
        name = shortened(name);
    }
    return name.empty() ? "upload" : name;
}

}  // namespace brio::http
