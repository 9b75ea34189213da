// Addresses of clients: who is at the other end of the connection, or, behind proxies that are trusted, who
// they say it is.
#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/base/buffer.hpp>

namespace brio::http {

class Exchange;

/// IPv6, or IPv4 as ::ffff:a.b.c.d (RFC 4291 §2.5.5.2).
struct Address {
    std::array<std::uint8_t, 16> bytes{};

    bool is_v4() const noexcept;
    /// What one client commonly has to itself: an IPv4 address, or the /64 of an IPv6 one.
    Address of_one_client() const noexcept;
    bool operator==(const Address&) const = default;
};

/// "192.0.2.7", "2001:db8::1", with a port or brackets too as X-Forwarded-For has them: "192.0.2.7:80",
/// "[2001:db8::1]:80". Nothing when it is no address.
std::optional<Address> parse_address(std::string_view text);
/// As parse_address() reads it: "192.0.2.7", "2001:db8::1".
void append_address(Buffer& out, const Address& address);

/// "10.0.0.0/8", "2001:db8::/32", or one address.
struct Network {
    Address first;
    int bits = 128;

    bool contains(const Address& address) const noexcept;
};
std::optional<Network> parse_network(std::string_view text);
/// Several with commas between; the first that is none is the error. An empty text has none.
std::expected<std::vector<Network>, std::string> parse_networks(std::string_view text);

/// Of a socket's other end; nothing when that has none, as a socket pair.
std::optional<Address> peer_of(int socket);
/// Of the connection's.
std::optional<Address> peer_address(const Exchange& exchange);

/// The peer's, or, while that is a proxy which the server trusts (ServerOptions::trusted_proxies), the one
/// before it in X-Forwarded-For: of what the field says only that is believed which trusted ones have added,
/// from the right.
std::optional<Address> client_address(const Exchange& exchange);
/// The same with these as the trusted ones.
std::optional<Address> client_address(const Exchange& exchange, const std::vector<Network>& trusted);
/// Whether the client came over TLS as far as is known: to this server, or to a trusted proxy, which says so
/// in X-Forwarded-Proto.
bool came_over_tls(const Exchange& exchange);

/// Pure: the same of a peer and all its fields X-Forwarded-For as one list.
Address client_of(Address peer, std::string_view forwarded, const std::vector<Network>& trusted);

}  // namespace brio::http
