// A program for tests of profiles: a route and a task that need the processor, and a route that waits for the
// database.
#include <brio/app/app.hpp>
#include <brio/db/provide.hpp>
#include <brio/http/parameters.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/offload.hpp>
#include <brio/runtime/profile.hpp>
#include <brio/tasks/provide.hpp>

#include <ctime>

namespace profiled {

using namespace brio;

// Tests look for the names of these functions.
[[gnu::noinline]] std::uint64_t count_slowly(std::int64_t cpu_ms) {
    auto const scope = profile("count_slowly");
    auto const used = [] {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
    };
    auto const end = used() + cpu_ms;
    std::uint64_t sum = 0;
    while (used() < end) {
        for (std::uint64_t i = 0; i < 10'000; ++i) {
            sum += i * i;
            asm volatile("" : "+r"(sum));
        }
    }
    return sum;
}

struct Note {
    Id<Note> id;
    std::string text;
};
constexpr auto notes = table<Note>("notes");
struct NewNote {
    std::string text;
};
db::Migration const migrations[] = {
    {"0001_notes",
     db::up(db::create_table("notes", {{"id", db::column::id}, {"text", db::column::text(100)}})),
     db::down(db::drop_table("notes"))}};

struct Work {
    std::int64_t cpu_ms = 20;
};
struct Counted {
    std::uint64_t sum;
};
struct Grind {
    std::int64_t cpu_ms = 20;
    static constexpr tasks::Policy policy{.name = "tests.grind"};
};

Async<Counted> count_after_a_wait(std::int64_t cpu_ms) {
    co_await runtime::sleep_for(std::chrono::milliseconds(1));
    co_return Counted{count_slowly(cpu_ms)};
}
Async<Counted> burn(http::Query<Work> query) { co_return co_await count_after_a_wait(query->cpu_ms); }
Async<Counted> grind(Grind task) { co_return co_await count_after_a_wait(task.cpu_ms); }

Async<Note> add_note(http::Body<NewNote> body, Db db) {
    auto const scope = profile("add_note");
    co_return co_await db.insert(notes, *body);
}
Async<http::NoContent> push(Queue queue, http::Body<Work> body) {
    co_await queue.push(Grind{body->cpu_ms});
    co_return http::NoContent{};
}

void routes(http::Router& api) {
    api.get<"/burn">(burn);
    api.post<"/notes">(add_note);
    api.post<"/grind">(push);
}

}  // namespace profiled

int main(int argc, char** argv) {
    auto app = brio::App("profiled", profiled::migrations);
    app.use(brio::http::measure(), brio::http::deadlines()).routes(profiled::routes).tasks(profiled::grind);
    return app.run(argc, argv);
}
