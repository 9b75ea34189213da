// The guide's users for load tests.
#pragma once
#include <brio/load/feed.hpp>
#include <brio/load/scenario.hpp>

#include <string>
#include <vector>

namespace load_users {

using namespace brio;
using namespace std::chrono_literals;

struct NewNote {
    std::string words;
};

// [user]
class NoteUser {
public:
    Async<> on_start(load::Client client) { return write(client); }

    Async<> read(load::Client client) {
        auto answer = co_await client.get("/notes?page_size=20");
        answer.check_status(200);
        answer.check("has notes", !answer.at("items[0].words").empty());
    }
    Async<> write(load::Client client) {
        auto answer = co_await client.post("/notes", NewNote{"Buy milk"});
        if (auto note = answer.read<Written>()) {
            id_ = note->id;
        }
    }
    Async<> tick(load::Client client) { co_await client.put(load::path("/notes/{id}", id_), Done{true}); }

    static constexpr auto wait = load::between(1s, 3s);
    static constexpr auto tasks =
        load::tasks(load::task(&NoteUser::read, "read", 3),  //
                    load::task(&NoteUser::write, "write"), load::task(&NoteUser::tick, "tick", 2));

private:
    struct Written {
        static constexpr bool open_object = true;  // other fields are not looked at
        std::int64_t id;
    };
    struct Done {
        bool done;
    };
    std::int64_t id_ = 0;  // of this user alone
};
// [/user]

// [feed]
struct Account {
    std::string name;
    std::string password;
};

class Visitor {
public:
    Async<> log_in(load::Client client) {
        static load::Feed<Account> accounts(load::read_csv<Account>("accounts.csv"), load::Order::random);
        co_await client.post("/login", *accounts.next(client.random()), {.expect = {200, 204}});
    }
    static constexpr double share = 0.1;  // one for ten of a type with a share of 1
    static constexpr auto wait = load::pacing(5s);
    static constexpr auto tasks = load::tasks(load::task(&Visitor::log_in, "log in"));
};
// [/feed]

}  // namespace load_users
