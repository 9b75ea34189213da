#include <brio/base/text.hpp>
#include <brio/http/wire_harness.hpp>
#include <brio/metrics/exposition.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace brio::http {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::header_of;
using test::status_of;
using test::Wire;

struct Greeting {
    std::string hello;
};
struct Name {
    Text<20, 1> name;
    std::int32_t age = 0;
};
struct Filter {
    std::optional<std::int32_t> page;
    std::optional<std::string> word;
};

Greeting greet() { return {"world"}; }
Async<Greeting> greet_later(Path<"ms", std::int32_t> ms) {
    co_await runtime::sleep_for(std::chrono::milliseconds(*ms));
    co_return Greeting{"later"};
}
Async<Greeting> greet_async() { co_return Greeting{"async"}; }
Created<Name> create(Body<Name> body) { return {*body, "/names/1"}; }
std::string echo(Request request) { return std::string(request.body()); }
Filter filtered(Query<Filter> filter) { return *filter; }
Async<Greeting> failing() {
    throw std::runtime_error("a secret of the database");
    co_return Greeting{};
}
Greeting missing() { throw not_found("greeting"); }
NoContent nothing() { return {}; }
std::string header_echo(Header<"X-Word"> word) { return *word; }

void routes(Router& router) {
    router.get<"/">(greet);
    router.post<"/">(echo);
    router.get<"/later/{ms}">(greet_later);
    router.get<"/long/{size}">(
        [](Path<"size", std::int32_t> size) { return std::string(static_cast<std::size_t>(*size), 'x'); });
    router.get<"/slow/{ms}">(greet_later, {.deadline = 60s});
    router.get<"/critical/{ms}">(greet_later, {.importance = Importance::critical});
    router.get<"/async">(greet_async);
    router.post<"/names">(create);
    router.get<"/filtered">(filtered);
    router.get<"/failing">(failing);
    router.get<"/missing">(missing);
    router.del<"/missing">(nothing);
    router.get<"/header">(header_echo);
    router.post<"/small">(echo, {.body_limit = 4});
}

constexpr std::string_view get_root = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

TEST(Server, AnswersAStructAsJson) {
    Wire wire(routes);
    auto const answer = wire.ask(get_root);
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_EQ(body_of(answer), R"({"hello":"world"})");
    EXPECT_EQ(header_of(answer, "Content-Type"), "application/json");
    EXPECT_EQ(header_of(answer, "Content-Length"), "17");
    EXPECT_EQ(header_of(answer, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(header_of(answer, "X-Request-ID").size(), 32U);
    EXPECT_EQ(header_of(answer, "Date").size(), 29U);
    EXPECT_FALSE(wire.closed);
}

TEST(Server, PipelinedRequestsAreAnsweredInOrderInOneWrite) {
    Wire wire(routes);
    auto const client = wire.connect();
    std::string many;
    for (int i = 0; i < 10; ++i) {
        many += "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n" + std::to_string(i);
    }
    wire.send(client, many);
    auto answers = wire.receive(client);
    std::string order;
    for (std::size_t at = answers.find("\r\n\r\n"); at != std::string::npos;
         at = answers.find("\r\n\r\n", at + 4)) {
        order.push_back(answers[at + 4]);
    }
    EXPECT_EQ(order, "0123456789");
}

TEST(Server, AThousandPipelinedRequestsInOneWriteAreAllAnswered) {
    Wire wire(routes);
    auto const client = wire.connect();
    std::string many;
    for (int i = 0; i < 1000; ++i) {
        many += get_root;
    }
    wire.send(client, many);
    wire.turn(40);
    auto const answers = wire.receive(client);
    std::size_t count = 0;
    for (auto at = answers.find("HTTP/1.1 200"); at != std::string::npos;
         at = answers.find("HTTP/1.1 200", at + 1)) {
        ++count;
    }
    EXPECT_EQ(count, 1000U);
}

TEST(Server, ASuspendedHandlerHoldsBackTheAnswersBehindIt) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, "GET /later/50 HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(get_root));
    EXPECT_EQ(wire.receive(client), "");
    wire.loop.advance(50ms);
    auto const answers = wire.receive(client);
    EXPECT_LT(answers.find("later"), answers.find("world"));
    EXPECT_NE(answers.find("world"), std::string::npos);
}

TEST(Server, ADeadlineEndsASuspendedHandlerWith503) {
    Wire wire(routes, {}, {deadlines()});
    auto const client = wire.connect();
    wire.send(client, "GET /later/60000 HTTP/1.1\r\nHost: a\r\n\r\n");
    wire.loop.advance(1999ms);
    EXPECT_EQ(wire.receive(client), "");
    wire.loop.advance(2ms);
    auto const answer = wire.receive(client);
    EXPECT_EQ(status_of(answer), 503);
    EXPECT_EQ(header_of(answer, "Retry-After"), "1");
    EXPECT_NE(answer.find("deadline_exceeded"), std::string::npos);
}

TEST(Server, TheClientMayShortenItsDeadline) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, "GET /later/60000 HTTP/1.1\r\nHost: a\r\nX-Request-Timeout-Ms: 200\r\n\r\n");
    wire.loop.advance(201ms);
    EXPECT_EQ(status_of(wire.receive(client)), 503);
}

TEST(Server, AResetClientStopsItsHandler) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, "GET /later/60000 HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(wire.on_loop->connection_count(), 1U);
    ::shutdown(client, SHUT_RDWR);
    wire.turn();
    wire.loop.advance(300ms);
    wire.turn();
    EXPECT_EQ(wire.on_loop->connection_count(), 0U);
    EXPECT_EQ(wire.loop.timer_count(), 0U);
}

TEST(Server, AHalfClosedClientStillGetsItsAnswer) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, "GET /later/100 HTTP/1.1\r\nHost: a\r\n\r\n");
    ::shutdown(client, SHUT_WR);
    wire.turn();
    wire.loop.advance(100ms);
    EXPECT_EQ(status_of(wire.receive(client)), 200);
    EXPECT_TRUE(wire.closed);
    EXPECT_EQ(wire.on_loop->connection_count(), 0U);
}

TEST(Server, HeadIsGetWithoutTheBody) {
    Wire wire(routes);
    auto const answer = wire.ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_EQ(header_of(answer, "Content-Length"), "17");
    EXPECT_EQ(body_of(answer), "");
}

TEST(Server, AnUnallowedMethodIs405WithAllow) {
    Wire wire(routes);
    auto const answer = wire.ask("PUT /missing HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}");
    EXPECT_EQ(status_of(answer), 405);
    EXPECT_EQ(header_of(answer, "Allow"), "GET, HEAD, DELETE, OPTIONS");
    EXPECT_EQ(header_of(answer, "Content-Type"), "application/problem+json");
    EXPECT_FALSE(wire.closed);
}

TEST(Server, OptionsNamesTheMethodsOfThePath) {
    Wire wire(routes);
    auto const answer = wire.ask("OPTIONS /names HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_of(answer), 204);
    EXPECT_EQ(header_of(answer, "Allow"), "POST, OPTIONS");
    EXPECT_EQ(header_of(answer, "Content-Length"), "(absent)");
    EXPECT_EQ(status_of(wire.ask("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")), 204);
}

TEST(Server, AnUnknownPathIs404AndAnUnknownMethod501) {
    Wire wire(routes);
    EXPECT_EQ(status_of(wire.ask("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n")), 404);
    EXPECT_EQ(status_of(wire.ask("BREW / HTTP/1.1\r\nHost: a\r\n\r\n")), 501);
}

TEST(Server, EveryBadFieldIsListed) {
    Wire wire(routes);
    auto const answer = wire.ask(
        "POST /names HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 33\r\n\r\n"
        R"({"name":"","age":"x","color":"r"})");
    EXPECT_EQ(status_of(answer), 422);
    EXPECT_NE(answer.find(R"("in":"body","name":"name")"), std::string::npos) << answer;
    EXPECT_NE(answer.find(R"("in":"body","name":"age")"), std::string::npos) << answer;
    EXPECT_NE(answer.find(R"("in":"body","name":"color")"), std::string::npos) << answer;
}

TEST(Server, QueryParametersAreTypedAndUnknownOnesNamed) {
    Wire wire(routes);
    EXPECT_EQ(body_of(wire.ask("GET /filtered?page=2&word=a%20b HTTP/1.1\r\nHost: a\r\n\r\n")),
              R"({"page":2,"word":"a b"})");
    auto const answer = wire.ask("GET /filtered?page=two&pgae=2 HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_of(answer), 422);
    EXPECT_NE(answer.find(R"("in":"query","name":"page")"), std::string::npos);
    EXPECT_NE(answer.find(R"("in":"query","name":"pgae")"), std::string::npos);
    EXPECT_EQ(status_of(wire.ask("GET /filtered?page=%zz HTTP/1.1\r\nHost: a\r\n\r\n")), 400);
}

TEST(Server, ANameThatIsNoneIsNotRepeatedAsItWasSent) {
    Wire wire(routes);
    auto const answer = wire.ask("GET /filtered?%27%3B%20DROP%20TABLE%3Cb%3E=1 HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_of(answer), 422);
    EXPECT_NE(answer.find(R"("name":"???DROP?TABLE?b?")"), std::string::npos) << answer;
}

TEST(Server, AMissingHeaderIsNamed) {
    Wire wire(routes);
    auto const answer = wire.ask("GET /header HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_of(answer), 422);
    EXPECT_NE(answer.find(R"("in":"header","name":"X-Word","message":"is required")"), std::string::npos);
    EXPECT_EQ(body_of(wire.ask("GET /header HTTP/1.1\r\nHost: a\r\nx-word: yes\r\n\r\n")), "yes");
}

TEST(Server, AnExceptionIs500WithoutItsText) {
    Wire wire(routes);
    auto const answer = wire.ask("GET /failing HTTP/1.1\r\nHost: a\r\nX-Request-ID: my-id\r\n\r\n");
    EXPECT_EQ(status_of(answer), 500);
    EXPECT_EQ(answer.find("secret"), std::string::npos);
    EXPECT_EQ(header_of(answer, "X-Request-ID"), "my-id");
    EXPECT_NE(answer.find(R"("instance":"urn:request:my-id")"), std::string::npos);
}

TEST(Server, ABodyOverTheRoutesLimitIs413BeforeItIsRead) {
    Wire wire(routes);
    auto const answer =
        wire.ask("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(status_of(answer), 413);
    EXPECT_TRUE(wire.closed);
    auto const chunked = wire.ask(
        "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
        "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    EXPECT_EQ(status_of(chunked), 413);
}

TEST(Server, ExpectIsAnswered100OnlyWhenTheBodyIsWanted) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(wire.receive(client), "HTTP/1.1 100 Continue\r\n\r\n");
    wire.send(client, "ok");
    EXPECT_EQ(body_of(wire.receive(client)), "ok");
}

TEST(Server, AChunkedBodyArrivesWhole) {
    Wire wire(routes);
    auto const client = wire.connect();
    std::string_view const request =
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
        "chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
    for (char const byte : request) {
        wire.send(client, {&byte, 1});
    }
    EXPECT_EQ(body_of(wire.receive(client)), "abcde");
    wire.send(client, get_root);
    EXPECT_EQ(status_of(wire.receive(client)), 200);
}

TEST(Server, AMebibyteOfBodyIsTakenInPieces) {
    Wire wire(routes);
    auto const client = wire.connect();
    std::string const body(1024 * 1024, 'x');
    wire.send(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n" + body);
    auto answer = wire.receive(client);
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_EQ(body_of(answer).size(), body.size());
}

TEST(Server, SlowHeadersAreCutAtTheirDeadlineWith408) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, "GET / HTTP/1.1\r\nHo");
    wire.loop.advance(5s);
    wire.send(client, "st");
    wire.loop.advance(4999ms);
    EXPECT_EQ(wire.receive(client), "");
    wire.loop.advance(2ms);
    EXPECT_EQ(status_of(wire.receive(client)), 408);
    EXPECT_TRUE(wire.closed);
}

TEST(Server, ABodySlowerThanTheLeastRateIsCutWith408) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client,
              "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + std::string(2048, 'x'));
    wire.loop.advance(6900ms);
    EXPECT_EQ(wire.receive(client), "");
    wire.loop.advance(200ms);
    EXPECT_EQ(status_of(wire.receive(client)), 408);
}

TEST(Server, AnIdleConnectionIsClosedWithoutAnAnswer) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, get_root);
    wire.receive(client);
    wire.loop.advance(61s);
    EXPECT_EQ(wire.receive(client), "");
    EXPECT_TRUE(wire.closed);
    EXPECT_EQ(wire.on_loop->connection_count(), 0U);
}

TEST(Server, ADrainAnswersWhatComesWithinItsGraceAndSaysClose) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, get_root);
    EXPECT_EQ(header_of(wire.receive(client), "Connection"), "(absent)");
    wire.on_loop->drain();
    wire.loop.advance(100ms);
    wire.send(client, get_root);
    auto const answer = wire.receive(client);
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_EQ(header_of(answer, "Connection"), "close");
    EXPECT_TRUE(wire.closed);
}

TEST(Server, MoreWorkThanTheInFlightLimitIsShedWith503) {
    Wire wire(routes, {.in_flight = 1});
    auto const first = wire.connect();
    wire.send(first, "GET /later/50 HTTP/1.1\r\nHost: a\r\n\r\n");
    wire.turn();
    auto const answer = wire.ask(get_root);
    EXPECT_EQ(status_of(answer), 503);
    EXPECT_EQ(header_of(answer, "Retry-After"), "1");
    wire.loop.advance(50ms);
    EXPECT_EQ(status_of(wire.receive(first)), 200);
    EXPECT_EQ(status_of(wire.ask(get_root)), 200);
}

TEST(Server, WhatIsLetInAboveALimitIsGivenBackToo) {
    Wire wire(routes, {.limits = {.connections = 1}, .in_flight = 1});
    for (auto const* path : {"/later/50", "/critical/50"}) {
        wire.send(wire.connect(), "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    EXPECT_EQ(wire.server->in_flight().used(), 2U);
    EXPECT_EQ(wire.server->connections().used(), 2U);
    wire.loop.advance(50ms);
    wire.turn();
    EXPECT_EQ(wire.server->in_flight().used(), 0U);
    wire.loop.advance(61s);
    wire.turn();
    EXPECT_EQ(wire.server->connections().used(), 0U);
}

// What the client has not read yet is no reason to end the next request's work, or to end it later.
TEST(Server, AStalledWriteDoesNotChangeTheNextRequestsDeadline) {
    for (auto const timeout : {60s, 15s}) {
        Wire wire(routes, {}, {deadlines()});
        auto const client = wire.connect(5'000);
        wire.send(client, concat({"GET /long/60000 HTTP/1.1\r\nHost: a\r\n\r\n"
                                  "GET /slow/20000 HTTP/1.1\r\nHost: a\r\nX-Request-Timeout-Ms: ",
                                  std::to_string(timeout.count()), "000\r\n\r\n"}));
        EXPECT_EQ(body_of(wire.receive(client)).size(), 60'000U);
        wire.loop.advance(11s);
        EXPECT_EQ(wire.receive(client), "");
        wire.loop.advance(4s);
        auto const early = wire.receive(client);
        wire.loop.advance(5s);
        EXPECT_EQ(status_of(early + wire.receive(client)), timeout == 60s ? 200 : 503);
    }
}

TEST(Server, AMatchingIfNoneMatchIs304WithTheSameTag) {
    Wire wire(routes);
    auto const tag = header_of(wire.ask(get_root), "ETag");
    auto const answer = wire.ask("GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: " + tag + "\r\n\r\n");
    EXPECT_EQ(status_of(answer), 304);
    EXPECT_EQ(header_of(answer, "ETag"), tag);
    EXPECT_EQ(body_of(answer), "");
}

TEST(Server, RequestsAreCountedByPatternWhateverTheyAsk) {
    Wire wire(routes, {}, {measure()});
    for (auto const* path : {"/later/0", "/later/1", "/nowhere", "/elsewhere?x=1"}) {
        auto const client = wire.connect();
        wire.send(client, "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n");
        wire.loop.advance(2ms);
        wire.receive(client);
    }
    Buffer text;
    metrics::write_exposition(text, wire.registry, metrics::Exposition::prometheus);
    auto const has = [&](std::string_view line) { return text.view().find(line) != std::string_view::npos; };
    EXPECT_TRUE(
        has(R"(http_request_duration_seconds_count{method="GET",endpoint="/later/{ms}",status="200"} 2)"));
    EXPECT_TRUE(
        has(R"(http_request_duration_seconds_count{method="GET",endpoint="unmatched",status="404"} 2)"));
    EXPECT_FALSE(has("nowhere"));
    EXPECT_TRUE(has("http_requests_in_flight 0"));
}

TEST(Server, ServerTimingSaysWhereTheTimeWent) {
    Wire wire(routes, {.server_timing = true});
    auto const timing = header_of(wire.ask(get_root), "Server-Timing");
    EXPECT_NE(timing.find("total;dur="), std::string::npos) << timing;
}

}  // namespace
}  // namespace brio::http
