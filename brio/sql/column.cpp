#include <brio/sql/column.hpp>

#include <cmath>

#include <brio/reflect/utf8.hpp>
#include <brio/sql/value_list.hpp>

namespace brio::sql {

std::string_view checked_text(std::string_view text) {
    if (text.find('\0') != text.npos) {
        throw BadValue("a text with a NUL cannot be stored");
    }
    if (!reflect::is_utf8(text)) {
        throw BadValue("a text that is no well-formed UTF-8 cannot be stored");
    }
    return text;
}

double checked_real(double value) {
    if (!std::isfinite(value)) {
        throw BadValue("a number that is not finite cannot be stored");
    }
    return value + 0.0;  // -0.0 becomes 0.0
}

std::string_view checked_json(std::string_view json) {
    constexpr std::string_view escape = "\\u0000";
    for (auto at = json.find(escape); at != json.npos; at = json.find(escape, at + 1)) {
        const auto other = json.find_last_not_of('\\', at);
        const std::size_t backslashes = at - (other == json.npos ? 0 : other + 1);
        if (backslashes % 2 == 0) {
            throw BadValue("a text with a NUL cannot be stored, neither within JSON");
        }
    }
    return json;
}

void ValueList::add(std::string_view text) {
    Buffer encoded;
    json::write_string(encoded, text);
    json_ += json_.size() > 1 ? "," : "";
    json_ += encoded.view();
}

void ValueList::add_integer(std::int64_t value) {
    json_ += json_.size() > 1 ? "," : "";
    json_ += integer_text(value);
}

void ValueList::add_real(double value) {
    Buffer encoded;
    json::write_number(encoded, value);
    json_ += json_.size() > 1 ? "," : "";
    json_ += encoded.view();
}

std::string sound_pattern(std::string_view pattern) {
    std::string sound(checked_text(pattern));
    const auto other = sound.find_last_not_of('\\');
    const std::size_t backslashes = sound.size() - (other == sound.npos ? 0 : other + 1);
    return backslashes % 2 == 1 ? sound + '\\' : sound;
}

}  // namespace brio::sql
