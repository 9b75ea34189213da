// What `routes`, `goals`, `config` and the start of `serve` print.
#pragma once
#include <string>
#include <vector>

#include <brio/app/listeners.hpp>
#include <brio/app/settings.hpp>
#include <brio/http/middleware.hpp>
#include <brio/http/router.hpp>
#include <brio/watch/goal_rules.hpp>

namespace brio::app {

std::string list_routes(const http::Router& router, const std::vector<http::Middleware>& middlewares);
std::string list_goals(const Settings& settings, const watch::GoalRules& rules);
std::string list_settings(const Configuration& configuration);

struct Greeting {
    std::string program;
    std::string version;
    std::string api_url;    // "http://127.0.0.1:8080"
    std::string admin_url;  // empty: none
};
/// Where everything is, and three lines to paste.
std::string greet(const Greeting& greeting, const http::Router& router);

enum class Scheme : std::uint8_t { http, https };
/// `http://host:port`, with what a client can connect to where the host is any address.
std::string url_of(const std::string& host, std::uint16_t port, Scheme scheme = Scheme::http);
/// The API's, at the port that it has.
std::string url_of_api(const Settings& settings, std::uint16_t port);

}  // namespace brio::app
