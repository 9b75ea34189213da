#include <brio/http/address.hpp>

#include <brio/base/text.hpp>
#include <brio/http/connection.hpp>
#include <brio/http/exchange.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace brio::http {
namespace {

constexpr std::array<std::uint8_t, 12> v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

Address of_v4(const in_addr& v4) noexcept {
    Address made;
    std::ranges::copy(v4_prefix, made.bytes.begin());
    std::memcpy(made.bytes.data() + v4_prefix.size(), &v4, 4);
    return made;
}

std::string_view trimmed(std::string_view text) noexcept {
    auto const from = text.find_first_not_of(" \t");
    return from == text.npos ? std::string_view()
                             : text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

bool is_one_of(const std::vector<Network>& networks, const Address& address) noexcept {
    return std::ranges::any_of(networks, [&](const Network& each) { return each.contains(address); });
}

}  // namespace

bool Address::is_v4() const noexcept { return std::equal(v4_prefix.begin(), v4_prefix.end(), bytes.begin()); }

Address Address::of_one_client() const noexcept {
    auto made = *this;
    if (!is_v4()) {
        std::fill(made.bytes.begin() + 8, made.bytes.end(), std::uint8_t{0});
    }
    return made;
}

std::optional<Address> parse_address(std::string_view text) {
    if (text.starts_with('[')) {
        auto const end = text.find(']');
        if (end == text.npos) {
            return std::nullopt;
        }
        text = text.substr(1, end - 1);
    } else if (std::ranges::count(text, ':') == 1) {
        text = text.substr(0, text.find(':'));
    }
    std::array<char, INET6_ADDRSTRLEN> terminated{};
    if (text.empty() || text.size() >= terminated.size()) {
        return std::nullopt;
    }
    std::ranges::copy(text, terminated.begin());
    in_addr v4{};
    if (::inet_pton(AF_INET, terminated.data(), &v4) == 1) {
        return of_v4(v4);
    }
    Address made;
    if (::inet_pton(AF_INET6, terminated.data(), made.bytes.data()) == 1) {
        return made;
    }
    return std::nullopt;
}

bool Network::contains(const Address& address) const noexcept {
    auto const whole = static_cast<std::size_t>(bits) / 8;
    if (!std::equal(first.bytes.begin(), first.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                    address.bytes.begin())) {
        return false;
    }
    auto const rest = bits % 8;
    return rest == 0 || ((first.bytes[whole] ^ address.bytes[whole]) >> (8 - rest)) == 0;
}

std::optional<Network> parse_network(std::string_view text) {
    auto const slash = text.find('/');
    auto const first = parse_address(text.substr(0, slash));
    if (!first) {
        return std::nullopt;
    }
    auto const offset = first->is_v4() ? 96 : 0;
    Network made{.first = *first, .bits = 128};
    if (slash != text.npos) {
        auto const digits = text.substr(slash + 1);
        int bits = -1;
        auto const [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
        if (failed != std::errc() || end != digits.data() + digits.size() || bits < 0 ||
            bits + offset > 128) {
            return std::nullopt;
        }
        made.bits = bits + offset;
    }
    return made;
}

std::expected<std::vector<Network>, std::string> parse_networks(std::string_view text) {
    std::vector<Network> made;
    while (!trimmed(text).empty()) {
        auto const comma = text.find(',');
        auto const one = trimmed(text.substr(0, comma));
        auto const network = parse_network(one);
        if (!network) {
            return std::unexpected(std::string(one));
        }
        made.push_back(*network);
        text = comma == text.npos ? std::string_view() : text.substr(comma + 1);
    }
    return made;
}

void append_address(Buffer& out, const Address& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    auto const* const bytes = address.bytes.data() + (address.is_v4() ? v4_prefix.size() : 0);
    if (::inet_ntop(address.is_v4() ? AF_INET : AF_INET6, bytes, text.data(), text.size()) != nullptr) {
        out.append(text.data());
    }
}

std::optional<Address> peer_of(int socket) {
    sockaddr_storage there{};
    socklen_t size = sizeof there;
    if (::getpeername(socket, reinterpret_cast<sockaddr*>(&there), &size) != 0) {
        return std::nullopt;
    }
    if (there.ss_family == AF_INET) {
        return of_v4(reinterpret_cast<const sockaddr_in&>(there).sin_addr);
    }
    if (there.ss_family != AF_INET6) {
        return std::nullopt;
    }
    Address made;
    std::memcpy(made.bytes.data(), &reinterpret_cast<const sockaddr_in6&>(there).sin6_addr, 16);
    return made;
}

std::optional<Address> Connection::peer() {
    if (!has_peer_) {
        has_peer_ = true;
        peer_ = peer_of(socket_.fd());
    }
    return peer_;
}

std::optional<Address> peer_address(const Exchange& exchange) {
    return exchange.connection_ != nullptr ? exchange.connection_->peer() : std::nullopt;
}

Address client_of(Address peer, std::string_view forwarded, const std::vector<Network>& trusted) {
    auto client = peer;
    while (!forwarded.empty() && is_one_of(trusted, client)) {
        auto const comma = forwarded.rfind(',');
        auto const last = comma == forwarded.npos ? forwarded : forwarded.substr(comma + 1);
        auto const before = parse_address(trimmed(last));
        if (!before) {
            break;
        }
        client = *before;
        forwarded = comma == forwarded.npos ? std::string_view() : forwarded.substr(0, comma);
    }
    return client;
}

const std::vector<Network>& Connection::trusted_proxies(const Exchange& exchange) noexcept {
    static std::vector<Network> const none;
    auto const* const connection = exchange.connection_;
    return connection != nullptr ? connection->server().options().trusted_proxies : none;
}

std::optional<Address> client_address(const Exchange& exchange) {
    return client_address(exchange, Connection::trusted_proxies(exchange));
}

bool came_over_tls(const Exchange& exchange) {
    if (exchange.over_tls) {
        return true;
    }
    auto const& trusted = Connection::trusted_proxies(exchange);
    if (trusted.empty()) {
        return false;
    }
    auto const peer = peer_address(exchange);
    std::string_view said;  // by the proxy itself: what a client sent may stand before it
    for (std::size_t i = 0; i < exchange.head.field_count(); ++i) {
        if (auto const field = exchange.head.field(i);
            equals_ignoring_case(field.name, "X-Forwarded-Proto")) {
            said = field.value;
        }
    }
    return peer && is_one_of(trusted, *peer) &&
           equals_ignoring_case(trimmed(said.substr(said.rfind(',') + 1)), "https");
}

std::optional<Address> client_address(const Exchange& exchange, const std::vector<Network>& trusted) {
    auto const peer = peer_address(exchange);
    if (!peer || trusted.empty()) {
        return peer;
    }
    std::string_view forwarded;
    std::string joined;  // of several fields one list (RFC 9110 §5.3)
    for (std::size_t i = 0; i < exchange.head.field_count(); ++i) {
        auto const field = exchange.head.field(i);
        if (!equals_ignoring_case(field.name, "X-Forwarded-For")) {
            continue;
        }
        if (!forwarded.empty()) {
            joined = concat({forwarded, ",", field.value});
        }
        forwarded = joined.empty() ? field.value : std::string_view(joined);
    }
    return client_of(*peer, forwarded, trusted);
}

}  // namespace brio::http
