#include <brio/app/server_options.hpp>

#include <brio/http/https.hpp>

namespace brio::app {

void apply_deadline(http::Router& router, const Settings& settings) {
    if (!settings.api_deadline) {
        return;
    }
    for (auto const& route : router.routes()) {
        if (!route->options.deadline && !route->options.goal) {
            route->options.deadline = *settings.api_deadline;
        }
    }
}

http::ServerOptions api_options(const Settings& settings) {
    return {.limits = settings.limits,
            .goals = settings.goals,
            .server_timing = settings.mode == Mode::development,
            .explains = settings.mode == Mode::development,
            .access_log = settings.log,
            .admission = {.adapts = settings.admission_adapts, .wait = settings.wait},
            .in_flight = settings.in_flight,
            .drain_idle = settings.drain_idle,
            .trusted_proxies =
                http::parse_networks(settings.trusted_proxies).value_or(std::vector<http::Network>())};
}

// Answers of a few bytes, made at once: who takes longer to ask is in the way of others.
http::ServerOptions redirect_options(const Settings& settings) {
    http::ServerOptions options{.limits = settings.limits, .in_flight = 64, .name = "redirect"};
    options.limits.connections = 256;
    options.limits.header_deadline = options.limits.keep_alive_idle = std::chrono::seconds(2);
    options.admission.adapts = false;
    return options;
}

std::vector<http::Middleware> api_middlewares(const Program& program, const Settings& settings) {
    auto all = program.middlewares;
    if (settings.strict_time.count() != 0) {
        all.push_back(http::strict_transport(settings.strict_time));
    }
    return all;
}

}  // namespace brio::app
