// Cached routes of two processes that share a Redis.
#include <gtest/gtest.h>

#include <brio/cache/cached.hpp>
#include <brio/cache/redis_store.hpp>
#include <brio/cache/report.hpp>
#include <brio/http/wire_harness.hpp>
#include <brio/redis/test_redis.hpp>
#include <brio/runtime/run.hpp>

namespace brio::cache {
namespace {

using namespace std::chrono_literals;
using http::test::body_of;
using http::test::header_of;
using http::test::status_of;
using redis::test::RedisServer;

struct Process;
Process* asked = nullptr;  // whose handler runs

Async<http::Response> page(http::Path<"id", int> id);

void routes(http::Router& api) { api.get<"/pages/{id}">(cached(100s, page, {.tags = {"pages"}})); }

/// One process of a service.
struct Process {
    explicit Process(const redis::Address& address, std::uint64_t bytes = 1 << 20, std::uint64_t edition = 1)
        : client({.address = address, .timeout = 10s, .patience = 2s}, offload),
          store(client, generations, {.program = "shop", .edition = edition}),
          caches({.bytes = bytes}) {
        caches.share_in(store);
        http::Services services;
        services.add(caches);
        wire = std::make_unique<http::test::Wire>(&routes, http::ServerOptions{.has_deadlines = true},
                                                  std::vector<http::Middleware>{}, services);
        wire->loop.advance(1000s);
    }
    std::string get(std::string_view target) {
        asked = this;
        const int connection = wire->connect();
        wire->send(connection, concat({"GET ", target, " HTTP/1.1\r\nHost: x\r\n\r\n"}));
        std::string answer;
        redis::test::turn_until(wire->loop, [&] {
            answer += wire->receive(connection);
            return !answer.empty();
        });
        if (store.is_usable(wire->loop)) {  // what was sent has come in
            client.send(wire->loop, redis::Command("PING"));
            redis::test::turn_until(wire->loop, [&] { return client.shared().in_flight.used() == 0; });
        }
        return answer;
    }
    std::string result_of(std::string_view target) { return header_of(get(target), "X-Cache"); }
    void write() {
        const auto slot = generations.slot("pages");
        generations.begin_commit(std::span(&slot, 1));
        ++text;
        generations.end_commit(std::span(&slot, 1));
    }

    runtime::OffloadPool offload{{.threads = 1}};
    sql::Generations generations;
    redis::Client client;
    RedisStore store;
    Caches caches;
    int runs = 0;
    char text = 'a';
    std::unique_ptr<http::test::Wire> wire;
};

Async<http::Response> page(http::Path<"id", int> id) {
    auto& work = co_await runtime::current_work;
    ++asked->runs;
    const auto slot = asked->generations.slot("pages");
    const auto now = asked->generations.read(slot);
    work.dependencies->read({&asked->generations, "pages", slot, now.number}, now.settled);
    if (*id == 0) {
        throw http::not_found("page");
    }
    http::Response response;
    response.text(std::string(5000, asked->text));
    response.header("X-Kind", "page");
    response.cache_control("public, max-age=5");
    co_return response;
}

struct SharedAnswers : testing::Test {
    SharedAnswers() {
        one.get("/pages/99");
        other.get("/pages/99");
        one.runs = other.runs = 0;
    }
    RedisServer server;
    Process one{server.address()};
    Process other{server.address()};
};

TEST_F(SharedAnswers, WhatOneProcessMadeTheOtherGives) {
    const auto made = one.get("/pages/1");
    const auto given = other.get("/pages/1");
    EXPECT_EQ(header_of(made, "X-Cache"), "MISS");
    EXPECT_EQ(header_of(given, "X-Cache"), "HIT");
    EXPECT_EQ(other.runs, 0);
    EXPECT_EQ(body_of(given), body_of(made));
    EXPECT_EQ(body_of(given).size(), 5000U);
    for (const std::string_view field : {"ETag", "Content-Type", "Cache-Control", "X-Kind"}) {
        EXPECT_EQ(header_of(given, field), header_of(made, field)) << field;
        EXPECT_NE(header_of(given, field), "(absent)") << field;
    }
    EXPECT_EQ(header_of(given, "Age"), "0");
    server.kill();
    EXPECT_EQ(other.result_of("/pages/1"), "HIT") << "it is kept there now";
}

TEST_F(SharedAnswers, ThatThereIsNothingIsSharedToo) {
    EXPECT_EQ(status_of(one.get("/pages/0")), 404);
    const auto given = other.get("/pages/0");
    EXPECT_EQ(status_of(given), 404);
    EXPECT_EQ(header_of(given, "Content-Type"), "application/problem+json");
    EXPECT_NE(body_of(given).find("not_found"), std::string::npos);
    EXPECT_EQ(other.runs, 0);
}

TEST_F(SharedAnswers, AWriteThatAProcessHasSeenEndsThemThere) {
    one.get("/pages/1");
    other.write();  // which `one` has not heard of yet
    EXPECT_EQ(other.result_of("/pages/1"), "MISS");
    EXPECT_EQ(one.result_of("/pages/1"), "HIT");
    one.write();
    const auto answer = one.get("/pages/1");
    EXPECT_EQ(body_of(answer)[0], 'b');
    EXPECT_EQ(one.runs, 2);
}

TEST_F(SharedAnswers, WithoutRoomHereTheyComeFromThereEachTime) {
    Process none(server.address(), 0);
    none.get("/pages/99");
    none.runs = 0;
    EXPECT_EQ(none.result_of("/pages/1"), "MISS");
    EXPECT_EQ(none.result_of("/pages/1"), "HIT");
    EXPECT_EQ(none.result_of("/pages/1"), "HIT");
    EXPECT_EQ(none.runs, 1);
}

TEST_F(SharedAnswers, AnotherVersionOrDatabaseHasAnswersOfItsOwn) {
    Process next(server.address(), 1 << 20, 2);
    next.get("/pages/99");
    one.text = 'o';
    next.text = 'n';
    EXPECT_EQ(body_of(one.get("/pages/1"))[0], 'o');
    EXPECT_EQ(body_of(next.get("/pages/1"))[0], 'n');
    EXPECT_EQ(body_of(other.get("/pages/1"))[0], 'o') << "and does not end those of the others";
}

TEST_F(SharedAnswers, WhatIsClearedHereIsNotTakenFromThere) {
    one.get("/pages/1");
    one.caches.clear_tag("pages");
    EXPECT_EQ(one.result_of("/pages/1"), "MISS");
}

TEST_F(SharedAnswers, OneThatIsDroppedByItsIdIsNotTakenFromThere) {
    one.get("/pages/1");
    EXPECT_EQ(other.result_of("/pages/1"), "HIT");
    for (const auto& entry : report(one.caches, 10, monotonic_now()).top) {
        EXPECT_TRUE(drop_entry(one.caches, entry.id));
    }
    EXPECT_EQ(one.result_of("/pages/1"), "MISS");
}

TEST_F(SharedAnswers, WithoutRedisAnswersAreMade) {
    server.kill();
    EXPECT_EQ(status_of(one.get("/pages/1")), 200);
    EXPECT_EQ(one.result_of("/pages/1"), "HIT");
    EXPECT_EQ(one.result_of("/pages/2"), "MISS");
}

}  // namespace
}  // namespace brio::cache
