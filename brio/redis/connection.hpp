// One connection to a Redis, on one loop.
//
// It connects by itself as soon as it is made; commands may be sent at once and leave when it is ready.
// Broken once, it stays broken, and whatever is sent fails: make another. A Client does that; a connection of
// one's own is for commands that block (BLPOP) and for subscriptions.
#pragma once
#include <chrono>
#include <deque>
#include <functional>
#include <string>

#include <brio/base/buffer.hpp>
#include <brio/base/clock.hpp>
#include <brio/redis/call.hpp>
#include <brio/redis/metrics.hpp>
#include <brio/redis/reply_reader.hpp>
#include <brio/redis/url.hpp>
#include <brio/runtime/resolve.hpp>

namespace brio::redis {

/// Hears of a connection at the end of the loop's turn in which something happened to it.
class ConnectionWatcher {
public:
    virtual void became_ready(Connection&) {}
    /// May destroy the connection.
    virtual void broke(Connection&) {}
    /// At once, of each command: whether the server does its work.
    virtual void answered(bool /*well*/) {}

protected:
    ~ConnectionWatcher() = default;
};

struct ConnectionOptions {
    Address address;
    std::string name;                                                           // shown by CLIENT LIST
    std::chrono::nanoseconds connect_timeout = std::chrono::milliseconds(500);  // until it is ready
    std::chrono::nanoseconds timeout = std::chrono::milliseconds(20);           // of a command that sets none
    /// A connection whose oldest command has waited so long is broken. max() where commands block.
    std::chrono::nanoseconds patience = std::chrono::milliseconds(500);
    ReplyReader::Limits replies = {};
    /// Of a connection that subscribes: takes each message's channel and payload.
    std::function<void(std::string_view channel, std::string_view payload)> receive = {};
};

class Connection final : public Sender, runtime::Watch, runtime::TurnHook {
public:
    /// `resolver` is of the same loop; it and `shared` outlive the connection.
    Connection(runtime::Loop& loop, runtime::Resolver& resolver, Shared& shared, ConnectionOptions options,
               ConnectionWatcher* watcher = nullptr);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    /// Who waits is not resumed any more.
    ~Connection();

    bool is_ready() const noexcept { return state_ == State::ready; }
    bool is_broken() const noexcept { return state_ == State::broken; }
    /// Why it is broken.
    const std::string& reason() const noexcept { return reason_; }
    /// The time since it became ready.
    std::chrono::nanoseconds age() const noexcept { return loop_.now() - ready_at_; }
    std::size_t in_flight() const noexcept { return in_flight_.size(); }
    /// Treats it as broken.
    void give_up(std::string_view reason) { fail(std::string(reason)); }
    bool send(runtime::Loop& loop, const Command& command) override;

private:
    enum class State : std::uint8_t { connecting, greeting, ready, broken };
    struct Entry {
        Call* call;              // none: nobody waits for it
        std::uint32_t left;      // replies
        std::uint32_t commands;  // that take part of the limit
        bool is_counted;         // though nobody waits
        Ticks sent;
        std::chrono::nanoseconds since;
    };
    struct Patience : runtime::Timer {
        explicit Patience(Connection& its_connection) noexcept
            : Timer([](Timer& timer) { static_cast<Patience&>(timer).connection.lose_patience(); }),
              connection(its_connection) {}
        Connection& connection;
    };
    friend class Call;

    void submit(Call& call, runtime::Loop& loop) override;
    std::optional<Failure> enqueue(std::span<const Command> commands, Call* call);
    std::chrono::nanoseconds timeout() const noexcept override { return options_.timeout; }
    void abandon(Call& call) noexcept;
    void time_out(Call& call) noexcept;
    static void unlink(Call& call) noexcept;

    Async<void> connect();
    void adopt(runtime::File socket);
    void greet();
    void take_greeting();
    void become_ready();
    void watch_patience();
    void lose_patience();

    void on_ready(std::uint32_t events);
    void flush();
    void receive();
    bool read_replies();
    void take(Entry& entry);
    bool take_message();
    void complete(Entry& entry);
    void count(std::span<const Reply> replies, Ticks sent);
    void release(std::size_t bytes) noexcept;
    void link(Call& call) noexcept;
    void resume_done();
    void end_turn();
    void fail(std::string reason);

    runtime::Loop& loop_;
    runtime::Resolver& resolver_;
    Shared& shared_;
    const ConnectionOptions options_;
    ConnectionWatcher* watcher_;
    State state_ = State::connecting;
    bool told_ = true;      // the watcher, of state_
    bool writing_ = false;  // the socket was full
    std::string reason_;
    runtime::Work work_;
    Async<void> connecting_;
    runtime::File socket_;
    std::chrono::nanoseconds ready_at_{};
    Patience patience_{*this};
    ReplyReader reader_;
    std::deque<Entry> in_flight_;
    std::uint64_t first_ = 0;  // the number of in_flight_'s first
    std::vector<Reply> greeting_;
    Buffer held_;  // until it is ready
    Buffer out_;
    std::size_t unsent_ = 0;  // commands since the last write
    std::size_t taken_ = 0;   // of the limit of queued bytes
    Call* done_ = nullptr;
    Call** done_end_ = &done_;
    bool* destroyed_ = nullptr;  // told by the destructor to whoever resumes
};

}  // namespace brio::redis
