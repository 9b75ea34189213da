#include <brio/load/client.hpp>

#include <algorithm>

#include <brio/base/clock.hpp>
#include <brio/http/client_request.hpp>
#include <brio/http/client_url.hpp>
#include <brio/http/gunzip.hpp>
#include <brio/http/token.hpp>
#include <brio/load/answer_reader.hpp>
#include <brio/load/json_path.hpp>

namespace brio::load {
namespace {

bool is_redirect(int status) noexcept {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// Where the answer leads; nothing when it leads nowhere, or to another origin.
std::optional<std::string> next_target(const Origin& origin, std::string_view target, std::string_view head) {
    auto const location = find_field(head, "location");
    auto base = origin.url;
    base.target = target;
    auto const next = location ? http::resolve_client_url(base, *location) : std::unexpected(std::string());
    if (!next || next->origin() != base.origin()) {
        return std::nullopt;
    }
    return next->target;
}

// RFC 9110 §15.4: what is asked for next, by which method.
void follow(Request& request, int status) {
    if (status == 303 || ((status == 301 || status == 302) && request.method == "POST")) {
        request.method = request.method == "HEAD" ? "HEAD" : "GET";
        request.body = {};
    }
}

}  // namespace

std::optional<std::string_view> Answer::header(std::string_view name) const {
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(), http::lower);
    return find_field(head_, lower);
}

std::string_view Answer::body() {
    if (!std::exchange(is_decoded_, true) && !body_.empty()) {
        auto const coding = find_field(head_, "content-encoding");
        if (coding && http::equals_ignoring_case(*coding, "gzip")) {
            Buffer plain;
            auto const whole = http::gunzip(plain, body_, {.size = AnswerReader::largest_kept_body}) ==
                               http::Gunzipped::whole;
            body_ = whole ? plain.view() : std::string_view();
            if (!whole) {
                check("body can be decoded", false);
            }
        }
    }
    return body_;
}

std::string Answer::at(std::string_view json_path) { return json_at(body(), json_path); }

bool Answer::check(std::string_view name, bool passed) {
    passed = passed && !missing_;
    if (is_counted_) {
        session_->record.check(id_, name, passed, !passed && !is_bad_,
                               monotonic_now() - session_->counting.from);
        is_bad_ = is_bad_ || !passed;
    }
    return passed;
}

bool Answer::check_status(int wanted) {
    return check("status is " + std::to_string(wanted), status_ == wanted);
}

bool Answer::check_header(std::string_view name, std::string_view wanted) {
    return check(std::string(name).append(" is ").append(wanted), header(name) == wanted);
}

bool Answer::check_at(std::string_view json_path, std::string_view wanted) {
    return check(std::string(json_path).append(" is ").append(wanted), at(json_path) == wanted);
}

Async<Answer> Client::send(Request request) const {
    auto& session = *session_;
    auto const method = request.method;  // of the first, where redirects change it
    auto const name = request.options.name.empty() ? request.path.name : request.options.name;
    Answer answer(session);
    Ended ended;
    auto const intended = std::exchange(session.intended, std::nullopt);
    auto target = session.origin.target_of(request.path);
    for (std::uint32_t hops = 0;; ++hops) {
        auto const bytes = render(session.origin, request, target, session.cookies.field());
        Sending exchange(session, bytes);
        exchange.to_head = request.method == "HEAD";
        exchange.keeps = true;
        exchange.may_repeat = http::is_idempotent(request.method);
        ++session.requests;
        co_await exchange;
        if (hops == 0) {
            ended.intended = intended.value_or(exchange.began);
            ended.sent = exchange.sent;
        }
        ended.ended = exchange.ended;
        ended.status = exchange.status;
        ended.missing = exchange.missing;
        ended.bytes_sent += bytes.size();
        ended.bytes_received += exchange.bytes_received;
        ended.waited = ended.waited || exchange.waited;
        answer.head_ = std::move(exchange.head);
        answer.body_ = std::move(exchange.body);
        session.cookies.note(answer.head_);
        if (ended.missing || !is_redirect(ended.status) || request.options.redirects == 0) {
            break;
        }
        auto next = next_target(session.origin, target, answer.head_);
        if (!next || hops == request.options.redirects) {
            ended.missing = Missing::redirect;
            break;
        }
        target = std::move(*next);
        follow(request, ended.status);
    }
    if (session.counting.has(ended.intended)) {  // only names of what is counted are kept
        answer.id_ = ended.id = session.record.id_of(method, name);
    }
    answer.status_ = ended.missing ? 0 : ended.status;
    answer.missing_ = ended.missing;
    ended.is_failure = !ended.missing && is_bad_status(ended.status, request.options.expect);
    answer.is_bad_ = ended.is_failure || ended.missing;
    answer.is_counted_ = count(session, ended);
    co_return answer;
}

}  // namespace brio::load
