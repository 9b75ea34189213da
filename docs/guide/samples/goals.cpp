#include "goals.hpp"

#include <brio/base/log.hpp>
#include <brio/tasks/give.hpp>

namespace notes {

namespace {

std::string motto() { return "in time"; }

}  // namespace

void send_digest(SendDigest task) { log_info("a digest is sent", {{"to", task.author}}); }

// [set-goals]
void add_goals(App& app, http::Router& api) {
    api.get<"/api/motto">(motto, {.goal = std::chrono::milliseconds(20), .share = 0.999});
    app.tasks(send_digest);
    app.query_goal("notes by id", {.limit = std::chrono::milliseconds(5)});
}
// [/set-goals]

// [schedule-review]
void review_weekly(App& app) {
    app.schedule_review("0 6 * * 1", {.folder = "reviews", .since = std::chrono::days(7), .kept = 12});
}
// [/schedule-review]

}  // namespace notes
