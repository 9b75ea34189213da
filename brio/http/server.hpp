// An HTTP/1.1 server: one Server (what all threads share, fixed once it serves) and one ServerLoop for each
// event loop.
//
// Each ServerLoop accepts from its own listener and keeps its connections: nothing on the request path is
// shared between threads. Sources: RFC 9110, RFC 9112; the rules for hostile input stand in parse_head.hpp
// and connection.hpp.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <brio/base/line_sink.hpp>
#include <brio/base/log.hpp>
#include <brio/http/address.hpp>
#include <brio/http/admission.hpp>
#include <brio/http/limits.hpp>
#include <brio/http/middleware.hpp>
#include <brio/http/router.hpp>
#include <brio/http/services.hpp>
#include <brio/ledger/goals.hpp>
#include <brio/ledger/request_metrics.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/runtime/limit.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::ledger {
class BlackBox;
class SpanQueue;
}  // namespace brio::ledger

namespace brio::http {

class BackgroundCall;
class Connection;
class Exchange;
class HandshakeMetrics;
class Handshakes;
class MemoryLink;
class ServerTls;
class TlsSession;
struct Answered;

struct CompressionRules {
    std::size_t minimum = 1000;
    std::size_t offload_above = 64 * 1024;
};

struct ServerOptions {
    Limits limits;
    Goals goals;
    bool measures = false;                             // measure() sets it
    bool has_deadlines = false;                        // deadlines() sets it
    std::optional<CompressionRules> compression = {};  // compress() sets it
    bool gzip_bodies = false;                          // gzip_bodies() sets it
    bool server_timing = false;  // the Server-Timing field: where the time went, for everyone who asks
    bool explains = false;  // the fields X-Brio-Statements and X-Brio-Warning, for who writes the program
    LogFormat access_log = LogFormat::off;
    AdmissionOptions admission = {};
    std::uint64_t in_flight = 10'000;     // requests between their head and their answer; more: 503
    std::uint64_t background_calls = 64;  // requests made once more for a cache's sake, at one time
    std::chrono::milliseconds drain_idle{
        500};  // how long an idle connection may send one more request once draining
    std::chrono::milliseconds half_closed_grace{250};  // how long work goes on for a client that has sent FIN
    std::string name = "http";                         // of its limits and metrics
    std::vector<Network> trusted_proxies = {};         // whose word on who the client is counts: address.hpp
};

class Server {
public:
    struct Parts {
        Router& router;
        const Services& services;
        metrics::Registry& registry;
        ledger::RequestMetrics* metrics = nullptr;  // of measure(); null: not measured
        runtime::Limits* limits = nullptr;          // where the server's limits register
        LineWriter* log = nullptr;                  // where access lines go
        std::vector<Middleware> middlewares = {};
        ledger::BlackBox* black_box = nullptr;  // what is kept of slow requests; null: nothing
        ledger::SpanQueue* spans = nullptr;     // what collectors of traces get; null: nobody collects them
        ServerTls* tls = nullptr;               // what clients speak HTTP over; null: nothing
    };
    /// Applies the middlewares' settings, and stops the program when a route's service is missing.
    Server(ServerOptions options, Parts parts);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    const ServerOptions& options() const noexcept { return options_; }
    const Router& router() const noexcept { return parts_.router; }
    const Services& services() const noexcept { return parts_.services; }
    const std::vector<Middleware>& middlewares() const noexcept { return parts_.middlewares; }
    metrics::Registry& registry() const noexcept { return parts_.registry; }
    LineWriter* log() const noexcept { return parts_.log; }
    ledger::RequestMetrics* metrics() const noexcept { return parts_.metrics; }
    ledger::BlackBox* black_box() const noexcept { return parts_.black_box; }
    ledger::SpanQueue* spans() const noexcept { return parts_.spans; }
    ServerTls* tls() const noexcept { return parts_.tls; }
    ledger::RouteMetrics* unmatched() const noexcept { return unmatched_.get(); }
    /// Of a server with TLS.
    const HandshakeMetrics* handshake_metrics() const noexcept { return handshake_metrics_.get(); }

    /// From any thread: false makes /readyz answer 503. Draining loops set it too.
    void set_ready(bool ready) noexcept { ready_.store(ready, std::memory_order_relaxed); }
    bool is_ready() const noexcept { return ready_.load(std::memory_order_relaxed); }

    runtime::Limit& connections() noexcept { return connections_; }
    runtime::Limit& handshakes() noexcept { return handshakes_; }
    runtime::Limit& in_flight() noexcept { return in_flight_; }
    runtime::Limit& streams() noexcept { return streams_; }
    runtime::Limit& compressed_streams() noexcept { return compressed_streams_; }
    runtime::Limit& background_calls() noexcept { return background_calls_; }
    metrics::Counter shed_in_flight() const noexcept { return shed_in_flight_; }
    metrics::Counter shed_rate() const noexcept { return shed_rate_; }
    metrics::Counter shed_loop() const noexcept { return shed_loop_; }
    /// By a gate's limit, for what its requests wait for.
    metrics::Counter shed_by(std::optional<ledger::Phase> cause) const noexcept {
        return shed_by_[static_cast<std::size_t>(cause.value_or(ledger::Phase::handler))];
    }
    metrics::Counter shed_deadline() const noexcept { return shed_deadline_; }
    metrics::Counter shed_streams() const noexcept { return shed_streams_; }
    metrics::Counter tls_on_plain_port() const noexcept { return tls_on_plain_port_; }

private:
    ServerOptions options_;
    Parts parts_;
    std::atomic<bool> ready_{true};
    runtime::Limit connections_;
    runtime::Limit handshakes_;
    runtime::Limit in_flight_;
    runtime::Limit streams_;
    runtime::Limit compressed_streams_;
    runtime::Limit background_calls_;
    std::unique_ptr<ledger::RouteMetrics> unmatched_;
    std::vector<std::unique_ptr<ledger::RouteMetrics>> route_metrics_;
    metrics::Counter shed_in_flight_;
    metrics::Counter shed_deadline_;
    metrics::Counter shed_loop_;
    metrics::Counter shed_rate_;
    std::array<metrics::Counter, ledger::request_phase_count> shed_by_;
    Pressure pressure_;
    std::deque<Gate> gates_;
    metrics::Counter shed_streams_;
    metrics::Counter tls_on_plain_port_;
    std::unique_ptr<HandshakeMetrics> handshake_metrics_;
};

/// One loop's part of a server. Made, used and destroyed on the loop's thread.
class ServerLoop : private runtime::Watch, private runtime::Timer {
public:
    /// Accepts from `listener`, which the caller keeps open and other processes may share; -1: connections
    /// come by adopt() only.
    ServerLoop(Server& server, runtime::Loop& loop, metrics::Shard& shard, int listener);
    /// Closes what is left: drain first.
    ~ServerLoop();

    /// Serves a connected, non-blocking socket, as one end of a socketpair in tests.
    /// With TLS its hands are shaken first.
    void adopt(runtime::File socket);
    /// Serves a client in this process, which has no socket.
    void adopt(MemoryLink& link);
    /// Accepts what already waits, then stops accepting; answers say Connection: close; idle connections
    /// close after ServerOptions::drain_idle, event streams end at once.
    void drain();
    bool is_draining() const noexcept { return draining_; }
    /// The number of open connections; 0 after a drain, and no calls in the background: the loop may end.
    std::size_t connection_count() const noexcept;
    bool has_background_calls() const noexcept { return first_background_ != nullptr; }
    /// Stops the work of every connection that is left: its handlers end with Cancelled.
    void stop_all();

private:
    friend class BackgroundCall;
    friend class Connection;
    friend class Handshakes;
    friend bool call_in_background(const Exchange& like, void (*call)(Exchange&));

    void background_ended(BackgroundCall& call) noexcept;
    void stop_background();
    void withdraw_surplus();
    void withdraw_at_turn_end();
    void accept_some();
    void pause_accepting(std::chrono::milliseconds time);
    void resume_accepting();
    void adopt(runtime::File socket, std::unique_ptr<TlsSession> session);
    void add(Connection* connection);
    void note_tls_on_plain_port();
    void connection_ended(Connection& connection) noexcept;
    Buffer take_buffer();
    void give_buffer(Buffer buffer) noexcept;
    std::unique_ptr<Exchange> take_exchange();
    void give_exchange(std::unique_ptr<Exchange> exchange) noexcept;
    std::vector<Answered> take_answered() noexcept;
    void give_answered(std::vector<Answered> answered) noexcept;
    std::string_view date();

    Server& server_;
    runtime::Loop& loop_;
    metrics::Shard& shard_;
    LineSink* sink_ = nullptr;
    int listener_;
    struct Withdrawal : runtime::TurnHook {
        explicit Withdrawal(ServerLoop& of)
            : TurnHook([](TurnHook& hook) { static_cast<Withdrawal&>(hook).owner.withdraw_surplus(); }),
              owner(of) {}
        ServerLoop& owner;
    };
    Withdrawal withdrawal_{*this};
    std::unique_ptr<Handshakes> handshakes_;  // null without TLS
    bool draining_ = false;
    bool accepting_ = false;
    Connection* first_ = nullptr;
    BackgroundCall* first_background_ = nullptr;
    std::size_t connection_count_ = 0;
    std::vector<Buffer> buffers_;
    std::vector<std::unique_ptr<Exchange>> exchanges_;
    AcceptedCodings accepted_codings_;
    Buffer compressing_;                           // an answer's compressed bytes take their place in it
    std::vector<std::vector<Answered>> answered_;  // lent like the buffers: the next batch finds it warm
    runtime::Nanoseconds logs_tls_again_ = runtime::Nanoseconds::min();
    runtime::Nanoseconds date_until_ = runtime::Nanoseconds::min();
    std::array<char, 29> date_{};
};

}  // namespace brio::http
