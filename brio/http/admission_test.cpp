#include <brio/http/admission.hpp>

#include <brio/base/text.hpp>
#include <brio/http/wire_harness.hpp>
#include <brio/metrics/exposition.hpp>

#include <gtest/gtest.h>

namespace brio::http {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::header_of;
using test::status_of;
using test::Wire;

// How long a handler waits, as if for something slow.
struct Slowness {
    std::chrono::milliseconds time{20};
};

}  // namespace

template <>
struct Provide<Slowness*> {
    using Service = Slowness;
    static std::optional<Slowness*> from(Exchange& exchange) { return &exchange.services->get<Slowness>(); }
};

namespace {

Async<std::string> wait_for(Slowness* slowness) {
    co_await runtime::sleep_for(slowness->time);
    co_return "done";
}
std::string at_once() { return "done"; }

void routes(Router& router) {
    router.get<"/slow">(wait_for);
    router.post<"/slow">(wait_for);
    router.get<"/other">(at_once);
    router.get<"/critical">(wait_for, {.importance = Importance::critical});
}

std::string get(std::string_view path) { return concat({"GET ", path, " HTTP/1.1\r\nHost: a\r\n\r\n"}); }

struct Fixture {
    Slowness slowness;
    std::unique_ptr<Wire> wire;
    std::vector<int> clients;  // whose requests wait, or have been answered and not read
    std::vector<int> idle;

    Fixture() {
        Services services;
        services.add(slowness);
        wire = std::make_unique<Wire>(routes, ServerOptions{}, std::vector{measure()}, services);
    }
    const Route& route(Method method, std::string_view path) {
        std::array<std::string_view, most_path_values> values;
        return *wire->server->router().find(method, path, values).route;
    }
    GateState gate(std::string_view path = "/slow") {
        return route(Method::get, path).gate->state(wire->loop.now());
    }
    /// A request every four milliseconds.
    void ask_for(std::chrono::milliseconds time, std::string_view request) {
        for (auto passed = 0ms; passed < time; passed += 4ms) {
            std::erase_if(clients, [&](int client) {
                char bytes[1024];
                auto const is_answered = ::recv(client, bytes, sizeof bytes, 0) > 0;
                if (is_answered) {
                    idle.push_back(client);
                }
                return is_answered;
            });
            if (idle.empty()) {
                idle.push_back(wire->connect());
            }
            clients.push_back(idle.back());
            idle.pop_back();
            wire->send(clients.back(), request);
            wire->turn(1);
            wire->loop.advance(4ms);
        }
    }
    /// Until the route has a limit.
    void overload(std::string_view request = get("/slow")) {
        ask_for(500ms, request);
        slowness.time = 520ms;  // late; so long a silence would be another reason
        for (int i = 0; i < 500 && !gate().limit; ++i) {
            ask_for(4ms, request);
        }
    }
    std::string metrics() {
        Buffer text;
        metrics::write_exposition(text, wire->registry, metrics::Exposition::prometheus);
        return std::string(text.view());
    }
};

TEST(Admission, ARouteThatIsTooSlowForWhatIsAskedGetsALimit) {
    Fixture of;
    of.ask_for(500ms, get("/slow"));
    EXPECT_FALSE(of.gate().limit);
    of.overload();
    ASSERT_TRUE(of.gate().limit);
    EXPECT_LT(*of.gate().limit, 100U);
    auto const answer = of.wire->ask(get("/slow"));
    EXPECT_EQ(status_of(answer), 503);
    EXPECT_EQ(header_of(answer, "Retry-After"), "1");
    EXPECT_EQ(header_of(answer, "Content-Type"), "application/problem+json");
    EXPECT_EQ(body_of(answer).size(), std::stoul(header_of(answer, "Content-Length")));
    EXPECT_NE(body_of(answer).find(R"("code":"overloaded"})"), std::string::npos) << body_of(answer);
    EXPECT_NE(body_of(answer).find(header_of(answer, "X-Request-ID")), std::string::npos);
}

TEST(Admission, OtherRoutesAndCriticalOnesAreLetIn) {
    Fixture of;
    of.overload();
    EXPECT_EQ(status_of(of.wire->ask(get("/other"))), 200);
    of.slowness.time = 1ms;
    auto const client = of.wire->connect();
    of.wire->send(client, get("/critical"));
    of.wire->loop.advance(1ms);
    EXPECT_EQ(status_of(of.wire->receive(client)), 200);
    EXPECT_EQ(status_of(of.wire->ask(get("/slow"))), 503);
}

TEST(Admission, WhatWasLetInBeforeTheLimitIsWithdrawnTheYoungestFirst) {
    Fixture of;
    of.overload();
    auto const limit = *of.gate().limit;
    ASSERT_GT(of.gate().in_flight, 2 * limit);
    auto const oldest_before = of.gate().in_flight;
    of.wire->ask(get("/slow"));
    EXPECT_EQ(of.gate().in_flight, limit);
    EXPECT_EQ(of.gate().withdrawn, oldest_before - limit);
    EXPECT_EQ(status_of(of.wire->receive(of.clients.back())), 503) << "the youngest";
    EXPECT_NE(of.metrics().find(R"(http_requests_shed_total{reason="handler"})"), std::string::npos);
}

TEST(Admission, ABodyThatIsThereIsSkippedAndOneThatIsNotClosesTheConnection) {
    Fixture of;
    std::string const post = "POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody";
    of.ask_for(500ms, post);
    of.slowness.time = 520ms;
    auto& gate = *of.route(Method::post, "/slow").gate;
    for (int i = 0; i < 500 && !gate.state(of.wire->loop.now()).limit; ++i) {
        of.ask_for(4ms, post);
    }
    ASSERT_TRUE(gate.state(of.wire->loop.now()).limit);
    auto const whole = of.wire->connect();
    of.wire->send(whole, post + get("/other"));
    auto const answers = of.wire->receive(whole);
    EXPECT_EQ(status_of(answers), 503);
    EXPECT_NE(answers.find("HTTP/1.1 200 OK"), std::string::npos) << "the request behind it";
    auto const part = of.wire->ask("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 400\r\n\r\nbody");
    EXPECT_EQ(status_of(part), 503);
    EXPECT_EQ(header_of(part, "Connection"), "close");
    EXPECT_TRUE(of.wire->closed);
    auto const expecting =
        of.wire->ask("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 400\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(status_of(expecting), 503) << "not 100";
}

TEST(Admission, WhatIsWellAgainIsNotLimitedForLong) {
    Fixture of;
    of.overload();
    of.slowness.time = 20ms;
    of.wire->ask(get("/slow"));  // those too many go
    for (int i = 0; i < 40 && of.gate().limit; ++i) {
        of.ask_for(50ms, get("/other"));
        for (int k = 0; k < 10; ++k) {
            of.ask_for(4ms, get("/slow"));
            of.wire->loop.advance(20ms);
        }
    }
    auto const refused = of.gate().refused;
    of.ask_for(500ms, get("/slow"));
    EXPECT_EQ(of.gate().refused, refused);
    of.wire->loop.advance(1s);
    EXPECT_EQ(of.gate().in_flight, 0U);
    EXPECT_NE(of.metrics().find("\nhttp_requests_in_flight 0\n"), std::string::npos);
}

TEST(Admission, RulesFollowTheGoalAndTheImportance) {
    Route route;
    route.goal = 200ms;
    route.deadline = 2s;
    EXPECT_EQ(limit_rules(route, {}).wait, 50ms);
    EXPECT_EQ(limit_rules(route, {}).late, 500ms);
    EXPECT_EQ(limit_rules(route, {.wait = 30ms}).wait, 30ms);
    route.options.importance = Importance::sheddable;
    EXPECT_EQ(limit_rules(route, {}).wait, 12500us);
    route.options.importance = Importance::critical;
    EXPECT_FALSE(limit_rules(route, {}).limits);
}

}  // namespace
}  // namespace brio::http
