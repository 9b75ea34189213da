// A program for tests of several instances: a row that is kept in the query cache, who somebody is by a
// bearer token, and a schedule, each of whose ticks leaves the process that had it in the file that EFFECTS
// names.
#include <brio/app/app.hpp>
#include <brio/cache/provide.hpp>
#include <brio/db/provide.hpp>
#include <brio/http/bearer.hpp>
#include <brio/http/parameters.hpp>
#include <brio/http/problem.hpp>

#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace {

using namespace brio;
using namespace std::chrono_literals;

struct Note {
    Id<Note> id;
    Text<120, 1> words;
};
constexpr auto notes = table<Note>("notes");
struct NewNote {
    Text<120, 1> words;
};

db::Migration const migrations[] = {
    {"0001_notes",
     db::up(db::create_table("notes", {{"id", db::column::id}, {"words", db::column::text(120)}})),
     db::down(db::drop_table("notes"))}};

struct Account {
    std::string sub;
};
struct Tick {
    static constexpr tasks::Policy policy{.name = "tests.tick"};
};

Async<Note> show(http::Path<"id", Id<Note>> id, Db db, Cache cache) {
    co_return http::require(co_await cache.find(db, notes, *id, 300s), http::not_found("note"));
}
Async<http::Created<Note>> write(http::Body<NewNote> body, Db db) {
    co_return http::Created{co_await db.insert(notes, std::move(body.value))};
}
Async<Note> rewrite(http::Path<"id", Id<Note>> id, http::Body<NewNote> body, Db db) {
    co_return http::require(co_await db.update(notes, *id, std::move(body.value)), http::not_found("note"));
}
Account show_me(http::Bearer<Account> account) { return *account; }

void tick(Tick) { std::ofstream(std::getenv("EFFECTS"), std::ios::app) << ::getpid() << std::endl; }

void routes(http::Router& api) {
    api.get<"/notes/{id}">(show);
    api.post<"/notes">(write);
    api.put<"/notes/{id}">(rewrite);
    api.get<"/me">(show_me);
}

}  // namespace

int main(int argc, char** argv) {
    auto const* secret = std::getenv("TOKEN_SECRET");
    http::TokenVerifier verifier({http::jwt::Key::hs256(secret != nullptr ? secret : "")},
                                 {.issuer = "https://login.example"});
    auto app = App("several", migrations);
    app.use(http::measure(), http::deadlines()).service(verifier).routes(routes).tasks(tick);
    app.schedule([](tasks::Schedule& schedule) { schedule.every("ticks", 1s, Tick{}); });
    return app.run(argc, argv);
}
