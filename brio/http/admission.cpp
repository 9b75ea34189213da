// The part of Connection and ServerLoop that decides who is let in, with what it needs.
#include <brio/http/admission.hpp>

#include <brio/http/connection.hpp>
#include <brio/http/problem.hpp>

#include <algorithm>
#include <ctime>

namespace brio::http {
namespace {

constexpr std::string_view why = "too many requests are being answered; try again later";

// The processor time of this thread.
runtime::Nanoseconds used_time() noexcept {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// Whether a request that begins now comes at the end of too much work of the loop itself. A loop that is late
// because others have the processor is not helped by refusing, so some of the time must be its own: little
// where it is late in every turn, or it would be the later the less of a processor it has. The clock has been
// read for the request's ledger; all that begin in one turn see the same now().
bool is_loop_late(const runtime::Loop& loop, Ticks begun, runtime::Nanoseconds wait) noexcept {
    struct Turn {
        runtime::Nanoseconds now{};
        Ticks began = 0;
        std::optional<runtime::Nanoseconds> used;  // known in turns that may be late: it takes a system call
    };
    thread_local Turn turn;
    auto const stands = loop.standing_turn() > wait;
    if (turn.now != loop.now()) {
        turn = {.now = loop.now(), .began = begun, .used = {}};
        if (stands) {
            turn.used = used_time();
        }
        return false;
    }
    auto const so_far = runtime::Nanoseconds(ticks_to_ns(begun - turn.began));
    if (so_far <= wait || loop.worst_turn() <= wait) {  // by the loop's own clock, which a test may move
        return false;
    }
    if (!turn.used) {
        turn.used = used_time();
    }
    return (stands || so_far > 4 * wait) && used_time() - *turn.used > wait / (stands ? 10 : 3);
}

bool is_safe(Method method) noexcept {
    return method == Method::get || method == Method::head || method == Method::options;
}

// Whether nothing is lost or done twice when its client asks again.
bool may_be_withdrawn(const Exchange& exchange) {
    auto const& ledger = exchange.ledger;
    return exchange.work.stopped == runtime::StopReason::none &&
           (is_safe(exchange.head.method()) ||
            (ledger.statements == 0 && exchange.tally.total() == 0 &&
             ledger.ticks_of(ledger::Phase::outbound) == 0 && ledger.ticks_of(ledger::Phase::enqueue) == 0 &&
             ledger.current() != ledger::Phase::outbound && ledger.current() != ledger::Phase::enqueue &&
             ledger.current() != ledger::Phase::db));
}

}  // namespace

LimitRules limit_rules(const Route& route, const AdmissionOptions& options) {
    auto const wait = options.wait.value_or(route.goal / 4);
    auto const late = std::max(route.deadline / 4, wait * 2);
    switch (route.options.importance) {
        case Importance::critical:
            return {.wait = wait, .late = late, .deadline = route.deadline, .limits = false};
        case Importance::normal: return {.wait = wait, .late = late, .deadline = route.deadline};
        case Importance::sheddable:
            return {.wait = wait / 4, .late = late, .deadline = route.deadline, .least = 1};
    }
    return {};
}

void answer_overloaded(Exchange& exchange) {
    auto& response = exchange.response;
    response.clear();
    response.status = 503;
    response.content_type = "application/problem+json";
    response.cache_control("no-store").add_fields("Retry-After: 1\r\n");
    response.body.append(R"({"type":"about:blank","title":"Service Unavailable","status":503,"detail":")");
    response.body.append(why);
    response.body.append(R"(","instance":"urn:request:)");
    response.body.append(exchange.request_id());
    response.body.append(R"(","code":"overloaded"})");
}

void admit(Exchange& exchange) {
    auto* const gate = exchange.route->gate;
    if (gate == nullptr) {
        return;
    }
    auto const now = std::max(exchange.work.loop->now(), runtime::Nanoseconds(1));
    if (!gate->admits()) {
        gate->refuse(now);
        if (exchange.connection_ != nullptr) {
            exchange.connection_->count_shed(*gate);
        }
        throw Problem({.status = 503,
                       .code = "overloaded",
                       .detail = std::string(why),
                       .errors = {},
                       .retry_after = std::chrono::seconds(1)});
    }
    if (exchange.connection_ != nullptr && exchange.waits_since.count() == 0) {
        exchange.waits_since = now;
        gate->enter(now);
    }
}

void count_rate_limited(const Exchange& exchange) {
    if (exchange.connection_ != nullptr) {
        exchange.connection_->count_rate_limited();
    }
}

void Connection::count_rate_limited() { server().shed_rate().add(owner_.shard_); }

bool Connection::is_shed() {
    auto const& route = *exchange().route;
    if (route.options.importance == Importance::critical) {
        return false;
    }
    auto& in_flight = owner_.server_.in_flight();
    if (in_flight.used() >= in_flight.most()) [[unlikely]] {
        in_flight.count_refusal();
        server().shed_in_flight().add(owner_.shard_);
        return true;
    }
    if (route.gate == nullptr || route.endpoint.admits_itself) {
        return false;
    }
    if (is_loop_late(loop(), exchange().ledger.begun(), route.gate->rules().wait)) [[unlikely]] {
        route.gate->refuse(loop().now());
        server().shed_loop().add(owner_.shard_);
        return true;
    }
    if (!route.gate->admits()) [[unlikely]] {
        route.gate->refuse(loop().now());
        count_shed(*route.gate);
        return true;
    }
    return false;
}

void Connection::count_shed(const Gate& gate) {
    server().shed_by(gate.cause()).add(owner_.shard_);
    if (gate.surplus() > 0) {
        owner_.withdraw_at_turn_end();
    }
}

// Answers before the body is read. The connection goes on when all of the body is there already.
void Connection::shed() {
    auto& current = exchange();
    auto const& head = current.head;
    state_ = State::calling;
    ++answered_in_turn_;
    if (head.has_body()) {
        auto const here = unread().size() - head_size_;
        if (head.content_length() && *head.content_length() <= here) {
            request_size_ = head_size_ + static_cast<std::size_t>(*head.content_length());
        } else {
            keep_alive_ = false;
            request_size_ = unread().size();
        }
    }
    current.services = &server().services();
    current.work.loop = &loop();
    current.work.ledger = &current.ledger;
    if (server().metrics() != nullptr) {
        server().metrics()->in_flight().up(owner_.shard_);
    }
    answer_overloaded(current);
    answer();
}

void Connection::enter_gate() {
    auto& current = exchange();
    if (current.route != nullptr && current.route->gate != nullptr &&
        !current.route->endpoint.admits_itself) {
        current.waits_since = std::max(loop().now(), runtime::Nanoseconds(1));
        current.route->gate->enter(loop().now());
    }
}

void Connection::leave_gate() {
    auto& current = exchange();
    auto const stopped = current.work.stopped;
    auto const how = stopped == runtime::StopReason::deadline              ? Gate::End::by_deadline
                     : stopped != runtime::StopReason::none || !suspended_ ? Gate::End::not_judged
                     : current.response.status >= 500                      ? Gate::End::failed
                                                                           : Gate::End::well;
    current.route->gate->leave({.began = std::exchange(current.waits_since, runtime::Nanoseconds(0)),
                                .now = loop().now(),
                                .how = how,
                                .ledger = current.ledger});
}

// Ends what was let in before its route's limit came, the youngest first: it would wait in vain.
void ServerLoop::withdraw_surplus() {
    std::vector<Connection*> waiting;
    for (auto* each = first_; each != nullptr; each = each->next_) {
        if (each->state_ == Connection::State::calling && each->suspended_ && each->exchange_ &&
            each->exchange_->waits_since.count() != 0 && each->exchange_->route->gate->surplus() > 0 &&
            each->exchange_->route->options.importance != Importance::critical &&
            may_be_withdrawn(*each->exchange_)) {
            waiting.push_back(each);
        }
    }
    std::ranges::sort(waiting, std::ranges::greater(),
                      [](const Connection* each) { return each->exchange_->waits_since; });
    for (auto* each : waiting) {  // one that ends is destroyed at the end of the turn only
        if (each->state_ != Connection::State::calling || !each->exchange_ ||
            each->exchange_->waits_since.count() == 0 || !each->exchange_->route->gate->is_over()) {
            continue;
        }
        auto& gate = *each->exchange_->route->gate;
        gate.count_withdrawn();
        server_.shed_by(gate.cause()).add(shard_);
        each->stop_work(runtime::StopReason::overloaded);
    }
}

}  // namespace brio::http
