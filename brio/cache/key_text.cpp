#include <brio/cache/key_text.hpp>

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>

#include <brio/base/text.hpp>

namespace brio::cache {

namespace {

constexpr std::size_t longest_value = 60;
constexpr std::size_t longest_text = 300;

// As key.hpp and key_parameters.hpp write them.
constexpr std::string_view texts = "sejUb";           // a length and bytes
constexpr std::string_view numbers = "inkVzydE";      // eight bytes that mean something by themselves
constexpr std::string_view structure = "r#lTvx";      // eight bytes that say how what follows is built
constexpr std::string_view marks = "tfOow_pqhcaIQL";  // nothing after it

class Reader {
public:
    explicit Reader(std::string_view bytes) noexcept : rest_(bytes) {}
    bool at_end() const noexcept { return rest_.empty(); }
    char tag() noexcept {
        const char tag = rest_.front();
        rest_.remove_prefix(1);
        return tag;
    }
    std::optional<std::uint64_t> word() noexcept {
        std::uint64_t value = 0;
        if (rest_.size() < sizeof value) {
            return std::nullopt;
        }
        std::memcpy(&value, rest_.data(), sizeof value);
        rest_.remove_prefix(sizeof value);
        if constexpr (std::endian::native == std::endian::big) {
            value = __builtin_bswap64(value);
        }
        return value;
    }
    std::optional<std::string_view> bytes() noexcept {
        const auto size = word();
        if (!size || *size > rest_.size()) {
            return std::nullopt;
        }
        const auto found = rest_.substr(0, *size);
        rest_.remove_prefix(*size);
        return found;
    }

private:
    std::string_view rest_;
};

std::string printable(std::string_view text) {
    std::string shown(text.substr(0, longest_value));
    for (char& letter : shown) {
        letter = letter < 0x20 || letter > 0x7e ? '.' : letter;
    }
    return shown + (text.size() > longest_value ? "…" : "");
}

std::string number_text(char tag, std::uint64_t value) {
    if (tag == 'd') {
        return std::to_string(std::bit_cast<double>(value));
    }
    return tag == 'i' ? std::to_string(value) : integer_text(static_cast<std::int64_t>(value));
}

}  // namespace

std::string key_text(std::string_view canonical) {
    std::string text;
    Reader reader(canonical);
    const auto add = [&text](std::string_view value) { text.append(text.empty() ? "" : " ").append(value); };
    while (!reader.at_end() && text.size() < longest_text) {
        const char tag = reader.tag();
        if (texts.contains(tag)) {
            const auto bytes = reader.bytes();
            if (!bytes) {
                return text + "…";
            }
            add(tag == 's' || tag == 'e' || tag == 'j' ? printable(*bytes)
                                                       : concat({integer_text(bytes->size()), " bytes"}));
        } else if (numbers.contains(tag) || structure.contains(tag)) {
            const auto value = reader.word();
            if (!value) {
                return text + "…";
            }
            if (numbers.contains(tag)) {
                add(number_text(tag, *value));
            }
        } else if (tag == 't' || tag == 'f') {
            add(tag == 't' ? "true" : "false");
        } else if (tag == 'o') {
            add("-");
        } else if (!marks.contains(tag)) {
            return text + "…";
        }
    }
    return reader.at_end() ? text : text + "…";
}

}  // namespace brio::cache
