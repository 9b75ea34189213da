// Tells when keys change that were looked at, on one loop: CLIENT TRACKING of Redis, whose servers remember
// what a client has read and tell it once when that changes, whoever changes it and with whatever command.
//
// Over two connections of its own: with RESP2 the one that hears of changes takes no other commands. It
// connects again by itself. Where the server refuses (tracking needs a permission of its own), it never
// watches.
#pragma once
#include <functional>
#include <memory>

#include <brio/redis/subscription.hpp>

namespace brio::redis {

/// Made and destroyed on the loop's thread or while the loop does not run; not from within `changed`.
class KeyWatch final : public ConnectionWatcher, runtime::Timer {
public:
    /// `changed` is called when a key has changed since a look at it, also when that may be; it says not
    /// which. On the loop's thread.
    KeyWatch(runtime::Loop& loop, runtime::OffloadPool& offload, Shared& shared, ConnectionOptions options,
             std::function<void()> changed);
    KeyWatch(const KeyWatch&) = delete;
    KeyWatch& operator=(const KeyWatch&) = delete;
    ~KeyWatch();

    bool is_watching() const noexcept { return is_watching_; }
    /// Commands that only read: each key that they name is watched from then on until it has changed, also
    /// one that is not there. Not in scripts, whose reads are not watched. Only while is_watching().
    BatchCall look(std::vector<Command> commands) { return connection_->commands(std::move(commands)); }

private:
    void open();
    void became_ready(Connection& connection) override;
    void broke(Connection& connection) override;
    void stop_watching();
    static Async<void> begin(KeyWatch& self);

    runtime::Loop& loop_;
    runtime::Resolver resolver_;
    Shared& shared_;
    const ConnectionOptions options_;
    const std::function<void()> changed_;
    Backoff backoff_;
    runtime::Work work_;
    std::unique_ptr<Connection> connection_;  // that looks
    Async<void> beginning_;
    bool is_watching_ = false;
    Subscription subscription_;  // that hears
};

}  // namespace brio::redis
