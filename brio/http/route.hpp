// One route: a method and a pattern, what answers it, and its rules.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/http/head.hpp>

namespace brio::ledger {
class RouteMetrics;
}

namespace brio::http {

class Exchange;
class Gate;
class OperationSchema;

/// Under load, sheddable work goes first; critical work is always admitted (admission.hpp).
enum class Importance : std::uint8_t { critical, normal, sheddable };
constexpr std::string_view name_of(Importance importance) noexcept {
    constexpr std::array<std::string_view, 3> names{"critical", "normal", "sheddable"};
    return names[static_cast<std::size_t>(importance)];
}

/// What may differ from route to route; what is not said is the program's.
struct RouteOptions {
    std::optional<std::chrono::nanoseconds> goal = {};      // Goals::api
    std::optional<double> share = {};                       // that must hold it; Goals::share
    std::optional<std::chrono::nanoseconds> deadline = {};  // goal × Goals::deadline_factor
    std::optional<std::uint64_t> body_limit = {};           // Limits::body, bytes
    std::optional<std::uint32_t> statements = {};           // that it runs at most; more is reported
    Importance importance = Importance::normal;
    std::string summary = {};  // of the operation in OpenAPI
    std::string tag = {};      // its group there; else the first segment after /api
    bool compress = true;  // no: where a secret and what an attacker may choose stand in one body (BREACH)
    std::optional<bool> gzip_bodies =
        {};  // whether requests may come in gzip; else ServerOptions::gzip_bodies
    bool in_openapi = true;
    bool in_log = true;
};

/// What answers: made from a handler by make_endpoint().
struct Endpoint {
    void (*invoke)(Exchange&) = nullptr;  // may throw; leaves an answer or a pending call
    void (*describe)(OperationSchema&) = nullptr;
    std::shared_ptr<const void> handler;  // what invoke() finds through exchange.route
    std::vector<const void*> services;    // keys that Services must have
    bool admits_itself = false;           // calls admit() (admission.hpp) before what is work
};

struct Route {
    Method method = Method::get;
    std::string pattern;
    std::vector<std::string> path_names;
    Endpoint endpoint;
    RouteOptions options;
    /// Set when the server starts.
    ledger::RouteMetrics* metrics = nullptr;
    Gate* gate = nullptr;  // none: everything is admitted
    std::chrono::nanoseconds goal{};
    std::chrono::nanoseconds deadline{};
    std::uint64_t body_limit = 0;
    bool gzip_bodies = false;
    std::uint32_t statement_budget = UINT32_MAX;
};

}  // namespace brio::http
