#include <brio/redis/server_info.hpp>

#include <charconv>

#include <brio/base/text.hpp>

namespace brio::redis {

ServerInfo parse_info(std::string_view text) {
    ServerInfo info;
    const auto number = [](std::string_view digits) {
        std::uint64_t value = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return value;
    };
    while (!text.empty()) {
        const std::string_view line = trim(text.substr(0, text.find('\n')));
        text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) {
            continue;
        }
        const std::string_view name = line.substr(0, colon);
        const std::string_view value = line.substr(colon + 1);
        if (name == "redis_version") {
            info.version = value;
        } else if (name == "role") {
            info.role = value;
        } else if (name == "used_memory") {
            info.memory = number(value);
        } else if (name == "maxmemory") {
            info.maxmemory = number(value);
        } else if (name == "maxmemory_policy") {
            info.maxmemory_policy = value;
        }
    }
    return info;
}

std::string trouble_as_cache(const ServerInfo& info) {
    constexpr std::string_view evicting =
        "set maxmemory-policy to allkeys-lru or allkeys-lfu in redis.conf; a broker for tasks, which must "
        "lose "
        "nothing, needs a Redis of its own with noeviction";
    if (info.role == "slave") {
        return "it is a replica, which takes no writes: name its master in REDIS_URL";
    }
    if (info.maxmemory == 0) {
        return concat(
            {"it has no maxmemory, so the cache grows until the machine has no memory left: set "
             "maxmemory, and ",
             evicting});
    }
    if (info.maxmemory_policy == "noeviction") {
        return concat({"it evicts nothing (maxmemory-policy noeviction), so a full cache takes nothing new: ",
                       evicting});
    }
    return {};
}

Async<std::expected<ServerInfo, Failure>> ask_info(Sender& sender, CallOptions options) {
    auto outcome = co_await sender.attempt(Command("INFO"), options);
    if (!outcome) {
        co_return std::unexpected(std::move(outcome.error()));
    }
    co_return parse_info(outcome->text());
}

}  // namespace brio::redis
