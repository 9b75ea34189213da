// Who may ask the admin server. Its pages can retry, drop and pause, and whoever is at this machine can reach
// it: so can any web page that is open in a browser here.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <brio/app/settings.hpp>
#include <brio/http/middleware.hpp>

namespace brio::app {

/// What stands before the admin server's routes, as the settings want it.
std::vector<http::Middleware> admin_guards(const Settings& settings);

/// Lets only requests with `Authorization: Bearer TOKEN` pass; the others get 401. Compares in constant time.
/// The dashboard's own files are open: they hold no data, and ask for the token themselves.
http::Middleware require_token(std::string token);

/// 403 for what a page of another site sends: its Origin is not the Host, and it would change something.
/// Without a token also for a Host that may be a name of somebody else's (DNS rebinding): is_own_host().
http::Middleware refuse_other_sites(bool has_token);

/// Whether a Host field is an address or a name that nobody can have in the public DNS: one without a dot, or
/// under localhost, test (RFC 6761), local (RFC 6762), internal. Pure.
bool is_own_host(std::string_view host) noexcept;

}  // namespace brio::app
