// Names of hosts to addresses: getaddrinfo on the offload threads, with a small cache.
//
// A Resolver belongs to one loop. Whoever asks for a name that is being looked up waits for the same answer.
// A wait ends at once when its unit of work is stopped; the look-up goes on and its answer is kept.
// getaddrinfo tells no lifetime, so answers are kept for a fixed time, failures for a shorter one.
#pragma once
#include <sys/socket.h>

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/offload.hpp>

namespace brio::runtime {

/// Where a socket connects to.
struct Endpoint {
    sockaddr_storage storage{};
    socklen_t size = 0;
};
/// "127.0.0.1:80", "[::1]:80".
std::string text_of(const Endpoint& endpoint);

/// In the order of preference (RFC 6724), not empty; or why there is none.
using Resolution = std::expected<std::vector<Endpoint>, std::string>;

/// Of a numeric IPv4 or IPv6 address (without brackets); an error for anything else. Does not block.
Resolution numeric_endpoint(const std::string& host, std::uint16_t port);
/// By getaddrinfo. Blocks.
Resolution look_up(const std::string& host, std::uint16_t port);

class Resolver {
public:
    using LookUp = std::function<Resolution(const std::string& host, std::uint16_t port)>;
    struct Options {
        std::chrono::milliseconds keep{30'000};  // an answer
        std::chrono::milliseconds keep_failure{1'000};
        std::size_t names = 256;  // kept at most; the one that ends soonest makes room
        std::size_t look_ups =
            8;  // at once, so that a dead name server cannot take all offload threads' time
        LookUp look_up = runtime::look_up;  // called on a pool thread
    };
    /// The pool ends before the loop does; the resolver may end after both.
    Resolver(Loop& loop, OffloadPool& pool, Options options);
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;
    /// Numeric addresses without suspending. Throws Cancelled only.
    Async<Resolution> resolve(std::string host, std::uint16_t port);
    std::size_t kept() const noexcept { return names_.size(); }

private:
    struct Name;
    class Job;
    using Names = std::map<std::pair<std::string, std::uint16_t>, std::shared_ptr<Name>>;
    void make_room();

    Loop& loop_;
    OffloadPool& pool_;
    Options options_;
    Names names_;
    std::shared_ptr<std::size_t> running_;  // look-ups under way
};

}  // namespace brio::runtime
