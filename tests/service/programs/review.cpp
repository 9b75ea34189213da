// A program for tests of the review: a route that repeats a statement, one that takes its time, one that
// reads a whole table, one that is cached, a task that fails for good.
#include <brio/app/app.hpp>
#include <brio/cache/cached.hpp>
#include <brio/db/provide.hpp>
#include <brio/http/parameters.hpp>
#include <brio/http/problem.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/tasks/give.hpp>
#include <brio/tasks/provide.hpp>

#include <algorithm>

namespace {

using namespace brio;
using namespace std::chrono_literals;

struct Author {
    Id<Author> id;
    std::string name;
};
struct Note {
    Id<Note> id;
    Id<Author> author_id;
    std::string words;
};
struct NewAuthor {
    std::string name;
};
struct NewNote {
    Id<Author> author_id;
    std::string words;
};
constexpr auto authors = table<Author>("authors");
constexpr auto notes = table<Note>("notes");

db::Migration const migrations[] = {
    {"0001_notes",
     db::up(db::create_table("authors", {{"id", db::column::id}, {"name", db::column::text(100)}}),
            db::create_table("notes", {{"id", db::column::id},
                                       {"author_id", db::column::integer},
                                       {"words", db::column::text(200)}})),
     db::down(db::drop_table("notes"), db::drop_table("authors"))}};

Async<std::uint64_t> seed(SeedRequest request) {
    auto const db = request.database.db();
    std::vector<NewAuthor> people(50);
    std::ranges::fill(people, NewAuthor{"somebody"});
    co_await db.insert_many(authors, std::move(people));
    for (std::uint64_t made = 0; made < request.count; made += 500) {
        std::vector<NewNote> some;
        for (std::uint64_t i = 0; i < 500; ++i) {
            some.push_back(
                {.author_id = Id<Author>(static_cast<std::int64_t>(1 + (made + i) % 50)), .words = "note"});
        }
        co_await db.insert_many(notes, std::move(some));
    }
    co_return request.count;
}

struct Names {
    std::vector<std::string> names;
};
Async<Names> feed(Db db) {
    Names found;
    for (std::int64_t id = 1; id <= 25; ++id) {
        auto author = http::require(co_await db.find(authors, Id<Author>(id)), http::not_found("author"));
        found.names.push_back(std::move(author.name));
    }
    co_await runtime::sleep_for(60ms);  // as a database elsewhere takes
    co_return found;
}

struct Said {
    std::string words;
};
Async<Said> dawdle() {
    co_await runtime::sleep_for(60ms);
    co_return Said{"here"};
}

Async<Said> motto() {
    co_await runtime::sleep_for(10ms);
    co_return Said{"keep your goals"};
}

struct Count {
    std::int64_t notes;
};
Async<Count> count_notes(http::Path<"id", Id<Author>> id, Db db) {
    auto const found = co_await db.select(notes)
                           .where(unindexed("a test of what a review says", col<&Note::author_id> == *id))
                           .all();
    co_return Count{static_cast<std::int64_t>(found.size())};
}

struct Fail {
    std::int64_t number;
    static constexpr tasks::Policy policy{.name = "tests.fail"};
};
void fail(Fail) { throw tasks::Permanent("there is no such <thing>"); }

struct Pushed {
    std::string task_id;
};
Async<http::Accepted<Pushed>> push_failing(Queue queue) {
    co_return http::Accepted{Pushed{co_await queue.push(Fail{1})}};
}

void routes(http::Router& api) {
    api.get<"/feed">(feed);
    api.get<"/dawdle">(dawdle);
    api.get<"/motto">(cached(300s, motto));
    api.get<"/authors/{id}/notes">(count_notes);
    api.post<"/failures">(push_failing);
}

}  // namespace

int main(int argc, char** argv) {
    auto app = App("service_review", migrations);
    app.use(http::measure(), http::deadlines())
        .routes(routes)
        .seed(seed)
        .tasks(fail)
        .schedule_review("0 6 * * 1", {.kept = 2});
    return app.run(argc, argv);
}
