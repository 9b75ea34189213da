// Where a Redis is: `redis://[user[:password]@]host[:port][/database]` or
// `unix://[user[:password]@]/path/to/socket[?db=number]`. Users and passwords are percent-encoded.
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace brio::redis {

struct Address {
    std::string host;  // a name or a numeric address without brackets; empty with a path
    std::uint16_t port = 6379;
    std::string path;  // of a Unix socket
    std::string user;  // empty: Redis' default user
    std::string password;
    std::uint32_t database = 0;

    /// For people, without the password: "127.0.0.1:6379/2", "/run/redis.sock".
    std::string text() const;
};

/// The address, or what is wrong and which URLs there are.
std::expected<Address, std::string> parse_url(std::string_view url);

}  // namespace brio::redis
