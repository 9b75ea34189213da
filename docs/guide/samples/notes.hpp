// The guide's service with a database: one table, three routes.
#pragma once
#include <brio/app/app.hpp>
#include <brio/db/migration.hpp>
#include <brio/db/provide.hpp>
#include <brio/http/parameters.hpp>
#include <brio/sql/listing.hpp>

namespace notes {

using namespace brio;

// [model]
struct Note {
    Id<Note> id;
    Text<200, 1> words;
    bool done;
    Timestamp created_at;
    Version version;
};
inline constexpr auto notes = table<Note>("notes").index<&Note::created_at, &Note::id>("idx_note_created");
inline constexpr auto note_list = list_of(notes).sort<&Note::created_at>().page_size(20, 100);
// [/model]

extern const std::span<const Migration> migrations;
void routes(http::Router& api);
Async<std::uint64_t> seed(SeedRequest request);

}  // namespace notes
