#include <brio/app/cache_routes.hpp>

#include <algorithm>

#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>
#include <brio/cache/report.hpp>
#include <brio/http/parameters.hpp>

namespace brio::app {

namespace {

constexpr std::size_t most_entries = 1000;

struct ReportQuery {
    std::uint32_t top = 50;
};
struct WhatToClear {
    std::optional<std::string> tag;
    std::optional<std::string> route;
};

struct SendReport {
    cache::Caches* caches;

    http::Response operator()(http::Query<ReportQuery> query) const {
        const auto entries = std::min<std::size_t>(query->top, most_entries);
        http::Response response;
        response.json(json::to_string(cache::report(*caches, entries, monotonic_now())));
        response.cache_control("no-store");
        return response;
    }
};

struct SendEntry {
    cache::Caches* caches;

    http::Response operator()(http::Path<"id", std::string> id) const {
        http::Response response;
        response.json(json::to_string(http::require(cache::details(*caches, *id, monotonic_now()),
                                                    http::not_found("entry of the cache"))));
        response.cache_control("no-store");
        return response;
    }
};

struct DropEntry {
    cache::Caches* caches;

    http::NoContent operator()(http::Path<"id", std::string> id) const {
        if (!cache::drop_entry(*caches, *id)) {
            throw http::not_found("entry of the cache");
        }
        return {};
    }
};

struct Clear {
    cache::Caches* caches;

    CacheCleared operator()(http::Query<WhatToClear> what) const {
        if (what->tag && what->route) {
            throw http::invalid(http::In::query, "route", "cannot be given together with tag");
        }
        if (what->tag) {
            return {caches->clear_tag(*what->tag)};
        }
        return {what->route ? caches->clear_subject(subject_of(*what->route)) : caches->clear()};
    }

    /// `/api/resources` is `GET /api/resources`; a query's name stays as it is.
    static std::string subject_of(std::string_view route) {
        return route.starts_with('/') ? concat({"GET ", route}) : std::string(route);
    }
};

}  // namespace

void add_cache_routes(http::Router& router, cache::Caches& caches) {
    router.get<"/api/cache">(SendReport{&caches});
    router.del<"/api/cache">(Clear{&caches});
    router.get<"/api/cache/{id}">(SendEntry{&caches});
    router.del<"/api/cache/{id}">(DropEntry{&caches});
}

}  // namespace brio::app
