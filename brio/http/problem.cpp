#include <brio/http/problem.hpp>

#include <atomic>
#include <ratio>

#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>
#include <brio/base/text.hpp>
#include <brio/http/admission.hpp>
#include <brio/http/exchange.hpp>
#include <brio/http/route.hpp>
#include <brio/http/status.hpp>
#include <brio/json/write.hpp>
#include <brio/runtime/errors.hpp>

namespace brio::http {

std::string_view name_of(In in) noexcept {
    switch (in) {
        case In::path: return "path";
        case In::query: return "query";
        case In::header: return "header";
        case In::cookie: return "cookie";
        case In::body: return "body";
    }
    return "body";
}

std::string shown_name(std::string_view name) {
    constexpr std::size_t most = 64;
    std::string shown;
    for (char const byte : name.substr(0, most)) {
        auto const is_ascii = static_cast<unsigned char>(byte) < 0x80;
        auto const in_names = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                              (byte >= '0' && byte <= '9') || std::string_view("_-.[]").contains(byte);
        shown.push_back(!is_ascii || in_names ? byte : '?');
    }
    if (name.size() > most) {
        shown += "…";
    }
    return shown;
}

Problem not_found(std::string_view what) { return {404, "not_found", concat({what, " not found"})}; }
Problem conflict(std::string code, std::string detail) { return {409, std::move(code), std::move(detail)}; }
Problem precondition_failed(std::string detail) { return {412, "precondition_failed", std::move(detail)}; }

Problem invalid(In in, std::string_view name, std::string_view message) {
    return invalid({{in, std::string(name), std::string(message)}});
}

Problem invalid(std::vector<FieldError> errors) {
    auto const count = errors.size();
    auto detail = count == 1 ? std::string("one field is not valid")
                             : concat({integer_text(count), " fields are not valid"});
    return Problem(
        {.status = 422, .code = "invalid", .detail = detail + ": see errors", .errors = std::move(errors)});
}

void write_problem(Buffer& out, const ProblemParts& parts, std::string_view instance) {
    out.append(R"({"type":"about:blank","title":)");
    json::write_string(out, reason_phrase(parts.status));
    out.append(R"(,"status":)");
    json::write_integer(out, parts.status);
    out.append(R"(,"detail":)");
    json::write_string(out, parts.detail);
    out.append(R"(,"instance":"urn:request:)");
    out.append(instance);
    out.append(R"(","code":)");
    json::write_string(out, parts.code);
    if (!parts.errors.empty()) {
        out.append(R"(,"errors":[)");
        for (auto const& error : parts.errors) {
            out.append(&error == parts.errors.data() ? R"({"in":")" : R"(,{"in":")");
            out.append(name_of(error.in));
            out.append(R"(","name":)");
            json::write_string(out, error.name);
            out.append(R"(,"message":)");
            json::write_string(out, error.message);
            out.push_back('}');
        }
        out.push_back(']');
    }
    out.push_back('}');
}

void answer_with(Exchange& exchange, const ProblemParts& problem) {
    auto& response = exchange.response;
    auto const close = response.close;
    response.clear();
    response.close = close;
    response.status = problem.status;
    response.content_type = "application/problem+json";
    response.cache_control("no-store");
    for (auto const& [name, value] : problem.headers) {
        response.header(name, value);
    }
    if (problem.retry_after) {
        response.header("Retry-After", integer_text(problem.retry_after->count()));
    }
    write_problem(response.body, problem, exchange.request_id());
}

void answer_with(Exchange& exchange, const Rejection& rejection) {
    answer_with(exchange, ProblemParts{.status = rejection.status,
                                       .code = std::string(rejection.code),
                                       .detail = std::string(rejection.detail)});
}

namespace {

std::string_view endpoint_of(const Exchange& exchange) {
    return exchange.route != nullptr ? std::string_view(exchange.route->pattern) : std::string_view("-");
}

void answer_cancelled(Exchange& exchange, runtime::StopReason reason) {
    if (reason == runtime::StopReason::disconnected) {
        answer_with(
            exchange,
            ProblemParts{.status = 499, .code = "client_closed_request", .detail = "the client went away"});
        return;
    }
    if (reason == runtime::StopReason::overloaded) {
        answer_overloaded(exchange);
        return;
    }
    auto const late = reason == runtime::StopReason::deadline;
    answer_with(
        exchange,
        ProblemParts{.status = 503,
                     .code = late ? "deadline_exceeded" : "shutting_down",
                     .detail = late ? "the request was not answered within its deadline; try again later"
                                    : "the server is shutting down; try again",
                     .retry_after = std::chrono::seconds(1)});
}

void answer_failed(Exchange& exchange, std::string_view what) {
    log_error("handler failed",
              {{"request_id", exchange.request_id()}, {"endpoint", endpoint_of(exchange)}, {"error", what}});
    answer_with(
        exchange,
        ProblemParts{.status = 500,
                     .code = "internal_error",
                     .detail = "the server failed to answer; the log has the reason under this instance"});
}

// What the client is not told of a failure of the environment. An outage fails every request: one line a
// second says why.
void log_reason(Exchange& exchange, const Problem& problem) {
    static std::atomic<std::int64_t> next{0};
    auto const now = monotonic_now().count();
    auto due = next.load(std::memory_order_relaxed);
    if (now >= due && next.compare_exchange_strong(due, now + std::nano::den)) {
        log_warning("unavailable", {{"request_id", exchange.request_id()},
                                    {"endpoint", endpoint_of(exchange)},
                                    {"code", problem.parts().code},
                                    {"error", problem.what()}});
    }
}

}  // namespace

void run_guarded(Exchange& exchange, void (*step)(Exchange&)) noexcept {
    try {
        step(exchange);
    } catch (const Problem& problem) {
        if (problem.status() >= 500 && problem.what() != problem.parts().detail) {
            log_reason(exchange, problem);
        }
        answer_with(exchange, problem.parts());
    } catch (const runtime::Cancelled& cancelled) {
        answer_cancelled(exchange, cancelled.reason());
    } catch (const runtime::Unavailable& unavailable) {
        log_warning("unavailable", {{"request_id", exchange.request_id()},
                                    {"endpoint", endpoint_of(exchange)},
                                    {"error", unavailable.what()}});
        answer_with(
            exchange,
            ProblemParts{.status = 503,
                         .code = "unavailable",
                         .detail = "something this request needs is not available now; try again later",
                         .retry_after = unavailable.retry_after});
    } catch (const std::exception& error) {
        answer_failed(exchange, error.what());
    } catch (...) {
        answer_failed(exchange, "something that is no std::exception was thrown");
    }
}

bool ended_well(Async<void>& producer, std::string_view request_id, std::string_view endpoint) noexcept {
    auto const failed = [&](std::string_view what) {
        log_error("stream failed", {{"request_id", request_id}, {"endpoint", endpoint}, {"error", what}});
        return false;
    };
    try {
        producer.result();
        return true;
    } catch (const runtime::Cancelled&) {
        return false;
    } catch (const std::exception& error) {
        return failed(error.what());
    } catch (...) {
        return failed("something that is no std::exception was thrown");
    }
}

}  // namespace brio::http
