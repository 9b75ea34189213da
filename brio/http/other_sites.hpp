// Keeps the web pages of other sites, which may be open in a browser on this machine, from using a server
// that is meant for those who sit at it.
#pragma once
#include <string>
#include <string_view>

#include <brio/http/middleware.hpp>

namespace brio::http {

/// 403 for what a page of another site sends: its Origin is not the Host, and it would change something.
/// Unless `other_names` is empty, also, with these words, for a Host that may be a name of somebody else's
/// (DNS rebinding): is_own_host().
Middleware refuse_other_sites(std::string other_names);

/// Whether a Host field is an address or a name that nobody can have in the public DNS: one without a dot, or
/// under localhost, test (RFC 6761), local (RFC 6762), internal. Pure.
bool is_own_host(std::string_view host) noexcept;

}  // namespace brio::http
