#include <brio/http/handshakes.hpp>

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>
#include <brio/http/address.hpp>
#include <brio/http/server.hpp>
#include <brio/http/server_tls.hpp>

namespace brio::http {
namespace {

constexpr unsigned char handshake_record = 22;        // RFC 8446 §5.1
constexpr std::chrono::seconds linger_time{1};        // for an answer in plain HTTP to arrive
constexpr std::size_t most_discarded = 64 * 1024;     // of what such a client still sends
constexpr std::chrono::minutes time_between_logs{1};  // of failures of one kind

constexpr std::string_view plain_http_answer =
    "HTTP/1.1 400 Bad Request\r\n"
    "Content-Type: application/problem+json\r\n"
    "Content-Length: 154\r\n"
    "Connection: close\r\n\r\n"
    R"({"type":"about:blank","title":"Bad Request","status":400,)"
    R"("detail":"this port speaks https only: ask again with https:// in the URL","code":"tls_required"})";
static_assert(plain_http_answer.size() - plain_http_answer.find("\r\n\r\n") - 4 == 154);

HandshakeEnd end_of(TlsSession::Failure failure) noexcept {
    switch (failure) {
        case TlsSession::Failure::left: return HandshakeEnd::left;
        case TlsSession::Failure::version: return HandshakeEnd::version;
        case TlsSession::Failure::cipher: return HandshakeEnd::cipher;
        case TlsSession::Failure::protocol: return HandshakeEnd::protocol;
        case TlsSession::Failure::refused: return HandshakeEnd::refused;
        case TlsSession::Failure::certificate: return HandshakeEnd::certificate;
        case TlsSession::Failure::none:
        case TlsSession::Failure::other: break;
    }
    return HandshakeEnd::invalid;
}

std::string client_text(int socket) {
    auto const peer = peer_of(socket);
    Buffer text;
    if (peer) {
        append_address(text, *peer);
    }
    return peer ? std::string(text.view()) : "unknown";
}

std::string_view reason_of(const TlsSession* session, HandshakeEnd how) noexcept {
    switch (how) {
        case HandshakeEnd::late: return "it took longer than BRIO_LIMIT_HANDSHAKE_MS";
        case HandshakeEnd::crowded: return "it was slow while BRIO_LIMIT_HANDSHAKES were under way";
        case HandshakeEnd::plain_http: return "it spoke HTTP without TLS";
        default: return session != nullptr ? std::string_view(session->reason()) : "what it sent is no TLS";
    }
}

// "GET", "POST" and whatever else may begin a request.
bool begins_a_request(unsigned char byte) noexcept { return byte >= 'A' && byte <= 'Z'; }

}  // namespace

std::string_view name_of(HandshakeEnd end) noexcept {
    constexpr std::array<std::string_view, handshake_end_count> names{
        "unused",  "left",   "late",     "crowded", "drained",     "plain_http",
        "version", "cipher", "protocol", "refused", "certificate", "invalid"};
    return names[static_cast<std::size_t>(end)];
}

HandshakeMetrics::HandshakeMetrics(metrics::Registry& registry)
    : done_(registry.counter({.name = "tls_handshakes_total",
                              .help = "TLS handshakes that made a connection.",
                              .labels = {"version", "resumed"}})),
      time_(registry
                .histogram({.name = "tls_handshake_seconds",
                            .help = "Time from a client's connection to the end of its handshake.",
                            .labels = {}})
                .with({})) {
    auto const failed = registry.counter({.name = "tls_handshake_failures_total",
                                          .help = "Connections that ended before a handshake did.",
                                          .labels = {"cause"}});
    for (std::size_t i = 0; i < failed_.size(); ++i) {
        failed_[i] = failed.with({name_of(static_cast<HandshakeEnd>(i))});
    }
}

void HandshakeMetrics::ended_well(metrics::Shard& shard, const TlsSession& session,
                                  std::chrono::nanoseconds time) const {
    done_.with({session.version(), session.is_resumed() ? "yes" : "no"}).add(shard);
    time_.observe(shard, time);
}

struct Handshakes::Client : runtime::Watch, runtime::Timer {
    Client(Handshakes& handshakes, runtime::File connected)
        : Watch([](runtime::Watch& watch, std::uint32_t) {
              auto& self = static_cast<Client&>(watch);
              self.of.queue(self);
          }),
          Timer([](runtime::Timer& timer) {
              auto& self = static_cast<Client&>(timer);
              self.is_late = true;
              self.of.queue(self);
          }),
          of(handshakes),
          socket(std::move(connected)) {}

    Handshakes& of;
    runtime::File socket;
    std::unique_ptr<TlsSession> session;
    std::list<Client>::iterator place;
    runtime::Nanoseconds begun{};
    std::size_t discarded = 0;
    bool is_queued = false;
    bool is_late = false;
    bool is_told = false;  // that this is no port for plain HTTP
};

Handshakes::Handshakes(ServerLoop& owner)
    : TurnHook([](TurnHook& hook) { static_cast<Handshakes&>(hook).go_on(); }),
      owner_(owner) {}

Handshakes::~Handshakes() { end_all(); }

bool Handshakes::make_room() {
    auto& limit = owner_.server_.handshakes();
    if (limit.used() < limit.most()) {
        return true;
    }
    limit.count_refusal();
    if (all_.empty() || owner_.loop_.now() - all_.front().begun < patience) {
        return false;
    }
    end(all_.front(), all_.front().is_told ? HandshakeEnd::plain_http : HandshakeEnd::crowded);
    return true;
}

void Handshakes::begin(runtime::File socket) {
    owner_.server_.handshakes().take();
    owner_.server_.connections().take();
    auto& client = all_.emplace_back(*this, std::move(socket));
    client.place = std::prev(all_.end());
    client.begun = owner_.loop_.now();
    owner_.loop_.add(client, client.socket.fd(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    owner_.loop_.arm(client, owner_.server_.options().limits.handshake_deadline);
}

void Handshakes::drain() {
    for (auto& each : all_) {
        if (each.due() > owner_.loop_.now() + drain_time) {
            owner_.loop_.arm(each, drain_time);
        }
    }
}

void Handshakes::end_all() {
    while (!all_.empty()) {
        end(all_.front(), HandshakeEnd::drained);
    }
}

void Handshakes::queue(Client& client) {
    if (!client.is_queued) {
        client.is_queued = true;
        ready_.push_back(&client);
        owner_.loop_.at_turn_end(*this);
    }
}

// Callbacks only queue, so what is destroyed here is on nobody's stack.
void Handshakes::go_on() {
    auto const begun = monotonic_now();
    stepping_.swap(ready_);
    std::size_t at = 0;
    while (at < stepping_.size() && (at == 0 || monotonic_now() - begun < time_a_pass)) {
        auto* client = stepping_[at++];
        if (client != nullptr) {  // null: it has ended meanwhile
            client->is_queued = false;
            step(*client);
        }
    }
    if (at < stepping_.size()) {
        ready_.insert(ready_.begin(), stepping_.begin() + static_cast<std::ptrdiff_t>(at), stepping_.end());
        owner_.loop_.at_turn_end(*this);
    }
    stepping_.clear();
}

void Handshakes::step(Client& client) {
    if (client.is_late) {
        end(client, client.is_told         ? HandshakeEnd::plain_http
                    : owner_.is_draining() ? HandshakeEnd::drained
                                           : HandshakeEnd::late);
        return;
    }
    if (client.is_told) {
        tell_plain_http(client);
        return;
    }
    if (!client.session) {
        unsigned char first = 0;
        auto const seen = ::recv(client.socket.fd(), &first, 1, MSG_PEEK);
        if (seen < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (seen <= 0) {
            end(client, HandshakeEnd::unused);
            return;
        }
        if (begins_a_request(first)) {
            tell_plain_http(client);
            return;
        }
        if (first != handshake_record) {
            end(client, HandshakeEnd::invalid);
            return;
        }
        client.session = owner_.server_.tls()->accept(client.socket.fd());
    }
    switch (client.session->shake_hands()) {
        case TlsSession::State::ready: finish(client); return;
        case TlsSession::State::failed: end(client, end_of(client.session->failure())); return;
        case TlsSession::State::wants_read:
        case TlsSession::State::wants_write: return;
    }
}

void Handshakes::finish(Client& client) {
    auto& server = owner_.server_;
    server.handshake_metrics()->ended_well(owner_.shard_, *client.session, owner_.loop_.now() - client.begun);
    owner_.loop_.remove(client);
    auto socket = std::move(client.socket);
    auto session = std::move(client.session);
    all_.erase(client.place);
    server.handshakes().give_back();
    server.connections().give_back();
    owner_.adopt(std::move(socket), std::move(session));
}

// Answers once; then what comes is discarded for a while, so that a reset does not take the answer away.
void Handshakes::tell_plain_http(Client& client) {
    char discarded[4096];
    for (;;) {
        auto const received = ::recv(client.socket.fd(), discarded, sizeof discarded, 0);
        if (received < 0 && errno == EINTR) {
            continue;
        }
        if (received < 0 && errno == EAGAIN) {
            break;
        }
        client.discarded += received > 0 ? static_cast<std::size_t>(received) : most_discarded;
        if (client.discarded >= most_discarded) {
            break;
        }
    }
    if (!client.is_told) {
        client.is_told = true;
        ::send(client.socket.fd(), plain_http_answer.data(), plain_http_answer.size(), MSG_NOSIGNAL);
        ::shutdown(client.socket.fd(), SHUT_WR);
        owner_.loop_.arm(client, linger_time);
    }
    if (client.discarded >= most_discarded) {
        end(client, HandshakeEnd::plain_http);
    }
}

void Handshakes::end(Client& client, HandshakeEnd how) {
    owner_.server_.handshake_metrics()->ended(owner_.shard_, how);
    log(client, how);
    owner_.loop_.remove(client);
    for (auto* queued : {&ready_, &stepping_}) {
        std::ranges::replace(*queued, &client, nullptr);
    }
    all_.erase(client.place);
    owner_.server_.handshakes().give_back();
    owner_.server_.connections().give_back();
}

// Once a minute for each cause: a client that tries again and again fills no log.
void Handshakes::log(const Client& client, HandshakeEnd how) {
    auto& again = logs_again_[static_cast<std::size_t>(how)];
    auto const now = owner_.loop_.now();
    if (how == HandshakeEnd::unused || how == HandshakeEnd::left || how == HandshakeEnd::drained ||
        now < again) {
        return;
    }
    again = now + time_between_logs;
    log_warning("a client could not shake hands", {{"cause", name_of(how)},
                                                   {"reason", reason_of(client.session.get(), how)},
                                                   {"client", client_text(client.socket.fd())}});
}

}  // namespace brio::http
