#include <brio/app/admin.hpp>

#include <brio/app/cache_routes.hpp>
#include <brio/app/live_routes.hpp>
#include <brio/app/page.hpp>
#include <brio/app/queries_page.hpp>
#include <brio/app/watch_routes.hpp>
#include <brio/db/database.hpp>
#include <brio/db/report.hpp>
#include <brio/http/assets.hpp>
#include <brio/http/parameters.hpp>
#include <brio/metrics/exposition.hpp>

#include <web/assets.hpp>

namespace brio::app {
namespace {

struct SendIndex {
    const AdminParts* parts;

    http::Response operator()() const {
        http::Response response;
        response.content_type = "text/html; charset=utf-8";
        response.static_body = parts->index_page;
        response.cache_control("no-cache");
        return response;
    }
};

struct SendMetrics {
    const AdminParts* parts;

    http::Response operator()(http::Request request) const {
        auto const accept = request.head().find(http::Known::accept).value_or("");
        auto const format = metrics::accepted_exposition(accept);
        http::Response response;
        response.content_type = metrics::content_type(format);
        metrics::write_exposition(response.body, parts->registry, format);
        response.cache_control("no-store").header("Vary", "Accept");
        return response;
    }
};

struct SendQueries {
    const AdminParts* parts;

    http::Response operator()() const {
        http::Response response;
        response.json(json::to_string(db::report_queries(*parts->database))).cache_control("no-store");
        return response;
    }
};

struct SendQueriesPage {
    const AdminParts* parts;

    http::Response operator()() const {
        http::Response response;
        response.content_type = "text/html; charset=utf-8";
        response.body.append(write_queries_page(parts->program, db::report_queries(*parts->database)));
        response.cache_control("no-store");
        return response;
    }
};

struct SendIndexes {
    const AdminParts* parts;

    Async<db::IndexReport> operator()() const { return db::report_indexes(*parts->database); }
};

http::Response health() {
    http::Response response;
    response.json(R"({"status":"ok"})").cache_control("no-store");
    return response;
}

}  // namespace

http::ServerOptions admin_options(const Settings& settings) {
    http::ServerOptions options{
        .limits = settings.limits, .goals = settings.goals, .in_flight = 64, .name = "admin"};
    options.limits.connections = 64;
    options.admission.adapts = false;
    return options;
}

void add_admin_routes(http::Router& router, AdminParts& parts) {
    Page page{.title = parts.program + " · admin",
              .introduction = "What this process says of itself.",
              .links = {{"/metrics", "/metrics", "for Prometheus; OpenMetrics by Accept"},
                        {"/healthz", "/healthz", "does it answer"}}};
    if (parts.goals != nullptr) {
        page.links.push_back({"/goals", "/goals", "which are kept, which are missed, and why"});
        page.links.push_back({"/review", "/review", "the last day, and what to do first"});
        page.links.push_back({"/api/usage", "/api/usage", "processor, memory, connections, queues, disk"});
        page.links.push_back(
            {"/api/history", "/api/history", "rates, times and what is used, of the last two weeks"});
        page.links.push_back(
            {"/api/admission", "/api/admission", "how many requests are let in, and what limits them"});
        add_watch_routes(router, *parts.goals);
    }
    if (parts.database != nullptr) {
        page.links.push_back(
            {"/queries", "/queries", "what statements cost, which are slow, which are repeated"});
        page.links.push_back({"/api/indexes", "/api/indexes", "indexes that are missing, and unused ones"});
        router.get<"/queries">(SendQueriesPage{&parts});
        router.get<"/api/queries">(SendQueries{&parts});
        router.get<"/api/indexes">(SendIndexes{&parts});
    }
    page.links.push_back(
        {"/api/instances", "/api/instances", "the processes of the service, and how each is"});
    page.links.push_back(
        {"/api/slow", "/api/slow", "the last requests and tasks that were too slow or failed"});
    page.links.push_back(
        {"/api/profile", "/api/profile", "where processor time and waits go; POST takes one"});
    page.links.push_back({"/api/scopes", "/api/scopes", "what brio::profile() has counted"});
    page.links.push_back({"/api/cache", "/api/cache", "what the cache saves and holds"});
    add_cache_routes(router, parts.caches);
    if (parts.has_tasks) {
        page.links.push_back({"/api/tasks", "/api/tasks", "queues, what runs, waits and is dead"});
        page.links.push_back(
            {"/api/schedule", "/api/schedule", "what is done again and again, and when next"});
    }
    if (auto const dashboard = web::dashboard(); !dashboard.empty()) {
        http::add_assets(router, dashboard);
    } else {
        router.get<"/">(SendIndex{&parts});
    }
    if (parts.live != nullptr) {
        page.links.push_back({"/api/work", "/api/work", "what each route and task did in the last minute"});
        page.links.push_back({"/api/log", "/api/log", "the last warnings and errors"});
        add_live_routes(router, *parts.live);
    }
    parts.index_page = write_page(page);
    router.get<"/metrics">(SendMetrics{&parts});
    router.get<"/healthz">(health);
}

}  // namespace brio::app
