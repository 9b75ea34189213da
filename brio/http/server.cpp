#include <brio/http/server.hpp>

#include <brio/http/background.hpp>
#include <brio/http/connection.hpp>
#include <brio/http/date.hpp>
#include <brio/http/handshakes.hpp>
#include <brio/http/server_tls.hpp>
#include <brio/runtime/socket.hpp>

#include <sys/epoll.h>

#include <system_error>

namespace brio::http {
namespace {

constexpr std::size_t buffer_size = 16 * 1024;
constexpr std::size_t most_kept_buffers = 256;
constexpr std::size_t most_kept_exchanges = 256;
constexpr std::size_t most_kept_answered = 16;
constexpr int most_accepted_in_turn = 64;
constexpr std::chrono::milliseconds accept_pause{50};
constexpr std::chrono::minutes time_between_tls_logs{1};

}  // namespace

Server::Server(ServerOptions options, Parts parts)
    : options_(std::move(options)),
      parts_(std::move(parts)),
      connections_(options_.name + "_connections", options_.limits.connections),
      handshakes_(options_.name + "_handshakes", options_.limits.handshakes),
      in_flight_(options_.name + "_in_flight", options_.in_flight),
      streams_(options_.name + "_streams", options_.limits.streams),
      compressed_streams_(options_.name + "_compressed_streams", options_.limits.compressed_streams),
      background_calls_(options_.name + "_background_calls", options_.background_calls) {
    for (auto const& middleware : parts_.middlewares) {
        if (middleware.configure) {
            middleware.configure(options_);
        }
        if (middleware.bounds && parts_.limits != nullptr) {
            middleware.bounds(*parts_.limits);
        }
    }
    std::erase_if(parts_.middlewares, [](auto const& each) { return !each.before && !each.after; });
    if (!options_.measures) {
        parts_.metrics = nullptr;
    }
    if (parts_.tls != nullptr) {
        handshake_metrics_ = std::make_unique<HandshakeMetrics>(parts_.registry);
        if (parts_.limits != nullptr) {
            parts_.limits->add(handshakes_);
        }
    } else {
        tls_on_plain_port_ = parts_.registry
                                 .counter({.name = "http_tls_on_plain_port_total",
                                           .help = "Connections that began with TLS, where it is not spoken.",
                                           .labels = {}})
                                 .with({});
    }
    if (parts_.limits != nullptr) {
        parts_.limits->add(connections_);
        parts_.limits->add(in_flight_);
        parts_.limits->add(streams_);
        parts_.limits->add(compressed_streams_);
        parts_.limits->add(background_calls_);
    }
    if (parts_.metrics != nullptr) {
        unmatched_ = parts_.metrics->route(ledger::unmatched_endpoint);
        shed_in_flight_ = parts_.metrics->shed("in_flight");
        shed_deadline_ = parts_.metrics->shed("deadline");
        shed_streams_ = parts_.metrics->shed("streams");
        shed_rate_ = parts_.metrics->shed("rate_limit");
        shed_loop_ = parts_.metrics->shed("loop");
        for (auto const cause : Gate::causes) {
            shed_by_[static_cast<std::size_t>(cause)] = parts_.metrics->shed(ledger::name(cause));
        }
    }
    ledger::RouteMetrics* before = nullptr;
    for (auto const& route : parts_.router.routes()) {
        for (auto const* service : route->endpoint.services) {
            expect(parts_.services.has(service),
                   "every service that a route's handler takes was added to the program");
        }
        route->goal = route->options.goal.value_or(options_.goals.api);
        route->deadline = route->options.deadline.value_or(route->goal * options_.goals.deadline_factor);
        route->body_limit = route->options.body_limit.value_or(options_.limits.body);
        route->gzip_bodies = route->options.gzip_bodies.value_or(options_.gzip_bodies);
        route->statement_budget = route->options.statements.value_or(ledger::StatementTally::no_budget);
        if (options_.admission.adapts) {
            route->gate = &gates_.emplace_back(limit_rules(*route, options_.admission),
                                               route->options.importance == Importance::sheddable, pressure_);
        }
        if (parts_.metrics == nullptr) {
            continue;
        }
        before = nullptr;
        for (auto const& made : route_metrics_) {
            before = made->pattern() == route->pattern ? made.get() : before;
        }
        route->metrics = before != nullptr
                             ? before
                             : route_metrics_.emplace_back(parts_.metrics->route(route->pattern)).get();
    }
}

Server::~Server() = default;

ServerLoop::ServerLoop(Server& server, runtime::Loop& loop, metrics::Shard& shard, int listener)
    : Watch([](Watch& watch, std::uint32_t) { static_cast<ServerLoop&>(watch).accept_some(); }),
      Timer([](Timer& timer) { static_cast<ServerLoop&>(timer).resume_accepting(); }),
      server_(server),
      loop_(loop),
      shard_(shard),
      listener_(listener) {
    if (server.log() != nullptr && server.options().access_log != LogFormat::off) {
        sink_ = &server.log()->open();
    }
    if (server.tls() != nullptr) {
        handshakes_ = std::make_unique<Handshakes>(*this);
    }
    answered_.reserve(most_kept_answered);
    resume_accepting();
}

ServerLoop::~ServerLoop() {
    loop_.remove(static_cast<Watch&>(*this));
    while (first_background_ != nullptr) {
        background_ended(*first_background_);
    }
    while (first_ != nullptr) {
        connection_ended(*first_);
    }
}

void ServerLoop::resume_accepting() {
    if (listener_ >= 0 && !draining_ && !accepting_) {
        loop_.add(static_cast<Watch&>(*this), listener_, EPOLLIN);
        accepting_ = true;
    }
}

void ServerLoop::pause_accepting(std::chrono::milliseconds time) {
    if (accepting_) {
        loop_.remove(static_cast<Watch&>(*this));
        accepting_ = false;
    }
    loop_.arm(static_cast<Timer&>(*this), time);
}

void ServerLoop::accept_some() {
    try {
        for (int i = 0; i < most_accepted_in_turn; ++i) {
            if (handshakes_ && !handshakes_->make_room()) {
                pause_accepting(accept_pause);
                return;
            }
            if (!server_.connections().try_take()) {
                pause_accepting(accept_pause);
                return;
            }
            auto accepted = runtime::accept_from(listener_);
            if (!accepted) {
                server_.connections().give_back();
                return;
            }
            server_.connections().give_back();
            adopt(std::move(accepted));
        }
    } catch (const std::system_error& error) {  // no descriptors left: those in use must end first
        server_.connections().give_back();
        log_warning("cannot accept", {{"error", error.what()}});
        pause_accepting(accept_pause);
    }
}

void ServerLoop::adopt(runtime::File socket) {
    if (handshakes_) {
        handshakes_->begin(std::move(socket));
    } else {
        add(new Connection(*this, std::move(socket)));
    }
}
void ServerLoop::adopt(runtime::File socket, std::unique_ptr<TlsSession> session) {
    add(new Connection(*this, std::move(socket), std::move(session)));
}
void ServerLoop::adopt(MemoryLink& link) { add(new Connection(*this, link)); }

void ServerLoop::add(Connection* added) {
    server_.connections().take();
    added->next_ = first_;
    if (first_ != nullptr) {
        first_->previous_ = added;
    }
    first_ = added;
    ++connection_count_;
    if (draining_) {
        added->drain();
    }
    added->advance();
}

std::size_t ServerLoop::connection_count() const noexcept {
    return connection_count_ + (handshakes_ ? handshakes_->count() : 0);
}

// Once a minute: a client that tries again and again fills no log.
void ServerLoop::note_tls_on_plain_port() {
    server_.tls_on_plain_port().add(shard_);
    if (loop_.now() >= logs_tls_again_) {
        logs_tls_again_ = loop_.now() + time_between_tls_logs;
        log_warning("a client speaks TLS on a port that does not",
                    {{"server", server_.options().name},
                     {"do", "give it a URL with http://, or the server BRIO_TLS_CERTIFICATE"}});
    }
}

void ServerLoop::connection_ended(Connection& connection) noexcept {
    (connection.previous_ != nullptr ? connection.previous_->next_ : first_) = connection.next_;
    if (connection.next_ != nullptr) {
        connection.next_->previous_ = connection.previous_;
    }
    --connection_count_;
    server_.connections().give_back();
    connection.streaming_.reset();  // it refers to the exchange
    connection.release_input();
    delete &connection;
}

void ServerLoop::drain() {
    if (draining_) {
        return;
    }
    if (accepting_) {  // what has connected so far is served
        accept_some();
    }
    draining_ = true;
    if (accepting_) {
        loop_.remove(static_cast<Watch&>(*this));
        accepting_ = false;
    }
    if (handshakes_) {
        handshakes_->drain();
    }
    for (auto* each = first_; each != nullptr; each = each->next_) {
        each->drain();
    }
    stop_background();
}

void ServerLoop::withdraw_at_turn_end() { loop_.at_turn_end(withdrawal_); }

void ServerLoop::stop_all() {
    stop_background();
    if (handshakes_) {
        handshakes_->end_all();
    }
    std::vector<Connection*> all;
    for (auto* each = first_; each != nullptr; each = each->next_) {
        all.push_back(each);
    }
    for (auto* each : all) {  // a connection that ends is destroyed at the end of the turn only
        each->stop_work(runtime::StopReason::shutdown);
    }
}

Buffer ServerLoop::take_buffer() {
    if (buffers_.empty()) {
        return Buffer(buffer_size);
    }
    auto buffer = std::move(buffers_.back());
    buffers_.pop_back();
    return buffer;
}

void ServerLoop::give_buffer(Buffer buffer) noexcept {
    if (buffers_.size() < most_kept_buffers && buffer.capacity() == buffer_size) {
        buffer.clear();
        buffers_.push_back(std::move(buffer));
    }
}

std::unique_ptr<Exchange> ServerLoop::take_exchange() {
    if (exchanges_.empty()) {
        return std::make_unique<Exchange>();
    }
    auto exchange = std::move(exchanges_.back());
    exchanges_.pop_back();
    return exchange;
}

void ServerLoop::give_exchange(std::unique_ptr<Exchange> exchange) noexcept {
    if (exchanges_.size() < most_kept_exchanges && exchange->response.body.capacity() <= 16 * buffer_size) {
        exchange->reset();
        exchanges_.push_back(std::move(exchange));
    }
}

std::vector<Answered> ServerLoop::take_answered() noexcept {
    if (answered_.empty()) {
        return {};
    }
    auto answered = std::move(answered_.back());
    answered_.pop_back();
    return answered;
}

void ServerLoop::give_answered(std::vector<Answered> answered) noexcept {
    if (answered_.size() < answered_.capacity()) {
        answered.clear();
        answered_.push_back(std::move(answered));
    }
}

std::string_view ServerLoop::date() {
    if (loop_.now() >= date_until_) {
        date_until_ = std::chrono::floor<std::chrono::seconds>(loop_.now()) + std::chrono::seconds(1);
        date_ = http_date(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
    }
    return {date_.data(), date_.size()};
}

}  // namespace brio::http
