// The client's connections of one loop: kept for reuse by origin, bounded for each origin and in all.
//
// Connections that wait hold no place in the loop but one timer for all, so a pool may outlive its loop. Who
// comes when an origin has all its connections in use waits, first come, first served. When the program has
// all that it may, one that waits for another origin is closed to make room; if there is none, the request
// fails.
#pragma once
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <brio/http/client.hpp>
#include <brio/http/client_connection.hpp>
#include <brio/http/client_url.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/resolve.hpp>

namespace brio::http {

struct ClientFailure {
    OutboundFailed::Cause cause;
    std::string what;
    bool nothing_sent = false;  // of the request: it may be made again, whatever its method
    bool unanswered =
        false;  // the connection ended before a byte of the answer: it may be made again if it is idempotent
};

class ClientPool {
public:
    ClientPool(Client& client, runtime::Loop& loop, runtime::OffloadPool& offload);
    ClientPool(const ClientPool&) = delete;
    ClientPool& operator=(const ClientPool&) = delete;
    ~ClientPool();

    /// A connection in use. Closed at the end unless it was kept.
    class Lease {
    public:
        Lease(ClientPool& pool, std::string origin, std::unique_ptr<ClientConnection> connection,
              bool was_kept) noexcept
            : pool_(&pool),
              origin_(std::move(origin)),
              connection_(std::move(connection)),
              was_kept_(was_kept) {}
        Lease(Lease&& other) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        ~Lease();

        ClientConnection& operator*() const noexcept { return *connection_; }
        ClientConnection* operator->() const noexcept { return connection_.get(); }
        /// It has carried a request before.
        bool was_kept() const noexcept { return was_kept_; }
        /// For the next request.
        void keep();

    private:
        ClientPool* pool_;
        std::string origin_;
        std::unique_ptr<ClientConnection> connection_;
        bool was_kept_;
    };
    using Taken = std::expected<Lease, ClientFailure>;

    struct Wish {
        ClientUrl url;
        bool fresh = false;            // not one that was kept
        std::string* doing = nullptr;  // is told what is being waited for, for whoever reports a time-out
    };
    /// What `wish.doing` points to lives until the result. Throws Cancelled only.
    Async<Taken> take(Wish wish);

    /// A further attempt is within the retry budget, and is counted.
    bool may_retry();
    void count_request();

    std::size_t open() const noexcept;
    std::size_t idle() const noexcept;

private:
    struct Idle {
        std::unique_ptr<ClientConnection> connection;
        runtime::Nanoseconds since;
    };
    struct Host {
        std::size_t open = 0;    // in use, being made and idle
        std::vector<Idle> idle;  // the latest last
        runtime::WaitList waiting;
    };
    // A place among the connections, until a Lease has it or it is given back.
    class Place;

    std::unique_ptr<ClientConnection> take_idle(Host& host);
    bool close_an_idle_one();
    Async<std::expected<std::unique_ptr<ClientConnection>, ClientFailure>> connect(Wish wish);
    void give_back(const std::string& origin);
    void close_unused();
    void wake_waiting();

    struct ClosingTimer : runtime::Timer {
        explicit ClosingTimer(ClientPool& its_pool) noexcept
            : Timer([](Timer& timer) { static_cast<ClosingTimer&>(timer).pool.close_unused(); }),
              pool(its_pool) {}
        ClientPool& pool;
    };
    struct WakingTimer : runtime::Timer {
        explicit WakingTimer(ClientPool& its_pool) noexcept
            : Timer([](Timer& timer) { static_cast<WakingTimer&>(timer).pool.wake_waiting(); }),
              pool(its_pool) {}
        ClientPool& pool;
    };

    Client& client_;
    runtime::Loop& loop_;
    runtime::Resolver resolver_;
    std::map<std::string, Host> hosts_;  // by origin; only those with connections or waiting requests
    ClosingTimer closing_{*this};
    WakingTimer waking_{*this};
    double retries_left_ = 0;
};

}  // namespace brio::http
