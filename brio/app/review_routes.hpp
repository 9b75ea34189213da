// A review of the program at the admin server:
//
//     GET /review?since=24h&format=html    since: as 90m, 24h, 7d, 2w; format: html (default), md, json
#pragma once
#include <brio/app/review_collector.hpp>
#include <brio/http/router.hpp>

namespace brio::app {

/// The sources outlive the router's use. Takes as long as asking for the plans of all statements that ran.
void add_review_routes(http::Router& router, const ReviewSources& sources);

}  // namespace brio::app
