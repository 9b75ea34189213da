// The URLs that the client fetches (RFC 3986, RFC 9110 §4.2).
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace brio::http {

struct ClientUrl {
    bool is_secure = false;  // https
    std::string host;        // lower case, an IPv6 address without brackets
    std::uint16_t port = 0;
    std::string authority;  // for the Host field: without the scheme's default port
    std::string target;     // path and query as given, "/" for no path

    /// "http://host" or "http://host:port": requests of one origin share connections.
    std::string origin() const;
    /// The whole URL without its query, which may hold secrets: for messages.
    std::string without_query() const;
    std::string text() const { return (is_secure ? "https://" : "http://") + authority + target; }

    friend bool operator==(const ClientUrl&, const ClientUrl&) = default;
};

/// An absolute http or https URL; its fragment is dropped. Refused, with what is wrong: other schemes, user
/// information, an invalid host or port, and characters that a request line cannot carry (escape them:
/// spaces, controls, anything not ASCII).
std::expected<ClientUrl, std::string> parse_client_url(std::string_view text);

/// `reference` (of a Location field) as seen from `base`: RFC 3986 §5.2.
std::expected<ClientUrl, std::string> resolve_client_url(const ClientUrl& base, std::string_view reference);

}  // namespace brio::http
