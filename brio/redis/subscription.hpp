// What is published to one channel, received on one loop over a connection of its own.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <brio/redis/backoff.hpp>
#include <brio/redis/connection.hpp>

namespace brio::redis {

struct Receiver {
    std::function<void(std::string_view payload)> message;
    /// Once it listens, and again after each time when it did not: what was published before is not known.
    std::function<void()> listening;
    /// It listens no more, and is going to connect again.
    std::function<void()> lost = {};
};

/// Connects again by itself; stays connected while this program has too much else under way. Made and
/// destroyed on the loop's thread or while the loop does not run; not from within its receiver.
class Subscription final : public ConnectionWatcher, runtime::Timer {
public:
    Subscription(runtime::Loop& loop, runtime::OffloadPool& offload, Shared& shared,
                 ConnectionOptions options, std::string channel, Receiver receiver);
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    ~Subscription();

    bool is_listening() const noexcept { return is_listening_; }
    /// The server's number for the connection that listens; 0 where it does not say.
    std::int64_t client_id() const noexcept { return client_id_; }

private:
    void open();
    void became_ready(Connection& connection) override;
    void broke(Connection& connection) override;
    void tick();
    static Async<void> listen(Subscription& self);
    Async<Outcome> ask(Command command);

    runtime::Loop& loop_;
    runtime::Resolver resolver_;
    Shared& shared_;
    const ConnectionOptions options_;
    const std::string channel_;
    const Receiver receiver_;
    Backoff backoff_;
    std::unique_ptr<Connection> connection_;
    runtime::Work work_;
    Async<void> listening_;
    bool is_listening_ = false;
    std::int64_t client_id_ = 0;
};

}  // namespace brio::redis
