// What the admin server tells of the program's goals, of what it uses and of the last day.
//
//     GET /goals
//     GET /api/history?span=10m&of=…&name=…&figure=…    span: 10m (default), 6h, 24h; the others choose lines
#pragma once
#include <brio/http/router.hpp>

namespace brio::watch {
class GoalWatch;
class History;
}  // namespace brio::watch

namespace brio::app {

struct WatchParts {
    const watch::GoalWatch& goals;
    const watch::History& history;
};

/// What they show outlives the router's use. For the thread that keeps watch.
void add_watch_routes(http::Router& router, const WatchParts& parts);

}  // namespace brio::app
