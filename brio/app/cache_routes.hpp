// /api/cache of the admin server: what the cache saves and holds; show and drop.
//
//     GET    /api/cache?top=50            totals, a line for each route and query, the most asked for entries
//     GET    /api/cache/{id}              one entry, with its answer
//     DELETE /api/cache/{id}              drops it
//     DELETE /api/cache?tag=…|route=…     drops what has the tag, or is that route's; without both,
//     everything
#pragma once
#include <brio/cache/caches.hpp>
#include <brio/http/router.hpp>

namespace brio::app {

/// `caches` outlives the router's use.
void add_cache_routes(http::Router& router, cache::Caches& caches);

/// What DELETE gives.
struct CacheCleared {
    std::uint64_t cleared = 0;  // entries of this process
};

}  // namespace brio::app
