#include <brio/http/cookies.hpp>
#include <brio/http/token.hpp>

namespace brio::http {

std::optional<CookiePair> CookieReader::next() noexcept {
    while (!rest_.empty()) {
        const auto part = next_part(rest_, ';');
        const auto equals = part.find('=');
        if (equals == std::string_view::npos) {
            continue;
        }
        const auto name = trim(part.substr(0, equals));
        auto value = trim(part.substr(equals + 1));
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
            value = value.substr(1, value.size() - 2);
        }
        if (is_token(name)) {
            return CookiePair{name, value};
        }
    }
    return std::nullopt;
}

std::optional<std::string_view> find_cookie(std::string_view field, std::string_view name) noexcept {
    CookieReader reader(field);
    while (const auto cookie = reader.next()) {
        if (cookie->name == name) {
            return cookie->value;
        }
    }
    return std::nullopt;
}

}  // namespace brio::http
