// Work that is done after the answer, and again and again.
#pragma once
#include <brio/app/app.hpp>
#include <brio/app/task_cache.hpp>
#include <brio/tasks/give.hpp>
#include <brio/tasks/provide.hpp>

#include "notes.hpp"

namespace notes {

// [word-count]
struct CountWords {
    Id<Note> note;
    static constexpr tasks::Policy policy{.name = "app.worker.count_words",
                                          .deadline = std::chrono::seconds(5),
                                          .retries = 3,
                                          .backoff = tasks::exponential(std::chrono::seconds(1))};
};
// [/word-count]

struct Words {
    std::int64_t words;
};
Async<Words> count_words(CountWords task, Db db, Progress progress);

struct Forget {
    std::int64_t days = 365;
    static constexpr tasks::Policy policy{.name = "app.worker.forget"};
};
Async<Words> forget(Forget task, Db db);

void background_routes(http::Router& api);
void add_background(App& app);

}  // namespace notes
