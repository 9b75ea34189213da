#include "background.hpp"

#include <algorithm>

namespace notes {

// [count-function]
Async<Words> count_words(CountWords task, Db db, Progress progress) {
    auto const note = co_await db.find(notes, task.note);
    if (!note) {
        throw tasks::Permanent("the note is gone");  // trying again would not help
    }
    progress(0.5, "read");
    auto const text = std::string_view(note->words);
    co_return Words{std::ranges::count(text, ' ') + 1};
}
// [/count-function]

Async<Words> forget(Forget task, Db db) {
    auto const now = Timestamp(wall_now());
    auto const before = Timestamp(now.microseconds - task.days * 86'400'000'000);
    co_return Words{
        static_cast<std::int64_t>(co_await db.erase_where(notes, col<&Note::created_at> < before))};
}

// [push]
struct Counting {
    std::string task_id;
};

Async<http::Accepted<Counting>> count_later(http::Path<"id", Id<Note>> id, Queue queue) {
    co_return http::Accepted{Counting{co_await queue.push(CountWords{*id})}};
}
// [/push]

// [within]
struct CountedNote {
    Text<200, 1> words;
    bool done = false;
};

Async<http::Created<Note>> add_counted(http::Body<CountedNote> body, Db db, Queue queue) {
    co_return http::Created{co_await db.transaction([&](Db inside) -> Async<Note> {
        auto note = co_await inside.insert(notes, body.value);
        co_await queue.within(inside).push(CountWords{note.id});
        co_return note;
    })};
}
// [/within]

void background_routes(http::Router& api) {
    api.post<"/api/notes/{id}/count">(count_later);
    api.post<"/api/counted-notes">(add_counted);
}

// [add-tasks]
void add_background(App& app) {
    app.tasks(count_words, forget);
    app.task_routes({{"app.worker.*", "main-queue"}, {"app.worker.high_priority.*", "high-priority-queue"}});
    app.schedule([](tasks::Schedule& schedule) {
        schedule.cron("forget", "0 3 * * *", Forget{}, {.zone = "Europe/Berlin"});
    });
}
// [/add-tasks]

}  // namespace notes
