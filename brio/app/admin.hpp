// The admin server's routes: the dashboard at /, /metrics, /healthz, of the database /queries, /api/queries,
// /api/indexes, and those of cache_routes.hpp, live_routes.hpp and watch_routes.hpp; a process adds those of
// the other *_routes.hpp. On its own port and thread, so that it answers when the API is busy.
#pragma once
#include <string>
#include <string_view>

#include <brio/app/settings.hpp>
#include <brio/http/router.hpp>
#include <brio/http/server.hpp>
#include <brio/metrics/registry.hpp>

namespace brio::cache {
class Caches;
}
namespace brio::db {
class Database;
}
namespace brio::app {

class GoalKeeper;
class Live;

/// What the pages show. Outlives the router's use.
struct AdminParts {
    std::string program;  // its name
    metrics::Registry& registry;
    cache::Caches& caches;
    db::Database* database = nullptr;   // null: a program without one
    bool has_tasks = false;             // there are routes of task_routes.hpp
    const GoalKeeper* goals = nullptr;  // null: nobody keeps watch here
    Live* live = nullptr;               // null: nobody can follow
    std::string index_page = {};        // filled by add_admin_routes()
};

/// Those who watch a process are few, and none of them is turned away because others wait.
http::ServerOptions admin_options(const Settings& settings);

/// `/` is the dashboard; in a build without Node a page that links the others. `/metrics` is Prometheus text,
/// or OpenMetrics where Accept prefers it.
void add_admin_routes(http::Router& router, AdminParts& parts);

}  // namespace brio::app
