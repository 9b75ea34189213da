// Who may ask the admin server. Its pages can retry, drop and pause, and whoever is at this machine can reach
// it: so can any web page that is open in a browser here (http/other_sites.hpp).
#pragma once
#include <string>
#include <vector>

#include <brio/app/settings.hpp>
#include <brio/http/middleware.hpp>

namespace brio::app {

/// What stands before the admin server's routes, as the settings want it.
std::vector<http::Middleware> admin_guards(const Settings& settings);

/// Lets only requests with `Authorization: Bearer TOKEN` pass; the others get 401. Compares in constant time.
/// The dashboard's own files are open: they hold no data, and ask for the token themselves.
http::Middleware require_token(std::string token);

}  // namespace brio::app
