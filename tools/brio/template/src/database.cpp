// How the database comes to hold the model: its migrations, and rows to try the service with.
#include <brio/app/app.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "service.hpp"

namespace service {
namespace {

// Frozen text, not derived from the structs: never edit one that was released, add the next. When the model
// has changed, `@NAME@ migrate new "what changed" --auto` writes it.
const Migration history[] = {
    {"0001_topics_and_notes",
     up(create_table("topics", {{"id", column::id},
                                {"name", column::text(80)},
                                {"notes", column::integer.optional()},
                                {"version", column::version}}),
        create_index("idx_topic_name", "topics", {"name"}, unique),
        create_table("notes", {{"id", column::id},
                               {"topic_id", column::reference("topics").on_delete_cascade()},
                               {"words", column::text(500)},
                               {"state", column::text(8)},
                               {"created_at", column::timestamp},
                               {"version", column::version}}),
        create_index("idx_note_topic", "notes", {"topic_id", "created_at"}),
        create_index("idx_note_state", "notes", {"state", "created_at"}),
        create_index("idx_note_created", "notes", {"created_at", "id"})),
     down(drop_table("notes"), drop_table("topics"))},
};

struct SeedTopic {
    Text<80, 1> name;
    std::int64_t notes;
};

}  // namespace

const std::span<const Migration> migrations = history;

// `@NAME@ seed --count N`: so many notes, ten to a topic.
Async<std::uint64_t> seed(SeedRequest request) {
    auto db = request.database.db();
    if (co_await db.select(topics).first()) {
        throw std::runtime_error("there are topics already: seed an empty database");
    }
    auto const wanted = static_cast<std::int64_t>(request.count != 0 ? request.count : 1000);
    std::vector<SeedTopic> given;
    for (std::int64_t left = wanted; left > 0; left -= given.back().notes) {
        given.push_back({.name = Text<80, 1>("topic " + std::to_string(given.size() + 1)),
                         .notes = std::min<std::int64_t>(left, 10)});
    }
    auto const made = co_await db.insert_rows(topics, std::move(given));

    std::uint64_t stored = 0;
    std::vector<NewNote> batch;  // some hundreds in one transaction are quickest
    for (const Topic& in : made) {
        for (std::int64_t i = 1; i <= *in.notes; ++i) {
            batch.push_back({.topic_id = in.id,
                             .words = Text<500, 1>("note " + std::to_string(i)),
                             .state = i % 3 == 0 ? State::done : State::open});
        }
        if (batch.size() >= 500 || &in == &made.back()) {
            stored += co_await db.insert_many(notes, std::exchange(batch, {}));
            request.progress(stored, static_cast<std::uint64_t>(wanted));
        }
    }
    co_return stored;
}

}  // namespace service
