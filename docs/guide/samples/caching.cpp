#include "caching.hpp"

namespace notes {

using namespace std::chrono_literals;

namespace {

Async<Page<Note>> list_notes(List<note_list> request, Db db) {
    co_return co_await db.page(std::move(request));
}

Async<Note> show_note(http::Path<"id", Id<Note>> id, Db db) {
    co_return http::require(co_await db.find(notes, *id), http::not_found("note"));
}

// [kept-for-one]
Async<Greeting> greet(http::Bearer<accounts::Account> account) {
    co_return Greeting{"hello " + account->name.value_or(account->sub)};
}
// [/kept-for-one]

Async<Digest> digest(Db db) {
    auto const newest = co_await db.select(notes).order_by(desc<&Note::created_at>).first();
    co_return Digest{static_cast<std::int64_t>(co_await db.select(notes).count()),
                     newest ? std::string(newest->words) : ""};
}

// [clear-by-tag]
struct Cleared {
    std::uint64_t entries;
};

Cleared clear_digests(Cache cache) { return {cache.clear_tag("digests")}; }
// [/clear-by-tag]

}  // namespace

// [cached-routes]
void cached_routes(http::Router& api) {
    api.get<"/cached/notes">(cached(300s, list_notes));
    api.get<"/cached/notes/{id}">(cached(300s, show_note, {.stale_if_error = 1h}));
    api.get<"/cached/digest">(cached(
        60s, digest, {.stale_while_revalidate = 30s, .stale_after_writes = true, .tags = {"digests"}}));
    api.get<"/cached/hello">(cached<VaryBy::identity>(60s, greet));
    api.del<"/cached/digest">(clear_digests);
}
// [/cached-routes]

}  // namespace notes
