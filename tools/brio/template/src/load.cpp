// What the users of a load test do: `./dev load --users 20 --for 30s` lets them loose on the running service.
#include <brio/app/app.hpp>
#include <brio/load/scenario.hpp>

#include <string>

#include "service.hpp"

namespace service {
namespace {

/// Reads much and writes now and then, in a topic of its own that it takes away when it leaves.
class Writer {
public:
    Async<> on_start(load::Client client) {
        auto const name = "writer " + std::to_string(client.number()) + " of " +
                          std::to_string(Timestamp(wall_now()).microseconds);
        auto answer = co_await client.post("/api/topics", NewTopic{Text<80, 1>(name)});
        answer.check_status(201);
        if (auto const made = answer.read<MadeTopic>()) {
            topic_ = made->id;
        }
        co_await write(client);
    }
    Async<> on_stop(load::Client client) { co_await client.del(load::path("/api/topics/{id}", topic_)); }

    Async<> read(load::Client client) {
        auto answer = co_await client.get("/api/notes?state=open&sort_by=created_at&sort_order=desc");
        answer.check_status(200);
        answer.check("has notes", !answer.at("items[0].words").empty());
    }
    Async<> write(load::Client client) {
        auto answer = co_await client.post("/api/notes",
                                           NewNote{.topic_id = topic_, .words = Text<500, 1>("buy milk")});
        answer.check_status(201);
        if (auto const made = answer.read<MadeNote>()) {
            note_ = made->id;
        }
    }
    Async<> tick(load::Client client) {
        auto answer =
            co_await client.patch(load::path("/api/notes/{id}", note_), NotePatch{.state = State::done});
        answer.check_at("state", "done");
    }

    static constexpr auto wait = load::between(500ms, 1500ms);
    static constexpr auto tasks =
        load::tasks(load::task(&Writer::read, "read", 8), load::task(&Writer::write, "write", 2),
                    load::task(&Writer::tick, "tick", 1));

private:
    struct MadeTopic {
        static constexpr bool open_object = true;  // its other fields are not looked at
        Id<Topic> id;
    };
    struct MadeNote {
        static constexpr bool open_object = true;
        Id<Note> id;
    };
    Id<Topic> topic_;
    Id<Note> note_;
};

}  // namespace

void add_load(App& app) { app.load<Writer>(); }

}  // namespace service
