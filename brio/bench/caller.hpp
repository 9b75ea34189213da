// One client that asks one request after the other and takes the time of each.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include <brio/base/clock.hpp>
#include <brio/http/server.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::bench {

struct Called {
    int status = 0;
    std::size_t bytes = 0;  // of the answer
    Ticks took = 0;         // from the request's first byte to the answer's last
};

class Caller {
public:
    virtual ~Caller() = default;
    /// Asks and waits for the whole answer. Connects anew after an answer that closed the connection. Throws
    /// std::runtime_error when the answer does not come.
    virtual Called call(std::string_view request) = 0;
    /// Between two requests: lets what they have left behind be done.
    virtual void rest() {}
};

/// How long an answer may take.
inline constexpr std::chrono::seconds patience{60};

/// Without a socket (http/memory_link.hpp), on the loop's own thread. Both outlive it.
std::unique_ptr<Caller> memory_caller(runtime::Loop& loop, http::ServerLoop& server);

/// Over TCP to a port of this machine, where another thread serves. Throws std::system_error.
std::unique_ptr<Caller> socket_caller(std::uint16_t port);

}  // namespace brio::bench
