#include <brio/http/memory_link.hpp>

#include <gtest/gtest.h>

#include <brio/http/wire_harness.hpp>

namespace brio::http {
namespace {

const std::string long_text(100'000, 'x');

void routes(Router& router) {
    router.get<"/now">([] { return std::string("now"); });
    router.get<"/later">([]() -> Async<std::string> {
        co_await runtime::sleep_for(std::chrono::milliseconds(10));
        co_return std::string("later");
    });
    router.post<"/echo">([](Request request) {
        Response response;
        response.text(request.body());
        return response;
    });
    router.get<"/long">([] {
        Response response;
        response.static_body = long_text;
        return response;
    });
}

constexpr std::string_view get_now = "GET /now HTTP/1.1\r\nHost: a\r\n\r\n";

struct MemoryLinkTest : testing::Test {
    test::Wire wire{routes};
    MemoryLink link{*wire.on_loop};
};

TEST_F(MemoryLinkTest, WhatNeedsNoWaitIsAnsweredAtOnce) {
    for (int i = 0; i < 3; ++i) {
        link.send(get_now);
        EXPECT_EQ(test::status_of(link.received()), 200);
        EXPECT_EQ(test::body_of(link.received()), "now");
        link.received().clear();
    }
    EXPECT_TRUE(link.is_open());
}

TEST_F(MemoryLinkTest, WhatWaitsIsAnsweredByTheLoop) {
    link.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(link.received(), "");
    wire.loop.advance(std::chrono::milliseconds(10));
    wire.turn();
    EXPECT_EQ(test::body_of(link.received()), "later");
}

TEST_F(MemoryLinkTest, BytesMayComeInPieces) {
    link.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Len");
    link.send("gth: 5\r\n\r\nhe");
    EXPECT_EQ(link.received(), "");
    link.send("llo");
    EXPECT_EQ(test::body_of(link.received()), "hello");
    const std::string body(70'000, 'y');
    link.received().clear();
    link.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n" + body +
              std::string(get_now));
    wire.turn();
    EXPECT_TRUE(link.received().find(body + "HTTP/1.1 200") != std::string::npos);
}

TEST_F(MemoryLinkTest, ABodyThatIsSentFromItsPlaceComesWhole) {
    link.send("GET /long HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(test::body_of(link.received()), long_text);
}

TEST_F(MemoryLinkTest, TheServerClosesIt) {
    link.send("GET /now HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(test::header_of(link.received(), "Connection"), "close");
    wire.turn();
    wire.loop.advance(std::chrono::seconds(3));  // no longer lingering
    wire.turn();
    EXPECT_FALSE(link.is_open());
    link.send(get_now);
    EXPECT_EQ(wire.on_loop->connection_count(), 0);
}

TEST(MemoryLink, AClientThatLeavesEndsItsWork) {
    test::Wire wire(routes);
    {
        MemoryLink link(*wire.on_loop);
        link.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(wire.on_loop->connection_count(), 1);
    }
    wire.turn();
    EXPECT_EQ(wire.on_loop->connection_count(), 0);
}

}  // namespace
}  // namespace brio::http
