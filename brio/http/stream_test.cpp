#include <brio/base/text.hpp>
#include <brio/http/stream.hpp>
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

struct News {
    std::int64_t number = 0;
};

runtime::WaitList announced;
std::vector<std::string> ended;  // what producers say of themselves when they end

struct SaysEnd {
    std::string name;
    ~SaysEnd() { ended.push_back(name); }
};

Async<void> count_to(EventWriter events, int last, int from) {
    SaysEnd const says{"count"};
    for (int i = from; i <= last; ++i) {
        auto const id = std::to_string(i);
        co_await events.send({.event = "number", .id = id}, News{i});
        co_await runtime::sleep_for(1s);
    }
}
EventStream counted(LastEventId last) {
    return EventStream(count_to, 3, static_cast<int>(last.number().value_or(0)) + 1);
}

Async<void> follow(EventWriter events) {
    SaysEnd const says{"follow"};
    for (;;) {
        co_await announced.wait();
        co_await events.send({.data = "news"});
    }
}
Async<EventStream> followed() {
    co_await runtime::sleep_for(0ms);
    co_return EventStream({.heartbeat = 5s, .retry = 250ms}, follow);
}
EventStream patient() { return EventStream({.heartbeat = 5s, .when_slow = WhenSlow::wait}, follow); }
EventStream short_lived() { return EventStream({.most_time = 2s}, follow); }

Async<void> flood(EventWriter events) {
    SaysEnd const says{"flood"};
    std::string const data(1000, 'x');
    for (;;) {
        co_await events.send({.data = data});
    }
}
EventStream flooded() { return EventStream(flood); }

Async<void> fail_later(EventWriter events) {
    co_await events.send({.data = "one"});
    co_await runtime::sleep_for(1s);
    throw std::runtime_error("a secret of the database");
}
EventStream failing() { return EventStream(fail_later); }
EventStream refusing() { throw not_found("feed"); }

Async<void> write_rows(StreamWriter out, int rows) {
    SaysEnd const says{"rows"};
    for (int i = 0; i < rows; ++i) {
        out.buffer().append(std::to_string(i) + ",some text of row\n");
        co_await out.room();
    }
}
Stream rows(Path<"count", int> count) {
    return {{.content_type = "text/csv; charset=utf-8", .disposition = "attachment; filename=\"rows.csv\""},
            write_rows,
            *count};
}
Async<void> write_and_fail(StreamWriter out) {
    co_await out.write("half");
    throw std::runtime_error("the other half is gone");
}
Stream half() { return {{.content_type = "text/plain"}, write_and_fail}; }
Async<void> write_nothing(StreamWriter) { co_return; }
Stream empty() { return {{.content_type = "text/plain"}, write_nothing}; }
std::variant<EventStream, NoContent> either(LastEventId last) {
    if (last.value == "end") {
        return NoContent{};
    }
    return EventStream(count_to, 3, 3);
}
std::string plain() { return "plain"; }

void routes(Router& router) {
    router.get<"/counted">(counted);
    router.get<"/followed">(followed);
    router.get<"/patient">(patient);
    router.get<"/short">(short_lived);
    router.get<"/flood">(flooded);
    router.get<"/failing">(failing);
    router.get<"/refusing">(refusing);
    router.get<"/rows/{count}">(rows);
    router.get<"/half">(half);
    router.get<"/empty">(empty);
    router.get<"/either">(either);
    router.get<"/plain">(plain);
}

std::string get(std::string_view path, std::string_view fields = "") {
    return concat({"GET ", path, " HTTP/1.1\r\nHost: a\r\n", fields, "\r\n"});
}

// The chunks' content, and whether the last one came.
struct Chunked {
    std::string content;
    bool whole = false;
};
Chunked unchunked(std::string_view body) {
    Chunked read;
    while (!body.empty()) {
        std::size_t used = 0;
        auto const size = std::stoul(std::string(body.substr(0, 10)), &used, 16);
        body.remove_prefix(used + 2);
        if (size == 0) {
            read.whole = body == "\r\n";
            break;
        }
        read.content += body.substr(0, size);
        body.remove_prefix(std::min(body.size(), size + 2));
    }
    return read;
}

// What one read gives: a stream without end is not to be received whole.
std::size_t read_some(Wire& wire, int client) {
    wire.turn();
    std::array<char, 64 * 1024> bytes;
    auto const size = ::recv(client, bytes.data(), bytes.size(), 0);
    wire.turn();
    return size > 0 ? static_cast<std::size_t>(size) : 0;
}

class StreamTest : public ::testing::Test {
protected:
    StreamTest() { ended.clear(); }
};

TEST_F(StreamTest, EventsAreSentAsTheyAreMade) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, get("/counted"));
    auto const head = wire.receive(client);
    EXPECT_EQ(status_of(head), 200);
    EXPECT_EQ(header_of(head, "Content-Type"), "text/event-stream");
    EXPECT_EQ(header_of(head, "Cache-Control"), "no-store");
    EXPECT_EQ(header_of(head, "Transfer-Encoding"), "chunked");
    EXPECT_EQ(header_of(head, "Content-Length"), "(absent)");
    EXPECT_EQ(unchunked(body_of(head)).content, "event: number\nid: 1\ndata: {\"number\":1}\n\n");
    wire.loop.advance(1s);
    EXPECT_EQ(unchunked(wire.receive(client)).content, "event: number\nid: 2\ndata: {\"number\":2}\n\n");
    wire.loop.advance(1s);
    wire.receive(client);
    wire.loop.advance(1s);
    EXPECT_EQ(wire.receive(client), "0\r\n\r\n");
    EXPECT_FALSE(wire.closed);
    wire.send(client, get("/plain"));
    EXPECT_EQ(body_of(wire.receive(client)), "plain");
}

TEST_F(StreamTest, TheClientThatComesAgainSaysWhatItHas) {
    Wire wire(routes);
    auto const answer = wire.ask(get("/counted", "Last-Event-ID: 2\r\n"));
    EXPECT_EQ(unchunked(body_of(answer)).content, "event: number\nid: 3\ndata: {\"number\":3}\n\n");
    EXPECT_EQ(status_of(wire.ask(get("/counted", "Last-Event-ID: \xff\r\n"))), 422);
}

TEST_F(StreamTest, OnHttp10TheEndOfTheConnectionEndsIt) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, "GET /rows/2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    auto const answer = wire.receive(client);
    EXPECT_EQ(header_of(answer, "Transfer-Encoding"), "(absent)");
    EXPECT_EQ(header_of(answer, "Connection"), "close");
    EXPECT_EQ(body_of(answer), "0,some text of row\n1,some text of row\n");
    EXPECT_TRUE(wire.closed);
}

TEST_F(StreamTest, HeadHasNoBodyAndStartsNoProducer) {
    Wire wire(routes);
    auto const answer = wire.ask("HEAD /followed HTTP/1.1\r\nHost: a\r\n\r\n");
    wire.loop.advance(1ms);
    EXPECT_TRUE(ended.empty());
    auto const client = wire.connect();
    wire.send(client, "HEAD /counted HTTP/1.1\r\nHost: a\r\n\r\n" + get("/plain"));
    auto const both = wire.receive(client);
    EXPECT_EQ(header_of(both, "Content-Type"), "text/event-stream");
    EXPECT_NE(both.find("plain"), std::string::npos);
    EXPECT_TRUE(ended.empty());
    EXPECT_EQ(wire.server->streams().used(), 0U);
}

TEST_F(StreamTest, ItIsTheNotificationThatSends) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, get("/followed"));
    wire.loop.advance(1ms);
    EXPECT_EQ(unchunked(body_of(wire.receive(client))).content, "retry: 250\n\n");
    announced.notify_all();
    EXPECT_EQ(unchunked(wire.receive(client)).content, "data: news\n\n");
}

TEST_F(StreamTest, RequestsBehindItWaitForItsEnd) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, get("/counted", "Last-Event-ID: 2\r\n") + get("/plain"));
    EXPECT_EQ(wire.receive(client).find("plain"), std::string::npos);
    wire.loop.advance(1s);
    auto const rest = wire.receive(client);
    EXPECT_TRUE(rest.starts_with("0\r\n\r\nHTTP/1.1 200 OK")) << rest;
    EXPECT_EQ(body_of(rest.substr(5)), "plain");
}

TEST_F(StreamTest, AHeartbeatComesWhenNothingElseDoes) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, get("/patient"));
    wire.receive(client);
    wire.loop.advance(4s);
    announced.notify_all();
    EXPECT_EQ(unchunked(wire.receive(client)).content, "data: news\n\n");
    wire.loop.advance(4999ms);
    EXPECT_EQ(wire.receive(client), "");
    wire.loop.advance(1ms);
    EXPECT_EQ(unchunked(wire.receive(client)).content, ": \n\n");
}

TEST_F(StreamTest, AClientThatTakesNoHeartbeatIsLeft) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, get("/followed"));
    for (int beat = 0; beat < 4; ++beat) {
        wire.loop.advance(5s);
        wire.turn();
    }
    EXPECT_EQ(wire.on_loop->connection_count(), 0U);
    EXPECT_EQ(ended, std::vector<std::string>{"follow"});
}

TEST_F(StreamTest, APatientStreamWaitsForAClientThatTakesNothing) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, get("/patient"));
    for (int beat = 0; beat < 100; ++beat) {
        wire.loop.advance(5s);
        wire.turn();
    }
    EXPECT_EQ(wire.on_loop->connection_count(), 1U);
    EXPECT_TRUE(ended.empty());
}

TEST_F(StreamTest, AClientThatGoesStopsTheProducer) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, get("/followed"));
    wire.loop.advance(1ms);
    ::shutdown(client, SHUT_RDWR);
    wire.turn();
    wire.loop.advance(300ms);
    wire.turn();
    EXPECT_EQ(ended, std::vector<std::string>{"follow"});
    EXPECT_EQ(wire.on_loop->connection_count(), 0U);
    EXPECT_EQ(wire.server->streams().used(), 0U);
    EXPECT_EQ(wire.loop.timer_count(), 0U);
}

TEST_F(StreamTest, AHalfClosedClientOfEventsHasGone) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, get("/followed"));
    ::shutdown(client, SHUT_WR);
    wire.turn();
    wire.loop.advance(249ms);
    EXPECT_TRUE(ended.empty());
    wire.loop.advance(2ms);
    wire.turn();
    EXPECT_EQ(ended, std::vector<std::string>{"follow"});
}

TEST_F(StreamTest, AHalfClosedClientOfBytesGetsThemAll) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, get("/rows/20000"));
    ::shutdown(client, SHUT_WR);
    wire.loop.advance(1s);
    std::string got;
    for (int i = 0; i < 100; ++i) {
        got += wire.receive(client);
    }
    EXPECT_TRUE(unchunked(body_of(got)).whole);
    EXPECT_TRUE(wire.closed);
}

TEST_F(StreamTest, ASlowClientHoldsBackItsProducer) {
    Wire wire(routes, {.limits = {.stream_buffer = 4096}});
    auto const client = wire.connect();
    wire.send(client, get("/flood"));
    wire.turn(100);
    for (int i = 0; i < 20; ++i) {
        wire.loop.advance(9s);
        EXPECT_GT(read_some(wire, client), 0U);
    }
    EXPECT_TRUE(ended.empty());
    wire.turn(100);
    wire.loop.advance(20s);
    wire.turn();
    EXPECT_EQ(ended, std::vector<std::string>{"flood"});
    EXPECT_EQ(wire.on_loop->connection_count(), 0U);
}

TEST_F(StreamTest, AFloodLeavesTheLoopToOthers) {
    Wire wire(routes);
    auto const client = wire.connect();
    auto const other = wire.connect();
    wire.send(client, get("/flood"));
    for (int i = 0; i < 20; ++i) {
        EXPECT_GT(read_some(wire, client), 0U);
    }
    wire.send(other, get("/plain"));
    EXPECT_EQ(body_of(wire.receive(other)), "plain");
}

TEST_F(StreamTest, ManyRowsArriveWholeInBoundedMemory) {
    Wire wire(routes, {.limits = {.stream_buffer = 8192}});
    auto const client = wire.connect();
    wire.send(client, get("/rows/100000"));
    std::string got;
    while (!got.ends_with("0\r\n\r\n")) {
        auto const more = wire.receive(client);
        ASSERT_FALSE(more.empty());
        got += more;
    }
    EXPECT_EQ(header_of(got, "Content-Disposition"), "attachment; filename=\"rows.csv\"");
    auto const read = unchunked(body_of(got));
    EXPECT_TRUE(read.whole);
    EXPECT_EQ(std::ranges::count(read.content, '\n'), 100000);
    EXPECT_TRUE(read.content.ends_with("99999,some text of row\n"));
}

TEST_F(StreamTest, AnEmptyStreamIsAnEmptyBody) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, get("/empty") + get("/plain"));
    auto const answers = wire.receive(client);
    EXPECT_TRUE(body_of(answers).starts_with("0\r\n\r\nHTTP/1.1 200 OK")) << answers;
}

TEST_F(StreamTest, WhatIsThrownBeforeTheHeadIsAProblem) {
    Wire wire(routes);
    auto const answer = wire.ask(get("/refusing"));
    EXPECT_EQ(status_of(answer), 404);
    EXPECT_EQ(header_of(answer, "Content-Type"), "application/problem+json");
}

TEST_F(StreamTest, WhatIsThrownAfterItBreaksTheAnswerOff) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, get("/failing"));
    wire.receive(client);
    wire.loop.advance(1s);
    EXPECT_EQ(wire.receive(client), "");
    EXPECT_TRUE(wire.closed);
    auto const answer = wire.ask(get("/half"));
    EXPECT_EQ(body_of(answer), "4\r\nhalf\r\n");
    EXPECT_TRUE(wire.closed);
}

TEST_F(StreamTest, ADrainEndsEventsForTheClientToComeAgain) {
    Wire wire(routes);
    auto const client = wire.connect();
    wire.send(client, get("/followed"));
    wire.loop.advance(1ms);
    wire.receive(client);
    wire.on_loop->drain();
    wire.turn();
    EXPECT_EQ(wire.receive(client), "0\r\n\r\n");
    EXPECT_TRUE(wire.closed);
    EXPECT_EQ(ended, std::vector<std::string>{"follow"});
}

TEST_F(StreamTest, ADrainLetsBytesGoOn) {
    Wire wire(routes, {.limits = {.stream_buffer = 8192}});
    auto const client = wire.connect();
    wire.send(client, get("/rows/100000"));
    wire.on_loop->drain();
    std::string got;
    while (!wire.closed) {
        got += wire.receive(client);
    }
    EXPECT_TRUE(unchunked(body_of(got)).whole);
}

TEST_F(StreamTest, ItsTimeIsLimitedWhereItIsAsked) {
    Wire wire(routes, {}, {deadlines()});
    auto const limited = wire.connect();
    auto const unlimited = wire.connect();
    wire.send(limited, get("/short"));
    wire.send(unlimited, get("/followed"));
    wire.loop.advance(1ms);
    wire.receive(limited);
    wire.receive(unlimited);
    wire.loop.advance(2s);
    EXPECT_EQ(wire.receive(limited), "0\r\n\r\n");
    EXPECT_FALSE(wire.closed);
    wire.loop.advance(10s);
    EXPECT_EQ(wire.on_loop->connection_count(), 2U);
    EXPECT_EQ(unchunked(wire.receive(unlimited)).content, ": \n\n: \n\n");
}

TEST_F(StreamTest, StreamsAreCountedByThemselves) {
    Wire wire(routes, {.limits = {.streams = 1}, .in_flight = 1});
    auto const first = wire.connect();
    wire.send(first, get("/patient"));
    wire.receive(first);
    EXPECT_EQ(wire.server->streams().used(), 1U);
    EXPECT_EQ(wire.server->in_flight().used(), 0U);
    auto const answer = wire.ask(get("/patient"));
    EXPECT_EQ(status_of(answer), 503);
    EXPECT_NE(answer.find("too_many_streams"), std::string::npos);
    EXPECT_EQ(status_of(wire.ask(get("/plain"))), 200);
    ::shutdown(first, SHUT_RDWR);
    wire.turn();
    wire.loop.advance(300ms);
    wire.turn();
    EXPECT_EQ(status_of(wire.ask(get("/patient"))), 200);
}

TEST_F(StreamTest, AThousandStreamsHearOfOneNotification) {
    Wire wire(routes);
    std::vector<int> clients(1000);
    for (auto& client : clients) {
        client = wire.connect();
        ASSERT_GE(client, 0);
        wire.send(client, get("/patient"));
    }
    for (auto const client : clients) {
        wire.receive(client);
    }
    EXPECT_EQ(wire.server->streams().used(), 1000U);
    announced.notify_all();
    for (auto const client : clients) {
        EXPECT_EQ(wire.receive(client), "c\r\ndata: news\n\n\r\n");
    }
}

TEST_F(StreamTest, EventsAreMeasuredToTheirHeadAndByTheirOwnMetrics) {
    Wire wire(routes, {}, {measure()});
    auto const client = wire.connect();
    wire.send(client, get("/counted", "Last-Event-ID: 1\r\n"));
    wire.receive(client);
    auto const has = [&](std::string_view line) {
        Buffer text;
        metrics::write_exposition(text, wire.registry, metrics::Exposition::prometheus);
        return text.view().find(line) != std::string_view::npos;
    };
    EXPECT_TRUE(
        has(R"(http_request_duration_seconds_count{method="GET",endpoint="/counted",status="200"} 1)"));
    EXPECT_TRUE(has("http_requests_in_flight 0"));
    wire.loop.advance(1s);
    wire.receive(client);
    wire.loop.advance(1s);
    wire.receive(client);
    EXPECT_TRUE(has(R"(http_stream_seconds_sum{endpoint="/counted"} 2)"));
    EXPECT_TRUE(has(R"(http_streams_ended_total{endpoint="/counted",reason="completed"} 1)"));
    EXPECT_TRUE(
        has(R"(http_request_duration_seconds_count{method="GET",endpoint="/counted",status="200"} 1)"));
    EXPECT_TRUE(has("http_requests_in_flight 0"));
}

TEST_F(StreamTest, AHandlerMayTellAClientToStayAway) {
    Wire wire(routes);
    EXPECT_EQ(status_of(wire.ask(get("/either", "Last-Event-ID: end\r\n"))), 204);
    EXPECT_EQ(status_of(wire.ask(get("/either"))), 200);
}

TEST_F(StreamTest, OpenApiHearsOfAllThatAHandlerMayReturn) {
    json::SchemaSet set;
    OperationSchema operation(set);
    HandlerAdapter<decltype(&either)>::describe(operation);
    ASSERT_EQ(operation.answers.size(), 2U);
    EXPECT_EQ(operation.answers[0].content_type, "text/event-stream");
    EXPECT_EQ(operation.answers[1].status, 204);
    ASSERT_EQ(operation.parameters.size(), 1U);
    EXPECT_EQ(operation.parameters[0].name, "Last-Event-ID");
    EXPECT_FALSE(operation.parameters[0].required);
}

}  // namespace
}  // namespace brio::http
