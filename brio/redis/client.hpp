// The program's one client of a Redis 7: any loop uses it, each over a connection of its own.
//
//     Async<std::optional<std::string>> name_of(redis::Client& redis, std::string id) {
//         auto reply = co_await redis.command("HGET", "user:" + id, "name");
//         co_return reply.is_nil() ? std::nullopt : std::optional(reply.take_text());
//     }
//
// A connection is made with a loop's first command and again whenever it was lost. A server that does not
// answer, or answers that it serves nobody, is left alone for a while: commands fail at once, without
// waiting, and a probe finds out when it is back (at most half a second later).
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <brio/metrics/registry.hpp>
#include <brio/redis/breaker.hpp>
#include <brio/redis/call.hpp>
#include <brio/redis/connection.hpp>
#include <brio/redis/key_watch.hpp>
#include <brio/redis/metrics.hpp>
#include <brio/redis/script.hpp>
#include <brio/redis/subscription.hpp>
#include <brio/redis/url.hpp>
#include <brio/runtime/offload.hpp>
#include <brio/runtime/seats.hpp>

namespace brio::redis {

struct ClientOptions {
    Address address;  // parse_url()
    std::string name = "brio";
    std::chrono::nanoseconds timeout = std::chrono::milliseconds(20);  // of a command that sets none
    std::chrono::nanoseconds connect_timeout = std::chrono::milliseconds(500);
    /// A connection whose oldest command has waited so long is replaced.
    std::chrono::nanoseconds patience = std::chrono::milliseconds(500);
    BreakerOptions breaker = {};
    SharedLimits limits = {};
    ReplyReader::Limits replies = {};
    metrics::Registry* registry = nullptr;  // none: nothing is counted
};

/// Destroyed while none of its loops runs; the offload pool ends before.
class Client final : public Sender {
public:
    /// Names are looked up on `offload`. Does not connect yet.
    Client(ClientOptions options, runtime::OffloadPool& offload);
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client();

    bool send(runtime::Loop& loop, const Command& command) override;
    /// False while commands of this loop fail at once: what they would carry need not be made.
    bool is_usable(runtime::Loop& loop);

    /// Receives what is published to `channel` until it is destroyed, over a connection of its own.
    std::unique_ptr<Subscription> subscribe(runtime::Loop& loop, std::string channel, Receiver receiver);

    /// Tells when keys change that were looked at, over connections of its own.
    std::unique_ptr<KeyWatch> watch(runtime::Loop& loop, std::function<void()> changed);

    const Address& address() const noexcept { return options_.address; }
    const ClientOptions& options() const noexcept { return options_; }
    /// What a Connection of one's own is made with, for whoever blocks.
    ConnectionOptions connection_options() const;
    Shared& shared() noexcept { return shared_; }
    runtime::OffloadPool& offload() noexcept { return offload_; }
    /// Loops that are connected.
    std::uint32_t connected() const noexcept { return connected_.load(std::memory_order_relaxed); }
    /// For runtime::Limits::add.
    void each_limit(const std::function<void(runtime::Limit&)>& visit);

private:
    class Seat;
    Seat& seat_of(runtime::Loop& loop);
    void submit(Call& call, runtime::Loop& loop) override;
    std::chrono::nanoseconds timeout() const noexcept override { return options_.timeout; }
    bool may_log() noexcept;

    const ClientOptions options_;
    runtime::OffloadPool& offload_;
    Shared shared_;
    std::atomic<std::uint32_t> connected_{0};
    std::atomic<std::uint32_t> open_breakers_{0};
    std::atomic<std::int64_t> logged_{0};
    runtime::Seats<Seat> seats_;
    std::vector<metrics::Callback> gauges_;
};

}  // namespace brio::redis
