// What the admin server tells of the program's goals, of what it uses and of the last two weeks.
//
//     GET /goals
//     GET /api/usage                                    watch::Usage, read now
//     GET /api/history?span=10m&of=…&name=…&figure=…    span: 10m (default), 6h, 24h, 14d; others: lines
#pragma once
#include <brio/http/router.hpp>

namespace brio::app {

class GoalKeeper;

/// The keeper outlives the router's use, which is on its thread.
void add_watch_routes(http::Router& router, const GoalKeeper& keeper);

}  // namespace brio::app
