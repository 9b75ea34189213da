#include <brio/http/stream_harness.hpp>
#include <brio/metrics/exposition.hpp>

namespace brio::http::test {
namespace {

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

}  // namespace
}  // namespace brio::http::test
