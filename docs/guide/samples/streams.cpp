#include "streams.hpp"

#include <brio/base/text.hpp>
#include <brio/http/stream.hpp>

#include "notes.hpp"

namespace notes {

using namespace std::chrono_literals;

// [newer]
Async<std::vector<Note>> newer_than(Id<Note> seen, Db db) {
    co_return co_await db.select(notes)
        .where(col<&Note::id> > seen)
        .order_by(asc<&Note::id>)
        .limit(500)
        .all();
}
// [/newer]

// [events]
Async<void> follow(http::EventWriter events, Id<Note> seen, Db db) {
    for (;;) {
        for (auto const& note : co_await newer_than(seen, db)) {
            seen = note.id;
            co_await events.send({.event = "note", .id = integer_text(seen.value)}, note);
        }
        co_await runtime::sleep_for(100ms);
    }
}

http::EventStream live_notes(http::LastEventId last, Db db) {
    auto const seen = Id<Note>{static_cast<std::int64_t>(last.number().value_or(0))};
    return http::EventStream({.retry = 500ms}, follow, seen, std::move(db));
}
// [/events]

// [export]
Async<void> write_rows(http::StreamWriter out, Db db) {
    Id<Note> seen{0};
    for (;;) {
        auto const some = co_await newer_than(seen, db);
        if (some.empty()) {
            co_return;  // the body is whole
        }
        for (auto const& note : some) {
            seen = note.id;
            out.buffer().append(concat({integer_text(note.id.value), note.done ? ",done\n" : ",open\n"}));
        }
        co_await out.room();  // goes on when the client has taken what is there
    }
}

http::Stream export_notes(Db db) {
    return {{.content_type = "text/csv; charset=utf-8", .disposition = R"(attachment; filename="notes.csv")"},
            write_rows,
            std::move(db)};
}

void stream_routes(http::Router& api) {
    api.get<"/api/notes/live">(live_notes);
    api.get<"/api/notes/export">(export_notes);
}
// [/export]

}  // namespace notes
