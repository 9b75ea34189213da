#include <brio/app/standard_routes.hpp>

#include <algorithm>

#include <brio/app/page.hpp>
#include <brio/base/text.hpp>
#include <brio/http/assets.hpp>
#include <brio/http/parameters.hpp>

#include <web/assets.hpp>

namespace brio::app {

/// {"status":"ok"}
struct Healthy {};

}  // namespace brio::app

namespace brio::http {

template <>
struct Render<app::Healthy> {
    static void to(Exchange& exchange, app::Healthy) {
        auto& response = exchange.response;
        response.content_type = "application/json";
        response.static_body = R"({"status":"ok"})";
        response.cache_control("no-store");
    }
    static void describe(OperationSchema& operation) {
        operation.answer({.status = 200,
                          .description = "It answers",
                          .schema = R"({"type":"object","required":["status"],)"
                                    R"("properties":{"status":{"type":"string","const":"ok"}}})"});
    }
};

template <>
struct Provide<app::Readiness*> {
    using Service = app::Readiness;
    static std::optional<app::Readiness*> from(Exchange& exchange) {
        return exchange.services->find<app::Readiness>();
    }
};

}  // namespace brio::http

namespace brio::app {
namespace {

constexpr std::string_view html = "text/html; charset=utf-8";

struct SendKept {
    const KeptAnswer* answer;

    http::Response operator()() const {
        auto const& asset = answer->asset();
        http::Response response;
        response.content_type = asset.content_type;
        response.static_body = asset.identity;
        response.etag(asset.etag).cache_control("no-cache");
        return response;
    }
};

Healthy health() { return {}; }

Async<Healthy> readiness(Readiness* readiness) {
    if (auto const reason = co_await readiness->ask()) {
        throw http::Problem({.status = 503,
                             .code = reason->code,
                             .detail = reason->detail,
                             .errors = {},
                             .retry_after = std::chrono::seconds(1)});
    }
    co_return Healthy{};
}

std::string index_page(const OpenApiInfo& info) {
    return write_page(
        {.title = info.title,
         .introduction = info.description.empty() ? "Version " + info.version : info.description,
         .links = {{"/docs", "/docs", "every operation, to read and to try"},
                   {"/openapi.json", "/openapi.json", "the same for programs, OpenAPI 3.1"},
                   {"/healthz", "/healthz", "does it answer"},
                   {"/readyz", "/readyz", "should it be sent requests"}}});
}

std::string no_docs_page() {
    return write_page({.title = "No documentation page",
                       .introduction = "This program was built without Node, so it does not carry the page. "
                                       "The description itself is here:",
                       .links = {{"/openapi.json", "/openapi.json", "OpenAPI 3.1"}}});
}

}  // namespace

Async<std::optional<NotReady>> Readiness::ask() const {
    if (draining_.load(std::memory_order_relaxed)) {
        co_return NotReady{.code = "draining", .detail = "this process is ending; ask another"};
    }
    if (check_) {
        co_return co_await check_();
    }
    co_return std::nullopt;
}

StandardRoutes::StandardRoutes(http::Router& router, OpenApiInfo info)
    : router_(router),
      info_(std::move(info)),
      document_("application/json", [this] { return write_openapi(router_, info_); }),
      index_(html, [this] { return index_page(info_); }),
      no_docs_(html, [] { return no_docs_page(); }) {}

void StandardRoutes::add() {
    if (!has_route(router_, "/healthz")) {
        router_.get<"/healthz">(health,
                                {.importance = http::Importance::critical, .summary = "Does it answer"});
    }
    if (!has_route(router_, "/readyz")) {
        router_.get<"/readyz">(
            readiness, {.importance = http::Importance::critical, .summary = "Should it be sent requests"});
    }
    if (!has_route(router_, "/openapi.json")) {
        add_kept(router_, "/openapi.json", document_);
    }
    if (!has_route(router_, "/docs")) {
        add_docs();
    }
    if (!has_route(router_, "/")) {
        add_kept(router_, "/", index_);
    }
}

void StandardRoutes::add_docs() {
    auto const assets = web::docs();
    if (assets.empty()) {
        add_kept(router_, "/docs", no_docs_);
    } else {
        http::add_assets(router_, assets);
    }
}

bool has_route(const http::Router& router, std::string_view pattern) {
    return std::ranges::any_of(router.routes(), [&](auto const& route) {
        return route->method == http::Method::get && route->pattern == pattern;
    });
}

http::Route& add_kept(http::Router& router, std::string_view pattern, const KeptAnswer& answer) {
    return router.add_endpoint(http::Method::get, pattern, http::make_endpoint(SendKept{&answer}),
                               {.importance = http::Importance::sheddable, .in_openapi = false});
}

}  // namespace brio::app
