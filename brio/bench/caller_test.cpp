#include <brio/bench/caller.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include <brio/http/parameters.hpp>
#include <brio/http/wire_harness.hpp>
#include <brio/runtime/socket.hpp>

namespace brio::bench {
namespace {

void routes(http::Router& router) {
    router.get<"/now">([] { return std::string("now"); });
    router.get<"/later">([]() -> Async<std::string> {
        co_await runtime::sleep_for(std::chrono::milliseconds(3));
        co_return std::string("later");
    });
}

const std::string now = "GET /now HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string later = "GET /later HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string last = "GET /now HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

struct Serving {
    explicit Serving(int listener)
        : server({}, {.router = filled(), .services = services, .registry = registry}),
          part(server, loop, seat.shard(), listener) {}
    http::Router& filled() {
        routes(router);
        return router;
    }
    runtime::Loop loop;
    metrics::Registry registry;
    metrics::Seat seat{registry};
    http::Router router;
    http::Services services;
    http::Server server;
    http::ServerLoop part;
};

void expect_answers(Caller& caller) {
    for (int i = 0; i < 200; ++i) {
        auto const called = caller.call(now);
        EXPECT_EQ(called.status, 200);
        EXPECT_GT(called.bytes, 50);
        caller.rest();
    }
    EXPECT_GT(ticks_to_ns(caller.call(later).took), 2'000'000);
    EXPECT_EQ(caller.call(last).status, 200);
    EXPECT_EQ(caller.call(now).status, 200) << "over another connection";
    EXPECT_EQ(caller.call("GET /absent HTTP/1.1\r\nHost: a\r\n\r\n").status, 404);
}

TEST(Caller, AsksWithoutASocket) {
    Serving serving(-1);
    auto const caller = memory_caller(serving.loop, serving.part);
    expect_answers(*caller);
}

TEST(Caller, ADeadlineCountsFromTheRequestHoweverLongNobodyAsked) {
    Serving serving(-1);
    auto const caller = memory_caller(serving.loop, serving.part);
    caller->call(now);
    auto const asked = monotonic_now();
    caller->call(now);
    EXPECT_GE(serving.loop.now(), asked) << "the time that deadlines count from";
}

TEST(Caller, AsksOverTcp) {
    auto const listener = runtime::listen_on({"127.0.0.1", 0});
    std::atomic<runtime::Loop*> loop{nullptr};
    std::thread server([&] {
        Serving serving(listener.fd());
        loop = &serving.loop;
        serving.loop.run();
    });
    {
        auto const caller = socket_caller(runtime::port_of(listener));
        expect_answers(*caller);
    }
    while (loop == nullptr) {
        std::this_thread::yield();
    }
    loop.load()->stop();
    server.join();
}

}  // namespace
}  // namespace brio::bench
