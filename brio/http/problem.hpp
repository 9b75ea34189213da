// Errors as the client sees them: application/problem+json (RFC 9457) with a stable `code` and every bad
// field.
//
// A handler throws a Problem for what the client can do something about. Whatever else leaves a handler
// becomes 500, or 503 with Retry-After where the environment failed for now, without inner detail: the log
// has that, with the request id.
#pragma once
#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <brio/base/buffer.hpp>
#include <brio/http/field_error.hpp>
#include <brio/http/rejection.hpp>
#include <brio/runtime/async.hpp>

namespace brio::http {

class Exchange;

struct ProblemParts {
    int status = 500;
    std::string code;    // stable, snake_case: what programs compare
    std::string detail;  // one sentence for people: what was wrong and what to do
    std::vector<FieldError> errors;
    std::optional<std::chrono::seconds> retry_after;  // for 429 and 503
    std::vector<std::pair<std::string, std::string>> headers =
        {};  // more fields of the answer, as WWW-Authenticate
};

class Problem : public std::exception {
public:
    explicit Problem(ProblemParts parts) : parts_(std::move(parts)) {}
    Problem(int status, std::string code, std::string detail)
        : Problem(ProblemParts{.status = status, .code = std::move(code), .detail = std::move(detail)}) {}

    const ProblemParts& parts() const noexcept { return parts_; }
    int status() const noexcept { return parts_.status; }
    const char* what() const noexcept override { return parts_.detail.c_str(); }

private:
    ProblemParts parts_;
};

/// 404 `not_found`: "resource not found".
Problem not_found(std::string_view what);
/// 409 `code`.
Problem conflict(std::string code, std::string detail);
/// 412 `precondition_failed`.
Problem precondition_failed(std::string detail);
/// 422 `invalid` for one field.
Problem invalid(In in, std::string_view name, std::string_view message);
/// 422 `invalid` that lists every field.
Problem invalid(std::vector<FieldError> errors);

/// The value, or throws `otherwise`.
template <class T>
T require(std::optional<T> value, Problem otherwise) {
    if (!value) {
        throw std::move(otherwise);
    }
    return std::move(*value);
}

/// The document: `{"type","title","status","detail","instance","code","errors"}`; `instance` is the request's
/// id.
void write_problem(Buffer& out, const ProblemParts& parts, std::string_view instance);

/// Makes `problem` the exchange's answer, in place of whatever was there.
void answer_with(Exchange& exchange, const ProblemParts& problem);
void answer_with(Exchange& exchange, const Rejection& rejection);

/// Calls `step(exchange)` and turns whatever it throws into the exchange's answer. The only place where a
/// request's work catches.
void run_guarded(Exchange& exchange, void (*step)(Exchange&)) noexcept;

/// Of the producer of a stream, whose answer is already under way: whether it returned. Logs what it threw
/// instead, unless it was stopped.
bool ended_well(Async<void>& producer, std::string_view request_id, std::string_view endpoint) noexcept;

}  // namespace brio::http
