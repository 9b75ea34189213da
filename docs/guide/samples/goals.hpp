// Goals of one's own.
#pragma once
#include <brio/app/app.hpp>

#include "notes.hpp"

namespace notes {

// [own-goals]
struct SendDigest {  // 95 % of them within 30 s
    std::string author;
    static constexpr tasks::Policy policy{
        .name = "app.worker.send_digest", .goal = std::chrono::seconds(30), .share = 0.95};
};
void add_goals(App& app, http::Router& api);
// [/own-goals]
void review_weekly(App& app);
void send_digest(SendDigest task);

}  // namespace notes
