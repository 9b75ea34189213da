// Where a Redis is.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

namespace bench {

struct RedisPlace {
    std::string host;
    int port;
};

/// Of redis://host:port[/0]; throws std::runtime_error.
inline RedisPlace redis_place(std::string_view url) {
    constexpr std::string_view scheme = "redis://";
    const std::size_t colon = url.rfind(':');
    if (!url.starts_with(scheme) || colon <= scheme.size()) {
        throw std::runtime_error("--redis is not redis://host:port");
    }
    return {std::string(url.substr(scheme.size(), colon - scheme.size())),
            std::stoi(std::string(url.substr(colon + 1)))};
}

}  // namespace bench
