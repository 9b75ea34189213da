// What the settings say of the servers of the public ports, and of the API's routes.
#pragma once
#include <vector>

#include <brio/app/detail/program.hpp>
#include <brio/app/settings.hpp>
#include <brio/http/server.hpp>

namespace brio::app {

/// Of the server of the API.
http::ServerOptions api_options(const Settings& settings);
/// Those of the program, and what the settings add.
std::vector<http::Middleware> api_middlewares(const Program& program, const Settings& settings);
/// The setting's, of routes that say nothing of it themselves.
void apply_deadline(http::Router& router, const Settings& settings);

/// Of the server that leads to https.
http::ServerOptions redirect_options(const Settings& settings);

}  // namespace brio::app
