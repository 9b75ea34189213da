// The API. A handler's parameters are what it depends on, its result is the answer; validation, /docs and
// /openapi.json come from the types.
#include <brio/cache/cached.hpp>
#include <brio/db/db.hpp>
#include <brio/http/parameters.hpp>
#include <brio/http/problem.hpp>
#include <brio/http/response.hpp>
#include <brio/tasks/provide.hpp>

#include "service.hpp"

namespace service {
namespace {

using http::Body;
using http::Created;
using http::IfMatch;
using http::NoContent;
using http::Path;

using NoteWithTopic = With<Note, topic>;

Async<Page<NoteWithTopic>> list_notes(List<note_list> request, Db db) {
    co_return co_await db.page_with<topic>(std::move(request));
}

Async<NoteWithTopic> show_note(Path<"id", Id<Note>> id, Db db) {
    co_return http::require(co_await db.find_with<topic>(notes, *id), http::not_found("note"));
}

Async<Created<Note>> add_note(Body<NewNote> body, Db db, Queue queue) {
    auto note = co_await db.insert(notes, std::move(body.value));
    co_await queue.push(CountNotes{note.topic_id});
    co_return Created{std::move(note)};
}

// Of two who change the version that both have read, one gets 412.
Async<Note> change_note(Path<"id", Id<Note>> id, Body<NotePatch> patch, IfMatch condition, Db db) {
    auto changed = co_await db.update(notes, *id, std::move(patch.value), condition.expected());
    co_return require_changed(std::move(changed), "note");
}

Async<NoContent> remove_note(Path<"id", Id<Note>> id, Db db, Queue queue) {
    auto const note = http::require(co_await db.find(notes, *id), http::not_found("note"));
    co_await db.erase(notes, note.id);
    co_await queue.push(CountNotes{note.topic_id});
    co_return NoContent{};
}

Async<Page<Topic>> list_topics(List<topic_list> request, Db db) {
    co_return co_await db.page(std::move(request));
}

Async<Topic> show_topic(Path<"id", Id<Topic>> id, Db db) {
    co_return http::require(co_await db.find(topics, *id), http::not_found("topic"));
}

// A name that is taken is 409.
Async<Created<Topic>> add_topic(Body<NewTopic> body, Db db) {
    co_return Created{co_await db.insert(topics, std::move(body.value))};
}

// Its notes go with it.
Async<NoContent> remove_topic(Path<"id", Id<Topic>> id, Db db) {
    if (!co_await db.erase(topics, *id)) {
        throw http::not_found("topic");
    }
    co_return NoContent{};
}

}  // namespace

void routes(http::Router& api) {
    // Kept for a minute, or until one of the tables that they were read from is written to. The list has a
    // goal of its own: 99.9 % of its answers within 50 ms, by at most two statements.
    api.get<"/api/notes">(cached(60s, list_notes), {.goal = 50ms, .share = 0.999, .statements = 2});
    api.get<"/api/topics">(cached(60s, list_topics));

    api.get<"/api/notes/{id}">(show_note);
    api.post<"/api/notes">(add_note);
    api.patch<"/api/notes/{id}">(change_note);
    api.del<"/api/notes/{id}">(remove_note);

    api.get<"/api/topics/{id}">(show_topic);
    api.post<"/api/topics">(add_topic);
    api.del<"/api/topics/{id}">(remove_topic);
}

}  // namespace service
