// Request targets (RFC 9112 §3.2) and what of them routing may rely on.
//
// Path policy: segments are split at raw '/' and decoded after that, so %2F never separates. A segment that
// is "." or
// ".." with any of its dots escaped or not is refused (400) instead of being resolved: two programs that
// resolve it differently would see two resources. Empty segments ("//") are kept as they are: they match no
// route.
#pragma once
#include <brio/http/head.hpp>
#include <brio/http/rejection.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace brio::http {

struct Target {
    enum class Form : std::uint8_t { origin, absolute, authority, asterisk };
    Form form = Form::origin;
    std::string_view authority;  // absolute and authority form
    std::string_view path;       // still encoded; empty for an absolute target without one and for CONNECT
    std::string_view query;      // after the first '?', still encoded

    friend bool operator==(const Target&, const Target&) = default;
};

/// Takes a target apart whose characters were checked (no space, control, fragment or non-ASCII) and checks
/// its form against the method, its authority and its path. On refusal returns false and fills `rejection`.
bool split_target(std::string_view text, Method method, Target& out, Rejection& rejection) noexcept;

/// host [":" port] (RFC 9110 §7.2): a name of unreserved, sub-delimiter (but comma) and escaped characters,
/// an IPv4 address, or an IPv6 address in brackets; a port up to 65535. No userinfo, no path, not empty.
bool is_valid_authority(std::string_view authority) noexcept;

/// The refusal of an encoded path that breaks the policy above, or nothing.
std::optional<Rejection> path_refusal(std::string_view encoded_path) noexcept;

}  // namespace brio::http
