// The head of one HTTP/1.1 request, as parse_head() leaves it: offsets into the caller's bytes, no copies.
//
// A RequestHead is meant to be reused: its 2 KiB of field slots are never zeroed. It is not thread-safe.
// Every view it gives out ends when the bytes given to parse_head() move or change; after a move of the same
// bytes, rebase() makes it valid again. Sources: RFC 9110 §5, §7, §9; RFC 9112 §3, §6, §9.
#pragma once
#include <brio/http/limits.hpp>
#include <brio/http/token.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace brio::http {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options, connect, trace, other };
inline constexpr std::size_t method_count = 10;

/// "GET" and so on; "OTHER" for Method::other.
std::string_view method_name(Method method) noexcept;
/// Case-sensitive, as RFC 9110 §9.1 wants; what is not in Method is Method::other.
Method parse_method(std::string_view token) noexcept;

/// The fields whose place is noted while parsing, so that reading them costs no search.
enum class Known : std::uint8_t {
    accept,
    accept_encoding,
    accept_language,
    access_control_request_headers,
    access_control_request_method,
    authorization,
    connection,
    content_encoding,
    content_length,
    content_type,
    cookie,
    expect,
    host,
    idempotency_key,
    if_match,
    if_modified_since,
    if_none_match,
    last_event_id,
    origin,
    referer,
    traceparent,
    tracestate,
    transfer_encoding,
    upgrade,
    user_agent,
    x_request_id,
    x_request_timeout_ms,
};
inline constexpr std::size_t known_count = 27;
inline constexpr std::array<std::string_view, known_count> known_names = {
    "accept",
    "accept-encoding",
    "accept-language",
    "access-control-request-headers",
    "access-control-request-method",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "idempotency-key",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "last-event-id",
    "origin",
    "referer",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-request-id",
    "x-request-timeout-ms",
};

struct Field {
    std::string_view name;   // as sent; compare with equals_ignoring_case()
    std::string_view value;  // without the white space around it
};

class RequestHead {
public:
    RequestHead() noexcept { clear(); }

    Method method() const noexcept { return method_; }
    std::string_view method_token() const noexcept { return view(method_token_); }
    /// As sent: "/a?b", "http://host/a?b", "*" or, for CONNECT only, "host:port".
    std::string_view target() const noexcept { return view(target_); }
    /// Still encoded; begins with '/' ("/" where an absolute target has none); "*" for OPTIONS *, empty for
    /// CONNECT. Its escapes are well-formed, none is %00, and no segment is "." or ".." however written (see
    /// target.hpp).
    std::string_view path() const noexcept { return path_.size != 0 ? view(path_) : absolute_ ? "/" : ""; }
    /// After the first '?', still encoded; empty when there is none.
    std::string_view query() const noexcept { return view(query_); }
    /// The authority of the target if it has one, else of the Host field; empty only on HTTP/1.0.
    std::string_view host() const noexcept { return view(host_); }
    /// 0 or 1; 2 to 9 count as 1 (RFC 9110 §2.5).
    int version_minor() const noexcept { return version_minor_; }

    /// Never set together with chunked().
    std::optional<std::uint64_t> content_length() const noexcept {
        return has_length_ ? std::optional(content_length_) : std::nullopt;
    }
    bool chunked() const noexcept { return chunked_; }
    /// A body of at least one byte, or a chunked one (which may turn out to be empty), follows the head.
    bool has_body() const noexcept { return chunked_ || content_length_ != 0; }
    bool keep_alive() const noexcept { return keep_alive_; }
    /// The client waits for 100 before it sends its body. False on HTTP/1.0 and where no body follows.
    bool expect_continue() const noexcept { return expect_continue_ && version_minor_ != 0 && has_body(); }
    /// Connection lists "upgrade" (and Upgrade may say to what).
    bool upgrade() const noexcept { return upgrade_; }

    std::size_t field_count() const noexcept { return count_; }
    Field field(std::size_t i) const noexcept { return {view(slots_[i].name), view(slots_[i].value)}; }
    /// The first field of that name; O(1).
    std::optional<std::string_view> find(Known name) const noexcept {
        const auto at = known_[static_cast<std::size_t>(name)];
        return at == 0 ? std::nullopt : std::optional(view(slots_[at - 1U].value));
    }
    /// The first field of that name, whatever the case; O(field_count).
    std::optional<std::string_view> find(std::string_view name) const noexcept;
    /// Calls f(value) for each field of that name, in order: a list may come in several lines.
    template <class F>
    void each(Known name, F&& f) const {
        for (std::size_t at = known_[static_cast<std::size_t>(name)]; at != 0 && at <= count_; ++at) {
            if (equals_ignoring_case(view(slots_[at - 1].name),
                                     known_names[static_cast<std::size_t>(name)])) {
                f(view(slots_[at - 1].value));
            }
        }
    }

    /// Call it when the bytes that were parsed now stand at `base`.
    void rebase(const char* base) noexcept { base_ = base; }
    /// As after construction; parse_head() does it when told that it saw nothing before.
    void clear() noexcept;

private:
    friend class HeadParser;
    struct Span {
        std::uint32_t at;
        std::uint32_t size;
    };
    struct Slot {
        Span name;
        Span value;
    };
    enum class Stage : std::uint8_t {
        empty_lines,
        method,
        target,
        version,
        line_start,
        name,
        value,
        done,
        failed
    };

    std::string_view view(Span span) const noexcept { return {base_ + span.at, span.size}; }

    const char* base_;
    std::uint64_t content_length_;
    Span method_token_, target_, path_, query_, host_;
    Method method_;
    std::uint8_t version_minor_;
    bool has_length_, chunked_, keep_alive_, expect_continue_, upgrade_;
    bool close_listed_, keep_alive_listed_, unknown_expectation_, host_seen_, target_has_host_, absolute_;
    std::uint16_t count_;
    std::array<std::uint8_t, known_count> known_;  // index + 1 of the first field of that name; 0: none

    // where an incomplete parse goes on
    Stage stage_;
    std::uint8_t empty_lines_seen_;
    std::uint32_t position_, token_, line_, fields_at_, name_size_;

    std::array<Slot, header_count_capacity> slots_;
};

}  // namespace brio::http
