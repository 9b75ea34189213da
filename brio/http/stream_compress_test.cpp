#include <brio/http/codings_harness.hpp>
#include <brio/http/stream_harness.hpp>

namespace brio::http::test {
namespace {

constexpr std::string_view gzip = "Accept-Encoding: gzip\r\n";

std::string rows_text(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += std::to_string(i) + ",some text of row\n";
    }
    return text;
}

Async<void> tick(StreamWriter out) {
    for (int i = 0; i < 3; ++i) {
        co_await out.write("tick of the clock\n");
        co_await runtime::sleep_for(1s);
    }
}
Stream ticking() { return {{.content_type = "text/plain"}, tick}; }
void ticking_routes(Router& router) { router.get<"/">(ticking); }

TEST_F(StreamTest, ACompressedOneIsTheSameBytes) {
    Wire wire(routes, {}, {compress()});
    auto const answer = wire.ask(get("/rows/20000", gzip));
    EXPECT_EQ(header_of(answer, "Content-Encoding"), "gzip");
    EXPECT_EQ(header_of(answer, "Vary"), "Accept-Encoding");
    auto const body = unchunked(body_of(answer));
    EXPECT_TRUE(body.whole);
    EXPECT_EQ(gunzipped(body.content), rows_text(20'000));
    EXPECT_LT(body.content.size(), rows_text(20'000).size() / 4);
    EXPECT_EQ(wire.server->compressed_streams().used(), 0U);
}

TEST_F(StreamTest, ACompressedOneHoldsNothingBack) {
    Wire wire(ticking_routes, {}, {compress()});
    auto const client = wire.connect();
    wire.send(client, get("/", gzip));
    auto coded = unchunked(body_of(wire.receive(client))).content;
    auto const first = coded.size();
    EXPECT_TRUE(coded.ends_with(std::string_view("\0\0\xff\xff", 4)));  // a flush: all can be read
    for (int i = 1; i < 3; ++i) {
        wire.loop.advance(1s);
        coded += unchunked(wire.receive(client)).content;
        EXPECT_GT(coded.size(), first);
        EXPECT_TRUE(coded.ends_with(std::string_view("\0\0\xff\xff", 4)));
    }
    wire.loop.advance(1s);
    auto const last = unchunked(wire.receive(client));
    EXPECT_TRUE(last.whole);
    EXPECT_EQ(gunzipped(coded + last.content), "tick of the clock\ntick of the clock\ntick of the clock\n");
}

TEST_F(StreamTest, EventsAreNeverCompressed) {
    Wire wire(routes, {}, {compress()});
    auto const answer = wire.ask(get("/counted", gzip));
    EXPECT_EQ(header_of(answer, "Content-Encoding"), "(absent)");
    EXPECT_NE(answer.find("data: {\"number\":1}"), std::string::npos);
    EXPECT_EQ(status_of(wire.ask(get("/counted", "Accept-Encoding: gzip, identity;q=0\r\n"))), 406);
    EXPECT_EQ(wire.server->streams().used(), 1U);  // that of the first
}

TEST_F(StreamTest, AnEmptyCompressedOneIsWhole) {
    Wire wire(routes, {}, {compress()});
    auto const body = unchunked(body_of(wire.ask(get("/empty", gzip))));
    EXPECT_TRUE(body.whole);
    EXPECT_EQ(gunzipped(body.content), "");
}

TEST_F(StreamTest, ACompressedOneThatBreaksOffHasNoEnd) {
    Wire wire(routes, {}, {compress()});
    auto const body = unchunked(body_of(wire.ask(get("/half", gzip))));
    EXPECT_FALSE(body.whole);
    EXPECT_EQ(gunzipped(body.content), "(corrupt)");
    EXPECT_EQ(wire.server->compressed_streams().used(), 0U);
}

TEST_F(StreamTest, MoreThanTheLimitComeAsTheyAre) {
    ServerOptions options;
    options.limits.compressed_streams = 0;
    Wire wire(routes, options, {compress()});
    auto const answer = wire.ask(get("/rows/2", gzip));
    EXPECT_EQ(header_of(answer, "Content-Encoding"), "(absent)");
    EXPECT_EQ(unchunked(body_of(answer)).content, rows_text(2));
}

TEST_F(StreamTest, HeadOfACompressedOneSaysSo) {
    Wire wire(routes, {}, {compress()});
    auto const answer = wire.ask("HEAD /rows/2 HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
    EXPECT_EQ(header_of(answer, "Content-Encoding"), "gzip");
    EXPECT_EQ(body_of(answer), "");
    EXPECT_EQ(wire.server->compressed_streams().used(), 0U);
}

}  // namespace
}  // namespace brio::http::test
