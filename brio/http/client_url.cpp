#include <brio/http/client_url.hpp>

#include <charconv>

#include <brio/base/text.hpp>
#include <brio/http/target.hpp>
#include <brio/http/token.hpp>

namespace brio::http {
namespace {

std::string_view without_fragment(std::string_view text) { return text.substr(0, text.find('#')); }

// RFC 3986 §5.2.4, for a path that begins with '/'.
std::string remove_dot_segments(std::string_view path) {
    std::string out;
    while (!path.empty()) {
        auto const end = path.find('/', 1);
        auto const segment = path.substr(0, end);  // with the '/' before it
        auto const is_last = end == std::string_view::npos;
        path = is_last ? std::string_view{} : path.substr(end);
        if (segment == "/.." || segment == "/.") {
            if (segment == "/..") {
                out.resize(out.find_last_of('/') == std::string::npos ? 0 : out.find_last_of('/'));
            }
            out += is_last ? "/" : "";
        } else {
            out += segment;
        }
    }
    return out;
}

bool has_scheme(std::string_view reference) {
    auto const end = reference.find_first_of(":/?");
    return end != std::string_view::npos && end > 0 && reference[end] == ':';
}

// Fills host, port and authority.
bool split_authority(std::string_view authority, ClientUrl& url) {
    if (!is_valid_authority(authority)) {
        return false;
    }
    url.port = url.is_secure ? 443 : 80;
    auto const bracket = authority.find(']');
    auto const colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    auto const host = authority.substr(0, colon);
    if (colon != std::string_view::npos && colon + 1 < authority.size()) {
        auto const digits = authority.substr(colon + 1);
        if (std::from_chars(digits.data(), digits.data() + digits.size(), url.port).ec != std::errc() ||
            url.port == 0) {
            return false;
        }
    }
    url.authority = brio::lower(host);
    url.host = host.starts_with('[') ? url.authority.substr(1, url.authority.size() - 2) : url.authority;
    if (url.port != (url.is_secure ? 443 : 80)) {
        url.authority += ":" + integer_text(url.port);
    }
    return !url.host.empty() && url.host.size() <= 255 && url.host.find('%') == std::string::npos;
}

}  // namespace

std::string ClientUrl::origin() const { return concat({is_secure ? "https://" : "http://", authority}); }

std::string ClientUrl::without_query() const {
    return concat({is_secure ? "https://" : "http://", authority,
                   std::string_view(target).substr(0, target.find('?'))});
}

std::expected<ClientUrl, std::string> parse_client_url(std::string_view text) {
    ClientUrl url;
    auto const scheme_end = text.find("://");
    auto const scheme = text.substr(0, scheme_end);
    if (scheme_end == std::string_view::npos ||
        (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https"))) {
        return std::unexpected("a URL begins with http:// or https://");
    }
    url.is_secure = scheme.size() == 5;
    auto const rest = without_fragment(text.substr(scheme_end + 3));
    auto const path_at = rest.find_first_of("/?");
    if (!split_authority(rest.substr(0, path_at), url)) {
        return std::unexpected("the URL's host is not a name or address with an optional port");
    }
    url.target = path_at == std::string_view::npos ? "/" : std::string(rest.substr(path_at));
    if (url.target.front() == '?') {
        url.target.insert(0, "/");
    }
    if (!all_of_class(url.target, target_char)) {
        return std::unexpected("the URL holds a character that must be escaped");
    }
    return url;
}

std::expected<ClientUrl, std::string> resolve_client_url(const ClientUrl& base, std::string_view reference) {
    reference = without_fragment(reference);
    if (has_scheme(reference)) {
        return parse_client_url(reference);
    }
    if (reference.starts_with("//")) {
        return parse_client_url(concat({base.is_secure ? "https:" : "http:", reference}));
    }
    auto const base_path = std::string_view(base.target).substr(0, base.target.find('?'));
    auto const query_at = reference.find('?');
    auto path = std::string(reference.substr(0, query_at));
    if (reference.empty()) {
        path = base.target;
    } else if (path.empty()) {
        path = base_path;
    } else if (path.front() != '/') {
        path = concat({base_path.substr(0, base_path.rfind('/') + 1), path});
    }
    auto url = base;
    url.target = reference.empty() ? path : remove_dot_segments(path);
    if (query_at != std::string_view::npos) {
        url.target += reference.substr(query_at);
    }
    if (!all_of_class(url.target, target_char)) {
        return std::unexpected("the URL holds a character that must be escaped");
    }
    return url;
}

}  // namespace brio::http
