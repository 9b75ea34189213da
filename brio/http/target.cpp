#include <brio/http/target.hpp>
#include <brio/http/token.hpp>

#include <arpa/inet.h>
#include <algorithm>
#include <array>
#include <cstring>

namespace brio::http {

namespace {

constexpr Rejection asterisk_refused{400, "invalid_target", "only OPTIONS may ask for *"};
constexpr Rejection authority_wanted{400, "invalid_target", "CONNECT wants host:port as its target"};
constexpr Rejection invalid_form{400, "invalid_target",
                                 "the request target is neither a path nor an http or https URI"};
constexpr Rejection invalid_authority{400, "invalid_target",
                                      "the authority of the request target is not host[:port]"};
constexpr Rejection bad_escape{400, "invalid_target", "a % in the path is not followed by two hex digits"};
constexpr Rejection encoded_nul{400, "invalid_target", "the path holds an encoded NUL"};
constexpr Rejection dot_segment{400, "invalid_target", "the path holds a \".\" or \"..\" segment"};

bool is_escape(std::string_view text, std::size_t at) noexcept {
    return at + 2 < text.size() && has_class(text[at + 1], hex_char) && has_class(text[at + 2], hex_char);
}

/// The octet of the escape at `at`, which is_escape().
unsigned escaped_octet(std::string_view text, std::size_t at) noexcept {
    return hex_value(text[at + 1]) * 16 + hex_value(text[at + 2]);
}

bool is_dot_segment(std::string_view segment) noexcept {
    std::size_t dots = 0;
    while (!segment.empty()) {
        const bool plain = segment.front() == '.';
        const bool escaped = segment.size() >= 3 && segment[0] == '%' && escaped_octet(segment, 0) == '.';
        if (!plain && !escaped) {
            return false;
        }
        segment.remove_prefix(plain ? 1 : 3);
        ++dots;
    }
    return dots == 1 || dots == 2;
}

bool is_valid_port(std::string_view port) noexcept {
    unsigned value = 0;
    for (const char c : port) {
        if (c < '0' || c > '9') {
            return false;
        }
        value = value * 10 + static_cast<unsigned>(c - '0');
        if (value > 65535) {
            return false;
        }
    }
    return true;
}

bool is_ipv6(std::string_view address) noexcept {
    std::array<char, 64> text{};
    if (address.size() >= text.size() || address.find('\0') != std::string_view::npos) {
        return false;
    }
    std::memcpy(text.data(), address.data(), address.size());
    in6_addr parsed;
    return inet_pton(AF_INET6, text.data(), &parsed) == 1;
}

/// The size of the longest valid reg-name or IPv4 address that `text` begins with.
std::size_t name_size(std::string_view text) noexcept {
    std::size_t at = 0;
    while (at < text.size()) {
        if (has_class(text[at], host_char)) {
            ++at;
        } else if (text[at] == '%' && is_escape(text, at) && escaped_octet(text, at) > 0x20 &&
                   escaped_octet(text, at) != 0x7f) {
            at += 3;
        } else {
            break;
        }
    }
    return at;
}

/// "http://" or "https://" at the front of `text`, in any case; else 0.
std::size_t scheme_size(std::string_view text) noexcept {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (equals_ignoring_case(text.substr(0, scheme.size()), scheme)) {
            return scheme.size();
        }
    }
    return 0;
}

/// Cuts `text`, which is empty or begins with '/' or '?', into path and query; false when the path breaks the
/// policy.
bool split_path(std::string_view text, Target& out, Rejection& rejection) noexcept {
    bool suspicious = false;
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        if (!has_class(text[at], path_mark)) [[likely]] {
            continue;
        }
        if (text[at] == '?') {
            break;
        }
        suspicious |= text[at] == '%' || text[at - 1] == '/';
    }
    out.path = text.substr(0, at);
    out.query = at == text.size() ? std::string_view{} : text.substr(at + 1);
    if (suspicious) {
        if (const auto refusal = path_refusal(out.path)) {
            rejection = *refusal;
            return false;
        }
    }
    return true;
}

}  // namespace

bool is_valid_authority(std::string_view authority) noexcept {
    std::size_t host = 0;
    if (authority.starts_with('[')) {
        const auto close = authority.find(']');
        if (close == std::string_view::npos || !is_ipv6(authority.substr(1, close - 1))) {
            return false;
        }
        host = close + 1;
    } else {
        host = name_size(authority);
    }
    if (host == 0) {
        return false;
    }
    return host == authority.size() || (authority[host] == ':' && is_valid_port(authority.substr(host + 1)));
}

std::optional<Rejection> path_refusal(std::string_view encoded_path) noexcept {
    for (std::size_t at = encoded_path.find('%'); at != std::string_view::npos;
         at = encoded_path.find('%', at + 1)) {
        if (!is_escape(encoded_path, at)) {
            return bad_escape;
        }
        if (escaped_octet(encoded_path, at) == 0) {
            return encoded_nul;
        }
    }
    while (!encoded_path.empty()) {
        const auto end = encoded_path.find('/');
        if (is_dot_segment(encoded_path.substr(0, end))) {
            return dot_segment;
        }
        encoded_path = end == std::string_view::npos ? std::string_view{} : encoded_path.substr(end + 1);
    }
    return std::nullopt;
}

bool split_target(std::string_view text, Method method, Target& out, Rejection& rejection) noexcept {
    out = {};
    if (method == Method::connect) {
        const auto colon = text.rfind(':');
        const bool has_port = colon != std::string_view::npos && colon + 1 < text.size();
        out.form = Target::Form::authority;
        out.authority = text;
        rejection = authority_wanted;
        return has_port && text.find(']', colon) == std::string_view::npos && is_valid_authority(text);
    }
    if (text.starts_with('/')) {
        return split_path(text, out, rejection);
    }
    if (text == "*") {
        out.form = Target::Form::asterisk;
        out.path = text;
        rejection = asterisk_refused;
        return method == Method::options;
    }
    const auto scheme = scheme_size(text);
    if (scheme == 0) {
        rejection = invalid_form;
        return false;
    }
    out.form = Target::Form::absolute;
    const auto authority_end = std::min(text.find_first_of("/?", scheme), text.size());
    out.authority = text.substr(scheme, authority_end - scheme);
    if (!is_valid_authority(out.authority)) {
        rejection = invalid_authority;
        return false;
    }
    return split_path(text.substr(authority_end), out, rejection);
}

}  // namespace brio::http
