// The part of Connection between bytes and answers: framing, routing, calling.
#include <brio/http/connection.hpp>

#include <brio/base/text.hpp>
#include <brio/http/gunzip.hpp>
#include <brio/http/problem.hpp>

#include <charconv>

namespace brio::http {
namespace {

std::optional<std::chrono::milliseconds> requested_timeout(const RequestHead& head) {
    auto const text = head.find(Known::x_request_timeout_ms);
    std::uint32_t ms = 0;
    if (!text || std::from_chars(text->data(), text->data() + text->size(), ms).ec != std::errc() ||
        ms == 0) {
        return std::nullopt;
    }
    return std::chrono::milliseconds(ms);
}

// A record of a handshake (RFC 8446 §5.1).
bool begins_tls(std::string_view bytes) noexcept { return bytes.starts_with("\x16\x03"); }

void invoke(Exchange& exchange, const std::vector<Middleware>& middlewares) {
    for (auto const& middleware : middlewares) {
        if (middleware.before && middleware.before(exchange)) {
            return;
        }
    }
    if (exchange.route != nullptr) {
        exchange.route->endpoint.invoke(exchange);
    }
}

}  // namespace

// One step of the request under way. True when the next step may follow at once.
bool Connection::step() {
    switch (state_) {
        case State::idle:
            if (unread().empty() || close_after_) {
                return false;
            }
            state_ = State::head;
            seen_ = 0;
            exchange().ledger.start(ledger::Phase::read);
            return read_head();
        case State::head: return read_head();
        case State::body: return chunks_ ? read_chunks() : read_body();
        case State::calling:
        case State::streaming:
        case State::lingering:
        case State::closed: return false;
    }
    return false;
}

bool Connection::read_head() {
    auto const parsed = parse_head(unread(), seen_, exchange().head, limits());
    switch (parsed.state) {
        case ParseResult::State::complete:
            head_size_ = request_size_ = parsed.consumed;
            seen_ = 0;
            return accept_head();
        case ParseResult::State::incomplete:
            if (seen_ == 0) {
                set_deadline(loop().now() + limits().header_deadline);
            }
            seen_ = unread().size();
            return false;
        case ParseResult::State::error:
            if (begins_tls(unread()) && server().tls() == nullptr) {
                owner_.note_tls_on_plain_port();
            }
            refuse(parsed.rejection);
            return true;
    }
    return false;
}

// Decides, before any of the body is read, whether it will be.
bool Connection::accept_head() {
    auto& current = exchange();
    auto const& head = current.head;
    body_is_coded_ = false;
    ++requests_;
    keep_alive_ = head.keep_alive() && !draining_ &&
                  (limits().requests_per_connection == 0 || requests_ < limits().requests_per_connection);
    auto const match = server().router().find(head.method(), head.path(), current.path_values);
    current.route = match.route;
    allowed_ = match.allowed;
    route_of_path_ = match.route != nullptr ? match.route : match.any_of_path;
    if (match.route != nullptr && is_shed()) [[unlikely]] {
        shed();
        return true;
    }
    if (!head.has_body()) {
        call();
        return state_ != State::calling;
    }
    auto const limit = match.route != nullptr ? match.route->body_limit : limits().unread_body;
    if (match.route != nullptr) {
        if (auto const refusal = body_refusal(head, limit)) {
            refuse(*refusal);
            return true;
        }
        if (head.find(Known::content_encoding) && refuse_coding()) {
            return true;
        }
    } else if (head.chunked() || head.expect_continue() || *head.content_length() > limit) {
        keep_alive_ = false;  // answered without its body, which would be taken for the next request
        request_size_ = unread().size();
        call();
        return state_ != State::calling;
    }
    state_ = State::body;
    body_since_ = loop().now();
    body_received_ = unread().size() - head_size_;
    if (head.chunked()) {
        chunks_.emplace(limits(), limit);
        chunk_body_.clear();
    }
    if (head.expect_continue() && body_received_ == 0) {
        if (out_.capacity() == 0) {
            out_ = owner_.take_buffer();
        }
        out_.append("HTTP/1.1 100 Continue\r\n\r\n");
    }
    return true;
}

bool Connection::read_body() {
    auto const size = static_cast<std::size_t>(*exchange().head.content_length());
    if (unread().size() - head_size_ < size) {
        return false;
    }
    request_size_ = head_size_ + size;
    return take_body(unread().substr(head_size_, size));
}

bool Connection::read_chunks() {
    auto const decoded = chunks_->decode(unread().substr(head_size_), chunk_body_);
    switch (decoded.state) {
        case ChunkedDecoder::Step::State::error: refuse(decoded.rejection); return true;
        case ChunkedDecoder::Step::State::done:
            request_size_ = head_size_ + decoded.consumed;
            chunks_.reset();
            return take_body(chunk_body_.view());
        case ChunkedDecoder::Step::State::more:
        case ChunkedDecoder::Step::State::data: break;
    }
    in_.resize(in_at_ + head_size_);  // the head stays, what was decoded goes
    return false;
}

// The whole of a body is there, as it came.
bool Connection::take_body(std::string_view body) {
    if (body_is_coded_ && !body.empty()) [[unlikely]] {
        decoded_body_.clear();
        auto const result =
            gunzip(decoded_body_, body, {.size = exchange().route->body_limit, .ratio = limits().body_ratio});
        if (result != Gunzipped::whole) {
            refuse(
                result == Gunzipped::corrupt
                    ? Rejection{400, "body_not_gzip", "the body is not the gzip that Content-Encoding says"}
                    : Rejection{413, "body_too_large", "the body is larger than the limit once decoded"});
            return true;
        }
        body = decoded_body_.view();
    }
    exchange().body = body;
    call();
    return state_ != State::calling;
}

// Of a body in a coding that its route does not take (RFC 9110 §12.5.3, §15.5.16).
bool Connection::refuse_coding() {
    auto& current = exchange();
    auto const takes_gzip = current.route->gzip_bodies;
    auto const coding = request_coding(current.head);
    body_is_coded_ = coding == Coding::gzip && takes_gzip;
    if (coding == Coding::identity || body_is_coded_) {
        return false;
    }
    refuse(ProblemParts{.status = 415,
                        .code = "unsupported_content_encoding",
                        .detail = takes_gzip ? "the body must come in gzip or without Content-Encoding"
                                             : "the body must come without Content-Encoding",
                        .headers = {{"Accept-Encoding", takes_gzip ? "gzip" : "identity"}}});
    return true;
}

runtime::Nanoseconds Connection::call_deadline() const {
    auto const* route = exchange_->route;
    auto deadline = server().options().has_deadlines && route != nullptr ? loop().now() + route->deadline
                                                                         : runtime::Nanoseconds::max();
    if (auto const requested = requested_timeout(exchange_->head)) {
        deadline = std::min(deadline, loop().now() + *requested);
    }
    return deadline;
}

void Connection::call() {
    auto& current = exchange();
    state_ = State::calling;
    ++answered_in_turn_;
    current.services = &server().services();
    current.work.loop = &loop();
    current.work.ledger = &current.ledger;
    current.work.tally = &current.tally;
    current.tally.start(current.route != nullptr ? current.route->statement_budget
                                                 : ledger::StatementTally::no_budget);
    current.work.deadline = call_deadline();
    if (server().metrics() != nullptr) {
        server().metrics()->in_flight().up(owner_.shard_);
    }
    if (current.route == nullptr && server().middlewares().empty()) {
        answer_without_route();
        end_call();
        return;
    }
    std::optional<runtime::Running> running;  // of what is done here without a coroutine
    if (current.route != nullptr) {
        current.work.name = current.route->pattern;
        running.emplace(current.work);
    }
    run_guarded(current,
                [](Exchange& called) { invoke(called, called.connection_->server().middlewares()); });
    if (current.route == nullptr && current.response.status == 200 && current.response.body_size() == 0) {
        answer_without_route();
    }
    if (current.is_pending() && !current.ended_) {
        enter_gate();
        wait_for_call([](Exchange& ended) {
            auto& self = *ended.connection_;
            self.end_call();
            self.advance();
        });
        return;
    }
    end_call();
}

// What the exchange runs goes on after this turn.
void Connection::wait_for_call(void (*ended)(Exchange&)) {
    suspended_ = true;
    owner_.server_.in_flight().take();
    exchange().on_ended_ = ended;
    set_deadline(exchange().work.deadline);
}

void Connection::end_waiting() {
    if (suspended_) {
        suspended_ = false;
        owner_.server_.in_flight().give_back();
    }
}

// The handler has ended, at once or after waiting: its result becomes the answer.
void Connection::end_call() {
    auto& current = exchange();
    if (current.is_pending()) {
        run_guarded(current, current.pending_.render);
    }
    if (suspended_) {
        loop().refresh_now();
    }
    if (current.waits_since.count() != 0) {
        leave_gate();
    }
    end_waiting();
    if (current.work.stopped == runtime::StopReason::deadline) {
        server().shed_deadline().add(owner_.shard_);
    }
    answer();
}

// A request whose bytes are refused: what follows them cannot be trusted to be a request.
void Connection::refuse(const Rejection& rejection) {
    refuse(ProblemParts{.status = rejection.status,
                        .code = std::string(rejection.code),
                        .detail = std::string(rejection.detail)});
}

void Connection::refuse(const ProblemParts& problem) {
    auto& current = exchange();
    current.route = nullptr;
    route_of_path_ = nullptr;
    keep_alive_ = false;
    request_size_ = unread().size();
    chunks_.reset();
    if (server().metrics() != nullptr) {
        server().metrics()->in_flight().up(owner_.shard_);
    }
    answer_with(current, problem);
    answer();
}

void Connection::answer_without_route() {
    auto& current = exchange();
    auto const method = current.head.method();
    if (method == Method::other) {
        answer_with(current,
                    Rejection{501, "unknown_method", "this server does not know the request's method"});
    } else if (method == Method::options && (allowed_ != 0 || current.head.path() == "*")) {
        current.response.status = 204;
        current.response.header("Allow", allow_field(allowed_ != 0 ? allowed_ : 0xff));
    } else if (allowed_ == 0) {
        answer_with(current,
                    Rejection{404, "no_such_route", "no route has this path; GET /openapi.json lists them"});
    } else {
        answer_with(current,
                    ProblemParts{.status = 405,
                                 .code = "method_not_allowed",
                                 .detail = "this path does not have this method; Allow lists those it has",
                                 .headers = {{"Allow", allow_field(allowed_)}}});
    }
}

}  // namespace brio::http
