// What a Redis says of itself, and whether it suits a cache. Pure, but for the asking.
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include <brio/redis/call.hpp>

namespace brio::redis {

struct ServerInfo {
    std::string version;           // "7.0.15"
    std::string role;              // "master", "slave"
    std::uint64_t memory = 0;      // bytes in use
    std::uint64_t maxmemory = 0;   // bytes; 0: as much as there is
    std::string maxmemory_policy;  // "noeviction", "allkeys-lru", …
};

/// Reads the text of INFO (lines `name:value`); what is not there stays empty.
ServerInfo parse_info(std::string_view text);

/// What is wrong with it as a cache and what to do, or nothing: a cache must be able to evict, whereas a
/// broker must not.
std::string trouble_as_cache(const ServerInfo& info);

/// Asks by INFO. Throws Cancelled only.
Async<std::expected<ServerInfo, Failure>> ask_info(Sender& sender, CallOptions options = {});

}  // namespace brio::redis
