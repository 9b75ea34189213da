#include <brio/redis/url.hpp>

#include <sys/un.h>

#include <charconv>
#include <optional>

#include <brio/base/text.hpp>

namespace brio::redis {
namespace {

constexpr std::string_view forms =
    "write redis://[user[:password]@]host[:port][/database] or "
    "unix://[user[:password]@]/path/to/socket[?db=number]";
constexpr std::uint32_t most_databases = 1'000'000;

using Parsed = std::expected<Address, std::string>;

Parsed wrong(std::string_view what) { return std::unexpected(concat({what, "; ", forms})); }

template <class Number>
std::optional<Number> number_of(std::string_view text, Number most) {
    Number value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > most) {
        return std::nullopt;
    }
    return value;
}

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = ascii_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return decoded;
}

/// Takes `user:password@` from the front; an error's words, or nothing.
std::string_view take_credentials(std::string_view& rest, std::string_view until, Address& address) {
    const auto at = rest.substr(0, rest.find_first_of(until)).rfind('@');
    if (at == std::string_view::npos) {
        return {};
    }
    const std::string_view credentials = rest.substr(0, at);
    rest.remove_prefix(at + 1);
    const auto colon = credentials.find(':');
    const auto user = percent_decoded(credentials.substr(0, colon));
    const auto password =
        percent_decoded(colon == std::string_view::npos ? std::string_view() : credentials.substr(colon + 1));
    if (!user || !password) {
        return "its user or password has a '%' without two hexadecimal digits";
    }
    if (password->empty() && !user->empty()) {
        return "it has a user without a password (for a password alone: redis://:password@host)";
    }
    address.user = *user;
    address.password = *password;
    return {};
}

Parsed parse_unix(std::string_view rest) {
    Address address;
    if (const auto words = take_credentials(rest, "/", address); !words.empty()) {
        return wrong(words);
    }
    const auto query = rest.find('?');
    address.path = rest.substr(0, query);
    if (!address.path.starts_with('/')) {
        return wrong("a socket's path begins with '/'");
    }
    if (address.path.size() >= sizeof(sockaddr_un::sun_path)) {
        return wrong("the socket's path is longer than a socket's can be (107 characters)");
    }
    if (query != std::string_view::npos) {
        const std::string_view setting = rest.substr(query + 1);
        const auto database = setting.starts_with("db=")
                                  ? number_of<std::uint32_t>(setting.substr(3), most_databases)
                                  : std::nullopt;
        if (!database) {
            return wrong(concat({"'", setting, "' is not understood"}));
        }
        address.database = *database;
    }
    return address;
}

Parsed parse_tcp(std::string_view rest) {
    Address address;
    if (const auto words = take_credentials(rest, "/?#", address); !words.empty()) {
        return wrong(words);
    }
    if (rest.contains('@')) {  // no word of it is said: it may be a part of the password
        return wrong("in its user or password '/', '?' and '#' are written as %2F, %3F and %23");
    }
    if (const auto extra = rest.find_first_of("?#"); extra != std::string_view::npos) {
        return wrong(concat({"'", rest.substr(extra), "' is not understood"}));
    }
    const auto slash = rest.find('/');
    std::string_view place = rest.substr(0, slash);
    if (slash != std::string_view::npos && slash + 1 < rest.size()) {
        const auto database = number_of<std::uint32_t>(rest.substr(slash + 1), most_databases);
        if (!database) {
            return wrong(concat({"its database '", rest.substr(slash + 1), "' is not a number"}));
        }
        address.database = *database;
    }
    std::string_view port;
    if (place.starts_with('[')) {
        const auto close = place.find(']');
        if (close == std::string_view::npos || (close + 1 < place.size() && place[close + 1] != ':')) {
            return wrong("an IPv6 address stands in brackets, as in redis://[::1]:6379");
        }
        address.host = place.substr(1, close - 1);
        port = place.substr(std::min(close + 2, place.size()));
    } else {
        const auto colon = place.find(':');
        address.host = place.substr(0, colon);
        port = colon == std::string_view::npos ? std::string_view() : place.substr(colon + 1);
    }
    if (address.host.empty()) {
        return wrong("it has no host");
    }
    if (!port.empty()) {
        const auto number = number_of<std::uint16_t>(port, UINT16_MAX);
        if (!number || *number == 0) {
            return wrong(concat({"its port '", port, "' is not one of 1 to 65535"}));
        }
        address.port = *number;
    }
    return address;
}

}  // namespace

std::string Address::text() const {
    std::string text = path;
    if (path.empty()) {
        const bool is_v6 = host.find(':') != std::string::npos;
        text = concat({is_v6 ? "[" : "", host, is_v6 ? "]:" : ":", integer_text(port)});
    }
    return database == 0 ? text : concat({text, path.empty() ? "/" : "?db=", integer_text(database)});
}

std::expected<Address, std::string> parse_url(std::string_view url) {
    constexpr std::string_view tcp = "redis://";
    constexpr std::string_view local = "unix://";
    if (url.starts_with(tcp)) {
        return parse_tcp(url.substr(tcp.size()));
    }
    if (url.starts_with(local)) {
        return parse_unix(url.substr(local.size()));
    }
    if (url.starts_with("rediss://")) {
        return wrong(
            "Redis over TLS (rediss://) is not supported: put a TLS proxy such as stunnel beside the "
            "program");
    }
    return wrong("it is no URL of Redis");
}

}  // namespace brio::redis
