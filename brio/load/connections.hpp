// The kept-alive connections of one generator's thread to one server, shared by all its users.
//
// A connection carries one request at a time. The one that was used last is used next; when all are in use
// and there may be no more, requests wait in line; one whose time is nearly over is not sent any more. A
// connection that the server closed while it was idle is replaced once, for methods that may be repeated.
// Everything happens on the loop's thread; Exchange::done is never called from within send().
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <brio/load/exchange.hpp>
#include <brio/runtime/loop.hpp>
#include <brio/runtime/resolve.hpp>

namespace brio::http {
class ClientTls;
}

namespace brio::load {

struct ConnectionOptions {
    runtime::Endpoint endpoint;
    const http::ClientTls* tls = nullptr;  // null: none
    std::string host;                      // that the certificate must name
    std::size_t most = 1'000;
    std::chrono::nanoseconds timeout = std::chrono::seconds(10);  // of an exchange, from its beginning
};

class Connections {
public:
    Connections(runtime::Loop& loop, ConnectionOptions options);
    Connections(const Connections&) = delete;
    Connections& operator=(const Connections&) = delete;
    /// Nothing must be under way: fail_all() first.
    ~Connections();

    /// Begins `exchange`; it ends with its `done`, with `missing` set if no whole answer came.
    void send(Exchange& exchange);
    /// Ends all that are under way at the end of this turn.
    void fail_all(Missing why);

    std::size_t under_way() const noexcept { return under_way_; }
    std::size_t open() const noexcept { return open_; }
    std::uint64_t opened() const noexcept { return opened_; }

private:
    friend class Connection;
    struct EndOfTurn : runtime::TurnHook {
        explicit EndOfTurn(Connections& connections);
        Connections& owner;
    };
    struct TimeoutCheck : runtime::Timer {
        explicit TimeoutCheck(Connections& connections);
        Connections& owner;
    };

    Connection* take_idle();
    Connection* open_one();
    bool place(Exchange& exchange);
    void place_again(Exchange& exchange);
    void give_back(Connection& connection);
    void serve_waiting();
    bool is_nearly_due(const Exchange& exchange) const noexcept;
    void enlist(Exchange& exchange);
    void take_out(Exchange& exchange) noexcept;
    void end_later(Exchange& exchange, Missing why);
    void finish(Exchange& exchange);
    void check_timeouts();
    void end_those_that_failed();

    runtime::Loop& loop_;
    const ConnectionOptions options_;
    EndOfTurn at_turn_end_;
    TimeoutCheck timeout_check_;
    std::string input_;  // where all connections read into
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<Connection*> closed_;  // of them
    std::vector<Connection*> idle_;    // of them, the last used one last
    std::deque<Exchange*> waiting_;
    std::vector<Exchange*> failed_;
    Exchange* oldest_ = nullptr;
    Exchange* youngest_ = nullptr;
    std::size_t under_way_ = 0;
    std::size_t open_ = 0;
    std::uint64_t opened_ = 0;
};

}  // namespace brio::load
