// The part of Connection from a Response to bytes: RFC 9110 §6, RFC 9112 §4 and §6.3.
#include <brio/http/connection.hpp>

#include <brio/base/text.hpp>
#include <brio/http/etag.hpp>
#include <brio/http/status.hpp>
#include <brio/ledger/server_timing.hpp>

#include <algorithm>
#include <array>
#include <cstring>

namespace brio::http {
namespace {

constexpr std::size_t most_copied = 32 * 1024;  // a longer body is sent from where it is

char* put(char* to, std::string_view text) noexcept {
    if (!text.empty()) {  // an empty view may be of nothing
        std::memcpy(to, text.data(), text.size());
    }
    return to + text.size();
}

char* put_status_line(char* to, int status) {
    if (status == 200) [[likely]] {
        return put(to, "HTTP/1.1 200 OK\r\nDate: ");
    }
    to = put(to, "HTTP/1.1 ");
    to = std::to_chars(to, to + 3, status).ptr;
    *to++ = ' ';
    to = put(to, reason_phrase(status));
    return put(to, "\r\nDate: ");
}

ledger::MethodLabel label_of(Method method) noexcept { return static_cast<ledger::MethodLabel>(method); }
static_assert(static_cast<int>(Method::other) == static_cast<int>(ledger::MethodLabel::other));
static_assert(static_cast<int>(Method::del) == static_cast<int>(ledger::MethodLabel::del));

}  // namespace

void Connection::answer() {
    auto& current = exchange();
    auto& response = current.response;
    auto const is_stream =
        current.stream && !gone_ && current.head.method() != Method::head && admit_stream();
    auto const& middlewares = server().middlewares();
    for (auto at = middlewares.rbegin(); at != middlewares.rend(); ++at) {
        if (at->after) {
            at->after(current);
        }
    }
    if (current.tally.total() != 0) {
        explain();
    }
    if (server().options().compression) {
        choose_coding();
    }
    if (is_not_modified()) {
        response.status = 304;
    }
    if (!gone_ && response.coding() != Coding::identity && may_have_body(response.status) &&
        compress_body()) {
        return;  // finish_answer() follows once it is done
    }
    finish_answer(is_stream);
}

void Connection::finish_answer(bool is_stream) {
    auto& current = exchange();
    auto& response = current.response;
    auto const with_body = current.head.method() != Method::head && may_have_body(response.status);
    keep_alive_ = keep_alive_ && !response.close && !draining_;
    current.ledger.enter(ledger::Phase::write);
    if (is_stream) [[unlikely]] {
        if (with_body && current.stream) {
            begin_stream();
            return;
        }
        owner_.server_.streams().give_back();
    }
    auto const body_bytes = with_body ? response.body_size() : 0;
    if (!gone_) {
        write_answer(with_body);
    } else {
        response.status = 499;
    }
    note_answered(body_bytes);
    consume_request();
    close_after_ = close_after_ || !keep_alive_;
    state_ = State::idle;
    current.reset();
    if (gone_) {
        gone_ = false;
        finish_written(false);
        close();
    }
}

void Connection::consume_request() {
    in_at_ += request_size_;
    if (in_at_ == in_.size()) {
        in_.clear();
        in_at_ = 0;
    }
}

// What the request's statements say of it: to who watches the database, and in fields of the answer.
void Connection::explain() {
    auto& current = *exchange_;
    auto const& tally = current.tally;
    // Those of a Scope's children are in the tally only.
    current.ledger.statements =
        std::max(current.ledger.statements, static_cast<std::uint32_t>(tally.total()));
    auto const explains = server().options().explains;
    Buffer words;
    if (tally.watcher() != nullptr) {
        auto const goal = current.route != nullptr ? current.route->goal : server().options().goals.api;
        tally.watcher()->ended(tally, {.name = current.work.name, .goal = goal}, explains ? &words : nullptr);
    }
    if (!explains) {
        return;
    }
    for (auto rest = words.view(); !rest.empty();) {
        auto const end = std::min(rest.find('\n'), rest.size());
        current.response.header("X-Brio-Warning", rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    words.clear();
    append_tally_words(words, tally);
    current.response.header("X-Brio-Statements", words.view());
}

bool Connection::is_not_modified() const {
    auto const& current = *exchange_;
    if (current.response.status != 200 || current.response.etag().empty()) {
        return false;
    }
    auto const method = current.head.method();
    auto const condition = current.head.find(Known::if_none_match);
    return condition && (method == Method::get || method == Method::head) &&
           none_match_fails(*condition, current.response.etag());
}

void Connection::write_answer(bool with_body) {
    auto& current = exchange();
    auto& response = current.response;
    if (out_.capacity() == 0) {
        out_ = owner_.take_buffer();
    }
    auto const body = response.body_view();
    auto const id = current.request_id();
    auto const sent_from_place = with_body && body.size() > most_copied;
    auto const most = 512 + id.size() + response.content_type.size() + response.etag().size() +
                      response.cache_control().size() + response.fields().size() +
                      (with_body && !sent_from_place ? body.size() : 0);
    auto* const begin = out_.prepare(most);
    auto* to = put_status_line(begin, response.status);
    to = put(to, owner_.date());
    if (may_have_body(response.status)) {
        if (!response.content_type.empty()) {
            to = put(to, "\r\nContent-Type: ");
            to = put(to, response.content_type);
            to = put(to, "\r\nX-Content-Type-Options: nosniff");
        }
        if (response.coding() != Coding::identity) {
            to = put(to, "\r\nContent-Encoding: ");
            to = put(to, name_of(response.coding()));
        }
        if (!current.stream) [[likely]] {
            to = put(to, "\r\nContent-Length: ");
            to = std::to_chars(to, to + 20, body.size()).ptr;
        } else if (current.head.version_minor() != 0) {
            to = put(to, "\r\nTransfer-Encoding: chunked");
        }
    }
    to = put(to, "\r\nX-Request-ID: ");
    to = put(to, id);
    if (!response.etag().empty()) {
        to = put(to, "\r\nETag: ");
        to = put(to, response.etag());
    }
    if (!response.cache_control().empty()) {
        to = put(to, "\r\nCache-Control: ");
        to = put(to, response.cache_control());
    }
    if (!current.cache_result.empty()) {
        to = put(to, "\r\nX-Cache: ");
        to = put(to, current.cache_result);
    }
    if (!keep_alive_) {
        to = put(to, "\r\nConnection: close");
    } else if (current.head.version_minor() == 0) {
        to = put(to, "\r\nConnection: keep-alive");
    }
    to = put(to, "\r\n");
    to = put(to, response.fields());
    out_.commit(static_cast<std::size_t>(to - begin));
    if (server().options().server_timing) {
        out_.append("Server-Timing: ");
        ledger::append_server_timing(out_, current.ledger);
        out_.append("\r\n");
    }
    out_.append("\r\n");
    if (sent_from_place) {
        static_tail_ = body;
        tail_owner_ = response.kept;
        if (response.static_body.empty() && response.kept == nullptr) {
            tail_body_ = std::move(response.body);  // its bytes stay where they are
        }
    } else if (with_body) {
        out_.append(body);
    }
}

Answered& Connection::note_answered(std::uint64_t body_bytes) {
    auto& current = exchange();
    auto const* route = route_of_path_;
    auto const logged = owner_.sink_ != nullptr && (route == nullptr || route->options.in_log);
    auto* metrics = route != nullptr ? route->metrics : server().unmatched();
    if (answered_.capacity() == 0) {
        answered_ = owner_.take_answered();
    }
    auto& noted = answered_.emplace_back();
    noted.metrics = metrics;
    noted.ledger = current.ledger;
    noted.logged = logged;
    noted.record.method = label_of(current.head.method());
    noted.record.status = static_cast<std::uint16_t>(current.response.status);
    noted.record.goal = route != nullptr ? route->goal : server().options().goals.api;
    if (auto const given = current.head.find(Known::traceparent)) {
        auto const parent = parse_traceparent(*given);
        noted.parent_id = parent ? parent->span : 0;
        current.trace();
    }
    if (server().spans() != nullptr && metrics != nullptr) {
        draft_span(noted);
    }
    if (current.has_trace()) {
        noted.record.trace = {current.trace().trace_high, current.trace().trace_low};
        noted.span_id = current.trace().span;
    }
    if (logged) {
        auto& entry = noted.entry;
        entry.method = current.head.method();
        entry.status = noted.record.status;
        entry.set_path(current.head.path());
        entry.set_id(current.request_id());
        entry.endpoint = route != nullptr ? std::string_view(route->pattern) : ledger::unmatched_endpoint;
        entry.cache = current.cache_result;
        entry.bytes = body_bytes;
        entry.has_trace = current.has_trace();
        entry.trace = entry.has_trace ? current.trace() : TraceContext{};
        if (auto const& options = server().options();
            options.access_log == LogFormat::json || !options.trusted_proxies.empty()) {
            entry.client = client_address(current);
        }
    }
    if (server().black_box() != nullptr && metrics != nullptr) {
        draft_slow(noted);
    }
    return noted;
}

}  // namespace brio::http
