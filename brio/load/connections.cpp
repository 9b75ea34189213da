#include <brio/load/connections.hpp>

#include <algorithm>

#include <brio/base/clock.hpp>
#include <brio/base/expect.hpp>
#include <brio/load/connection.hpp>

namespace brio::load {
namespace {

constexpr std::size_t input_size = 256 * 1024;
constexpr int least_part = 50;  // of its time: with less left a request that waited is not worth a connection

}  // namespace

Connections::EndOfTurn::EndOfTurn(Connections& connections)
    : TurnHook([](TurnHook& hook) { static_cast<EndOfTurn&>(hook).owner.end_those_that_failed(); }),
      owner(connections) {}

Connections::TimeoutCheck::TimeoutCheck(Connections& connections)
    : Timer([](Timer& timer) { static_cast<TimeoutCheck&>(timer).owner.check_timeouts(); }),
      owner(connections) {}

Connections::Connections(runtime::Loop& loop, ConnectionOptions options)
    : loop_(loop),
      options_(std::move(options)),
      at_turn_end_(*this),
      timeout_check_(*this),
      input_(input_size, '\0') {}

Connections::~Connections() {
    expect(under_way_ == 0, "a generator's connections end after all that is under way");
}

void Connections::send(Exchange& exchange) {
    exchange.began = exchange.sent = monotonic_now();
    enlist(exchange);
    if (!waiting_.empty()) {
        exchange.waited = true;
        waiting_.push_back(&exchange);
    } else {
        place_again(exchange);
    }
}

Connection* Connections::take_idle() {
    if (idle_.empty()) {
        return nullptr;
    }
    auto* const connection = idle_.back();
    idle_.pop_back();
    return connection;
}

Connection* Connections::open_one() {
    if (open_ >= options_.most) {
        return nullptr;
    }
    if (closed_.empty()) {
        closed_.push_back(connections_.emplace_back(std::make_unique<Connection>(*this)).get());
    }
    auto* const connection = closed_.back();
    if (!connection->open()) {
        return nullptr;
    }
    closed_.pop_back();
    return connection;
}

bool Connections::place(Exchange& exchange) {
    auto* connection = take_idle();
    if (connection == nullptr) {
        connection = open_one();
    }
    if (connection == nullptr) {
        return false;
    }
    connection->begin(exchange);
    return true;
}

void Connections::place_again(Exchange& exchange) {
    if (place(exchange)) {
        return;
    }
    if (open_ == 0) {
        return end_later(exchange, Missing::connect);
    }
    exchange.waited = true;
    waiting_.push_front(&exchange);
}

// An open one is free for the next exchange, a closed one may be opened again.
void Connections::give_back(Connection& connection) {
    auto const is_open = connection.fd_ >= 0;
    if (!is_open && connection.idle_at < idle_.size() && idle_[connection.idle_at] == &connection) {
        idle_[connection.idle_at] = idle_.back();
        idle_[connection.idle_at]->idle_at = connection.idle_at;
        idle_.pop_back();
    }
    if (is_open) {
        connection.idle_at = idle_.size();
        idle_.push_back(&connection);
    } else {
        closed_.push_back(&connection);
    }
    if (!waiting_.empty()) {
        serve_waiting();
    }
}

bool Connections::is_nearly_due(const Exchange& exchange) const noexcept {
    return exchange.began + options_.timeout - options_.timeout / least_part <= loop_.now();
}

// Those that came with a request that a hanging server let time out are due in a moment as well. They leave
// the line and end at their time, and the connection is for the others.
void Connections::serve_waiting() {
    while (!waiting_.empty()) {
        if (!is_nearly_due(*waiting_.front()) && !place(*waiting_.front())) {
            if (open_ == 0) {  // not even one: nothing will come free
                end_later(*waiting_.front(), Missing::connect);
                waiting_.pop_front();
                continue;
            }
            return;
        }
        waiting_.pop_front();
    }
}

void Connections::enlist(Exchange& exchange) {
    exchange.earlier_ = youngest_;
    exchange.later_ = nullptr;
    (youngest_ == nullptr ? oldest_ : youngest_->later_) = &exchange;
    youngest_ = &exchange;
    ++under_way_;
    if (!timeout_check_.is_armed()) {
        loop_.arm_at(timeout_check_, exchange.began + options_.timeout);
    }
}

void Connections::take_out(Exchange& exchange) noexcept {
    (exchange.earlier_ == nullptr ? oldest_ : exchange.earlier_->later_) = exchange.later_;
    (exchange.later_ == nullptr ? youngest_ : exchange.later_->earlier_) = exchange.earlier_;
    --under_way_;
}

void Connections::finish(Exchange& exchange) {
    exchange.ended = monotonic_now();
    take_out(exchange);
    exchange.done(exchange);
}

void Connections::end_later(Exchange& exchange, Missing why) {
    if (exchange.missing) {
        return;  // it ends already
    }
    exchange.missing = why;
    failed_.push_back(&exchange);
    loop_.at_turn_end(at_turn_end_);
}

void Connections::end_those_that_failed() {
    std::vector<Exchange*> failed;
    failed.swap(failed_);
    for (auto* exchange : failed) {
        if (auto* const connection = std::exchange(exchange->connection_, nullptr)) {
            connection->abandon();
            connection->close();
            give_back(*connection);
        }
        finish(*exchange);
    }
}

// The oldest is the first to have waited too long. The timer is not set anew for each request: it looks again
// when the one that is the oldest now will have.
void Connections::check_timeouts() {
    while (oldest_ != nullptr && oldest_->began + options_.timeout <= loop_.now()) {
        auto& exchange = *oldest_;
        auto const why = exchange.connection_ == nullptr ? Missing::no_connection : Missing::timeout;
        if (exchange.waited && exchange.connection_ == nullptr) {
            std::erase(waiting_, &exchange);  // it stands at the front
        }
        if (exchange.missing) {  // ends with this turn
            break;
        }
        if (auto* const connection = std::exchange(exchange.connection_, nullptr)) {
            connection->abandon();
            connection->close();
            give_back(*connection);
        }
        exchange.missing = why;
        finish(exchange);
    }
    if (oldest_ != nullptr) {
        loop_.arm_at(timeout_check_, std::max(oldest_->began + options_.timeout, loop_.now()));
    }
}

void Connections::fail_all(Missing why) {
    waiting_.clear();
    for (auto* exchange = oldest_; exchange != nullptr; exchange = exchange->later_) {
        end_later(*exchange, why);
    }
}

}  // namespace brio::load
