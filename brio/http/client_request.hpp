// The client's requests as bytes: a pure function of what was asked for.
#pragma once
#include <chrono>
#include <string_view>

#include <brio/base/buffer.hpp>
#include <brio/http/client.hpp>
#include <brio/http/client_url.hpp>

namespace brio::http {

/// RFC 9110 §9.2.2: making it twice is as making it once.
bool is_idempotent(std::string_view method) noexcept;

/// Throws std::invalid_argument for a method that is no token or is CONNECT, field names that are no tokens,
/// values with control characters, and fields that are the client's own (Connection, Content-Length,
/// Transfer-Encoding, Host, …).
void check_request(const OutboundRequest& request);

struct RequestLine {
    const OutboundRequest& request;
    const ClientUrl& url;
    const OutboundContext& context;
    std::string_view user_agent;
    std::chrono::milliseconds left;  // told as X-Request-Timeout-Ms
    bool same_origin = true;         // as the request was made for; else its credentials are left out
};
/// Whether the client asks for codings itself, and so has them undone.
bool asks_for_codings(const OutboundRequest& request) noexcept;
/// Line, fields and body. A field that the request has itself is not added a second time.
void write_request(Buffer& out, const RequestLine& line);

}  // namespace brio::http
