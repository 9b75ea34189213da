// What runs around every request of a server, in the order of use(): a chain fixed at start; an empty one
// costs a branch.
#pragma once
#include <functional>
#include <string>

#include <brio/http/exchange.hpp>
#include <brio/runtime/limit.hpp>

namespace brio::http {

struct ServerOptions;

struct Middleware {
    std::string name;  // shown by `routes`
    /// After routing, before the handler's parameters. Returns true when it made the answer itself: the
    /// handler is not called, the after()s of it and of those before it still run. May throw a Problem.
    /// Fields for others' answers are added in after(): a handler's Response takes the place of all that is
    /// there.
    std::function<bool(Exchange&)> before = {};
    /// Once the answer is made, in reverse order, whatever it is. Must not throw.
    std::function<void(Exchange&)> after = {};
    /// Once, at start: for what changes the server's own settings.
    std::function<void(ServerOptions&)> configure = {};
    /// Once, at start: what it bounds registers here.
    std::function<void(runtime::Limits&)> bounds = {};
};

/// Metrics of every request: http_request_duration_seconds and its phases.
Middleware measure();
/// Ends requests at their deadline (RouteOptions::deadline, X-Request-Timeout-Ms if shorter) with 503.
Middleware deadlines();

struct CompressOptions {
    std::size_t offload_above = 64 * 1024;  // bytes: a larger body is compressed on the offload threads
};
/// Bodies of at least `minimum` bytes of the types that get smaller, for who accepts it (RFC 9110 §12.5.3):
/// in gzip as they are made, in brotli, zstd or gzip where a cache keeps them (Response::kept).
///
/// Every answer of such a type says `Vary: Accept-Encoding`; its entity tag names the variant. Left alone are
/// answers that are coded already or must not be changed (Cache-Control: no-transform), those that set
/// cookies (BREACH) and routes with RouteOptions::compress = false. Who refuses identity gets a coding
/// whatever the size, or 406 where a GET can have none.
Middleware compress(std::size_t minimum = 1000, CompressOptions options = {});

/// Takes request bodies in gzip on every route that does not say otherwise (RouteOptions::gzip_bodies).
/// Handlers see them decoded; Limits::body counts decoded bytes, Limits::body_ratio ends bombs. Without it
/// 415.
Middleware gzip_bodies();

struct CorsOptions {
    std::vector<std::string> origins = {"*"};
    std::vector<std::string> headers = {"Content-Type", "Authorization", "If-Match", "Idempotency-Key",
                                        "X-Request-ID"};
    std::vector<std::string> exposed = {"ETag", "Location", "X-Request-ID", "Server-Timing"};
    bool credentials = false;  // not together with "*": stops the program
    int max_age_seconds = 600;
};
/// Cross-origin requests (Fetch, "CORS protocol"): answers preflights with the methods of the path, marks the
/// other answers.
Middleware cors(CorsOptions options = {});

}  // namespace brio::http
