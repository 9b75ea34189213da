#include "notes.hpp"

#include <algorithm>

#include <brio/http/problem.hpp>

namespace notes {

// [migrations]
const Migration history[] = {
    {"0001_notes",
     up(create_table("notes", {{"id", column::id},
                               {"words", column::text(200)},
                               {"done", column::boolean},
                               {"created_at", column::timestamp},
                               {"version", column::version}}),
        create_index("idx_note_created", "notes", {"created_at", "id"})),
     down(drop_table("notes"))},
};
const std::span<const Migration> migrations = history;
// [/migrations]

// [handlers]
struct NewNote {
    Text<200, 1> words;
    bool done = false;
};

Async<Page<Note>> list_notes(List<note_list> request, Db db) {
    co_return co_await db.page(std::move(request));
}

Async<Note> show_note(http::Path<"id", Id<Note>> id, Db db) {
    co_return http::require(co_await db.find(notes, *id), http::not_found("note"));
}

Async<http::Created<Note>> add_note(http::Body<NewNote> body, Db db) {
    co_return http::Created{co_await db.insert(notes, std::move(body.value))};
}

void routes(http::Router& api) {
    api.get<"/api/notes">(list_notes);
    api.get<"/api/notes/{id}">(show_note);
    api.post<"/api/notes">(add_note);
}
// [/handlers]

// [seed]
Async<std::uint64_t> seed(SeedRequest request) {
    auto const wanted = request.count != 0 ? request.count : 1000;
    std::uint64_t made = 0;
    while (made < wanted) {
        std::vector<NewNote> batch(std::min<std::uint64_t>(wanted - made, 500));
        for (auto& note : batch) {
            note.words = Text<200, 1>("note " + std::to_string(++made));
        }
        co_await request.database.db().insert_many(notes, std::move(batch));
        request.progress(made, wanted);
    }
    co_return made;
}
// [/seed]

}  // namespace notes
