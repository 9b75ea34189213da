// The clients of one loop that have connected to a TLS listener and have not shaken hands yet. Each becomes a
// Connection, or is left.
//
// A handshake costs as much as dozens of requests, so a crowd of new clients must not hold up those
// that are served: what can go on is queued and gets a few times `time_a_pass` of each turn of the loop.
// Before its first bytes a client has no session; how many there are at a time is bounded for the server,
// and one that takes its time gives way to the next.
//
// A client that speaks plain HTTP is told so, in plain HTTP.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>

#include <brio/http/tls_session.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/runtime/file.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::http {

class ServerLoop;

/// How a handshake ended that made no connection.
enum class HandshakeEnd : std::uint8_t {
    unused,       // the client left without a byte, as a health check does
    left,         // it left later
    late,         // it took longer than Limits::handshake_deadline
    crowded,      // it gave way to another
    drained,      // the server ended
    plain_http,   // it spoke HTTP without TLS
    version,      // it wanted a version that is not spoken here
    cipher,       // no cipher, group or kind of signature that both take
    protocol,     // by ALPN it speaks no HTTP/1.1
    refused,      // it did not take the certificate
    certificate,  // it has none of those that are asked for
    invalid,      // what it sent is no TLS, or against its rules
};
inline constexpr std::size_t handshake_end_count = 12;
std::string_view name_of(HandshakeEnd end) noexcept;

/// tls_handshakes_total{version,resumed} · tls_handshake_failures_total{cause} · tls_handshake_seconds
class HandshakeMetrics {
public:
    explicit HandshakeMetrics(metrics::Registry& registry);

    void ended_well(metrics::Shard& shard, const TlsSession& session, std::chrono::nanoseconds time) const;
    void ended(metrics::Shard& shard, HandshakeEnd how) const {
        failed_[static_cast<std::size_t>(how)].add(shard);
    }

private:
    metrics::Family<metrics::Counter> done_;
    std::array<metrics::Counter, handshake_end_count> failed_;
    metrics::Histogram time_;
};

class Handshakes : private runtime::TurnHook {
public:
    static constexpr std::chrono::milliseconds time_a_pass{1};
    /// A client that has had so long gives way to another when there is no room.
    static constexpr std::chrono::seconds patience{1};

    explicit Handshakes(ServerLoop& owner);
    Handshakes(const Handshakes&) = delete;
    Handshakes& operator=(const Handshakes&) = delete;
    ~Handshakes();

    /// Whether there is room for one more; ends one that is slow where that makes it.
    bool make_room();
    void begin(runtime::File socket);
    std::size_t count() const noexcept { return all_.size(); }
    /// What is under way has `drain_time` left.
    void drain();
    void end_all();

private:
    struct Client;
    static constexpr std::chrono::seconds drain_time{2};

    void go_on();
    void step(Client& client);
    void finish(Client& client);
    void end(Client& client, HandshakeEnd how);
    void tell_plain_http(Client& client);
    void log(const Client& client, HandshakeEnd how);
    void queue(Client& client);

    ServerLoop& owner_;
    std::list<Client> all_;  // the oldest first
    std::vector<Client*> ready_;
    std::vector<Client*> stepping_;
    std::array<runtime::Nanoseconds, handshake_end_count> logs_again_{};
};

}  // namespace brio::http
