#include <brio/http/client_request.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

#include <brio/base/text.hpp>
#include <brio/http/token.hpp>

namespace brio::http {
namespace {

// What frames the message and keeps the connection is decided in one place.
constexpr std::array<std::string_view, 9> own_fields = {"connection", "content-length",    "expect",
                                                        "host",       "keep-alive",        "te",
                                                        "trailer",    "transfer-encoding", "upgrade"};
constexpr std::array<std::string_view, 3> credentials = {"authorization", "cookie", "proxy-authorization"};

template <std::size_t Count>
bool is_among(const std::array<std::string_view, Count>& names, std::string_view name) {
    return std::any_of(names.begin(), names.end(),
                       [&](auto each) { return equals_ignoring_case(each, name); });
}

bool has_field(const OutboundRequest& request, std::string_view name) {
    return std::any_of(request.options.headers.begin(), request.options.headers.end(),
                       [&](auto const& field) { return equals_ignoring_case(field.first, name); });
}

void append_field(Buffer& out, std::string_view name, std::string_view value) {
    out.append(name);
    out.append(": ");
    out.append(value);
    out.append("\r\n");
}

}  // namespace

bool is_idempotent(std::string_view method) noexcept {
    constexpr std::array<std::string_view, 6> safe_to_repeat = {"GET",    "HEAD",    "PUT",
                                                                "DELETE", "OPTIONS", "TRACE"};
    return std::find(safe_to_repeat.begin(), safe_to_repeat.end(), method) != safe_to_repeat.end();
}

void check_request(const OutboundRequest& request) {
    if (!is_token(request.method) || request.method == "CONNECT") {
        throw std::invalid_argument("an outbound request's method is a token other than CONNECT");
    }
    if (!all_of_class(request.content_type, value_char)) {
        throw std::invalid_argument("an outbound request's content type holds a control character");
    }
    for (auto const& [name, value] : request.options.headers) {
        if (!is_token(name)) {
            throw std::invalid_argument("an outbound request's header name is not a token: " +
                                        valid_utf8(name));
        }
        if (!all_of_class(value, value_char)) {
            throw std::invalid_argument("an outbound request's header " + name +
                                        " holds a control character");
        }
        if (is_among(own_fields, name)) {
            throw std::invalid_argument("an outbound request's header " + name +
                                        " is the client's own: leave it out");
        }
    }
}

bool asks_for_codings(const OutboundRequest& request) noexcept {
    return !has_field(request, "Accept-Encoding");
}

void write_request(Buffer& out, const RequestLine& line) {
    auto const& request = line.request;
    auto const add = [&](std::string_view name, std::string_view value) {
        if (!value.empty() && !has_field(request, name)) {
            append_field(out, name, value);
        }
    };
    out.append(request.method);
    out.push_back(' ');
    out.append(line.url.target);
    out.append(" HTTP/1.1\r\n");
    append_field(out, "Host", line.url.authority);
    add("User-Agent", line.user_agent);
    add("Accept", "*/*");
    add("Accept-Encoding", "gzip");
    add("X-Request-ID", line.context.request_id);
    if (line.context.trace) {
        auto const trace = format_traceparent(*line.context.trace);
        add("traceparent", {trace.data(), trace.size()});
        add("tracestate", line.context.trace_state);
    }
    add("X-Request-Timeout-Ms", integer_text(std::max<std::int64_t>(1, line.left.count())));
    for (auto const& [name, value] : request.options.headers) {
        if (line.same_origin || !is_among(credentials, name)) {
            append_field(out, name, value);
        }
    }
    if (!request.body.empty()) {
        add("Content-Type", request.content_type);
    }
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT" ||
        request.method == "PATCH") {
        append_field(out, "Content-Length", integer_text(request.body.size()));
    }
    out.append("\r\n");
    out.append(request.body.view());
}

}  // namespace brio::http
