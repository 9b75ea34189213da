#include <brio/http/stream_harness.hpp>

namespace brio::http::test {
namespace {

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
}  // namespace brio::http::test
