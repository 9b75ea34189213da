#include <brio/load/scenario.hpp>

#include <gtest/gtest.h>
#include <map>
#include <mutex>

#include <brio/load/answering_peer.hpp>
#include <brio/load/run.hpp>
#include <brio/runtime/awaitables.hpp>

namespace brio::load {
namespace {

using namespace std::chrono_literals;
using Reply = AnsweringPeer::Reply;

struct Created {
    std::int64_t id;
};
struct NewThing {
    std::string name;
};

// What the users of this file did, over all of them.
struct Seen {
    std::mutex mutex;
    std::map<std::string, int> counts;
    void note(const std::string& what) {
        std::lock_guard const lock(mutex);
        ++counts[what];
    }
    int of(const std::string& what) { return counts[what]; }
};
Seen* seen = nullptr;  // of the test that runs

struct ShopUser {
    std::int64_t own = 0;

    Async<> on_start(Client client) {
        seen->note("start");
        auto answer = co_await client.post("/things", NewThing{"first"});
        own = answer.read<Created>().value_or(Created{}).id;
    }
    Async<> on_stop(Client client) {
        seen->note("stop");
        co_await client.del(path("/things/{id}", own), {.expect = {204}});
    }
    Async<> list(Client client) {
        auto answer = co_await client.get("/things?page=1");
        answer.check_status(200);
        answer.check_header("X-Kind", "list");
        answer.check_at("items[1].id", "8");
        seen->note("list");
    }
    Async<> update(Client client) {
        auto answer = co_await client.put(path("/things/{id}", own), NewThing{"next"});
        answer.check("is the same", answer.at("id") == std::to_string(own));
        seen->note("update");
    }
    Async<> fail(Client) {
        seen->note("fail");
        throw std::runtime_error("no luck");
        co_return;
    }

    static constexpr auto wait = between(5ms, 15ms);
    static constexpr auto tasks =
        load::tasks(task(&ShopUser::list, "list", 3), task(&ShopUser::update, "update", 1),
                    task(&ShopUser::fail, "fail", 0.5));
};

Reply shop(std::string_view request, std::uint64_t) {
    auto const is = [&](std::string_view begin) { return request.starts_with(begin); };
    if (is("POST /things ")) {
        return {.bytes =
                    "HTTP/1.1 201 Created\r\nContent-Length: 8\r\nSet-Cookie: s=1; Path=/\r\n\r\n"
                    "{\"id\":7}"};
    }
    if (request.find("\r\nCookie: s=1\r\n") == std::string_view::npos) {
        return {.bytes = "HTTP/1.1 401 Who\r\nContent-Length: 0\r\n\r\n"};
    }
    if (is("GET /things?page=1 ")) {
        return {.bytes = AnsweringPeer::ok("{\"items\":[{\"id\":7},{\"id\":8}]}", "X-Kind: list\r\n")};
    }
    if (is("PUT /things/7 ")) {
        return {.bytes = AnsweringPeer::ok("{\"id\":7}")};
    }
    if (is("DELETE /things/7 ")) {
        return {.bytes = "HTTP/1.1 204 No Content\r\n\r\n"};
    }
    return {.bytes = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"};
}

Plan plan_of(const AnsweringPeer& peer, double users, std::chrono::nanoseconds time) {
    Plan plan;
    plan.target = peer.url();
    plan.stages = {{.duration = time, .from = users, .to = users}};
    return plan;
}

TEST(LoadScenario, UsersStartDoTheirTasksByWeightAndStop) {
    AnsweringPeer peer(shop);
    Seen mine;
    seen = &mine;
    auto const outcome = run(plan_of(peer, 10, 1s), scenario<ShopUser>("shop"));
    EXPECT_EQ(mine.of("start"), 10);
    EXPECT_EQ(mine.of("stop"), 10);
    auto const all = mine.of("list") + mine.of("update") + mine.of("fail");
    EXPECT_GT(all, 100);
    EXPECT_NEAR(mine.of("list"), all * 3 / 4.5, all * 0.15);
    EXPECT_NEAR(mine.of("update"), all / 4.5, all * 0.12);
    EXPECT_GT(outcome.record.user_errors, 0U);
}

TEST(LoadScenario, NamesAreTemplatesAndChecksPass) {
    AnsweringPeer peer(shop);
    Seen mine;
    seen = &mine;
    auto const outcome = run(plan_of(peer, 4, 500ms), scenario<ShopUser>("shop"));
    std::map<std::string, std::uint64_t> names;
    for (auto const& each : outcome.record.requests()) {
        names[each.method + " " + each.name] += each.failures;
    }
    EXPECT_EQ(names, (std::map<std::string, std::uint64_t>{
                         {"POST /things", 0}, {"GET /things", 0}, {"PUT /things/{id}", 0}}));
    for (auto const& check : outcome.record.checks()) {
        EXPECT_EQ(check.failed, 0U) << check.name;
    }
    ASSERT_EQ(outcome.record.failures().size(), 1U);
    EXPECT_EQ(outcome.record.failures()[0].name, "fail");
    EXPECT_EQ(outcome.record.failures()[0].text, "exception: no luck");
}

struct CheckingUser {
    Async<> look(Client client) {
        auto answer = co_await client.get("/");
        answer.check("is here", false);
        answer.check("is there", false);
        answer.read<Created>();
    }
    static constexpr auto wait = always(20ms);
    static constexpr auto tasks = load::tasks(task(&CheckingUser::look, "look"));
};

TEST(LoadScenario, AnswerWithFailedChecksIsOneFailure) {
    AnsweringPeer peer([](auto, auto) { return Reply{.bytes = AnsweringPeer::ok("no JSON")}; });
    auto const outcome = run(plan_of(peer, 1, 300ms), scenario<CheckingUser>("checks"));
    auto const total = outcome.record.total();
    EXPECT_GT(total.answers, 0U);
    EXPECT_EQ(total.failures, total.answers);
    EXPECT_EQ(total.checks_failed, 3 * total.answers);
}

struct MovedUser {
    Async<> follow(Client client) {
        auto answer = co_await client.post("/old", NewThing{"x"});
        answer.check_status(200);
        answer.check("has the body", answer.body() == "GET /new");
    }
    Async<> run_in_circles(Client client) { co_await client.get("/circle", {.redirects = 3}); }
    Async<> leave(Client client) { co_await client.get("/away"); }
    Async<> stay(Client client) {
        auto answer = co_await client.get("/old", {.redirects = 0});
        answer.check_status(302);
    }
    static constexpr auto wait = always(2ms);
    static constexpr auto tasks =
        load::tasks(task(&MovedUser::follow, "follow"), task(&MovedUser::run_in_circles, "circle"),
                    task(&MovedUser::leave, "leave"), task(&MovedUser::stay, "stay"));
};

TEST(LoadScenario, RedirectsAreFollowedWithinTheOrigin) {
    AnsweringPeer peer([](std::string_view request, auto) {
        auto const line = request.substr(0, request.find(" HTTP"));
        auto const to = [](std::string_view where) {
            return Reply{.bytes = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " +
                                  std::string(where) + "\r\n\r\n"};
        };
        return line.ends_with("/old")      ? to("/new")
               : line.ends_with("/circle") ? to("/circle")
               : line.ends_with("/away")   ? to("http://example.invalid/")
                                           : Reply{.bytes = AnsweringPeer::ok(line)};
    });
    auto const outcome = run(plan_of(peer, 1, 300ms), scenario<MovedUser>("moved"));
    for (auto const& each : outcome.record.requests()) {
        auto const refused = each.name == "/circle" || each.name == "/away";
        EXPECT_EQ(each.failures, refused ? each.requests() : 0) << each.name;
        EXPECT_EQ(each.missing[static_cast<std::size_t>(Missing::redirect)], each.failures);
    }
    EXPECT_EQ(outcome.record.requests().size(), 4U);
}

struct SleepingUser {
    Async<> sleep(Client client) {
        co_await client.get("/");
        co_await runtime::sleep_for(1h);
    }
    static constexpr auto tasks = load::tasks(task(&SleepingUser::sleep, "sleep"));
};

TEST(LoadScenario, UserThatSleepsInItsTaskEndsWithTheRun) {
    AnsweringPeer peer([](auto, auto) { return Reply{.bytes = AnsweringPeer::ok()}; });
    auto const began = monotonic_now();
    auto const outcome = run(plan_of(peer, 3, 100ms), scenario<SleepingUser>("sleep"));
    EXPECT_LT(monotonic_now() - began, 30s);
    EXPECT_EQ(outcome.record.total().answers, 3U);
    EXPECT_EQ(outcome.record.user_errors, 0U);
}

struct IdleUser {
    Async<> nothing(Client) { co_return; }
    static constexpr auto tasks = load::tasks(task(&IdleUser::nothing, "nothing"));
};

TEST(LoadScenario, TaskThatAsksForNothingDoesNotHoldTheLoop) {
    AnsweringPeer peer([](auto, auto) { return Reply{.bytes = AnsweringPeer::ok()}; });
    auto const outcome = run(plan_of(peer, 3, 100ms), scenario<IdleUser>("idle"));
    EXPECT_EQ(outcome.record.total().requests(), 0U);
    EXPECT_GT(outcome.record.started, 0U);
}

struct Rare {
    Async<> nothing(Client) { co_return; }
    static constexpr double share = 1;
    static constexpr auto tasks = load::tasks(task(&Rare::nothing, "rare"));
};
struct Often {
    Async<> nothing(Client) { co_return; }
    static constexpr double share = 2;
    static constexpr auto tasks = load::tasks(task(&Often::nothing, "often"));
};

TEST(LoadScenario, TypesAreThereByTheirShares) {
    auto const both = scenario<Rare, Often>("both");
    EXPECT_EQ(both.types[0].name, "Rare");
    EXPECT_EQ(split(9, both.types), (std::vector<std::size_t>{3, 6}));
    EXPECT_EQ(split(10, both.types), (std::vector<std::size_t>{3, 7}));
    EXPECT_EQ(split(1, both.types), (std::vector<std::size_t>{0, 1}));
    EXPECT_EQ(split(0, both.types), (std::vector<std::size_t>{0, 0}));
}

}  // namespace
}  // namespace brio::load
