// One route: a method and a pattern, what answers it, and its rules.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <brio/http/head.hpp>

namespace brio::ledger {
class RouteMetrics;
}

namespace brio::http {

class Exchange;
class OperationSchema;

/// Under load, sheddable work goes first and critical work last.
enum class Importance : std::uint8_t { critical, normal, sheddable };

/// What may differ from route to route; what is not said is the program's.
struct RouteOptions {
    std::optional<std::chrono::nanoseconds> goal = {};      // Goals::api
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
};

struct Route {
    Method method = Method::get;
    std::string pattern;
    std::vector<std::string> path_names;
    Endpoint endpoint;
    RouteOptions options;
    /// Set when the server starts.
    ledger::RouteMetrics* metrics = nullptr;
    std::chrono::nanoseconds goal{};
    std::chrono::nanoseconds deadline{};
    std::uint64_t body_limit = 0;
    bool gzip_bodies = false;
    std::uint32_t statement_budget = UINT32_MAX;
};

}  // namespace brio::http
