// Parses the head of an HTTP/1.1 request: RFC 9112 §2–§3, §5–§7 and RFC 9110 §5–§7, strict.
//
// Rules beyond the grammar: CRLF only; no folding; no white space before a colon; exactly one valid Host
// on 1.1, at most one on 1.0; Content-Length of digits only and once; Transfer-Encoding only on 1.1, only
// "chunked", never beside Content-Length; "*" only for OPTIONS, an authority only for CONNECT; no fragment;
// well-formed escapes and no dot segments in the path (target.hpp). The result is a function of the bytes
// alone: however they are split, the same bytes give the same outcome, and an error is given with the byte
// that causes it. Bytes are looked at once, so a slow sender costs no more than a fast one. Nothing is
// allocated. Not decided here: the method (Method::other is for the server to answer 501), and the size of
// the body (body_refusal).
#pragma once
#include <brio/http/head.hpp>
#include <brio/http/limits.hpp>
#include <brio/http/rejection.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace brio::http {

struct ParseResult {
    enum class State : std::uint8_t { complete, incomplete, error };
    State state = State::incomplete;
    std::size_t consumed =
        0;  // complete: the bytes of the head, skipped empty lines before it and last CRLF included
    Rejection rejection;  // error: answer it and close, whatever else was asked; 400, 414, 417, 431 or 505
};

/// `bytes` begins where the request begins. `seen_before` is 0 for a new request; after `incomplete`, it is
/// the size of `bytes` in that call, and `bytes` now begins with the same bytes (anywhere in memory) and
/// `out` is untouched. Limits::request_line + header_bytes must be below 4 GiB.
ParseResult parse_head(std::string_view bytes, std::size_t seen_before, RequestHead& out,
                       const Limits& limits);

/// 413 if the head announces a body above `body_limit`; decide it before 100 is answered or a byte is read.
std::optional<Rejection> body_refusal(const RequestHead& head, std::uint64_t body_limit) noexcept;

}  // namespace brio::http
