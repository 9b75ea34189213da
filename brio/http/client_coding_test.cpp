// Answers that come to the client in gzip.
#include <brio/base/text.hpp>
#include <brio/http/client_harness.hpp>
#include <brio/http/codings_harness.hpp>
#include <brio/http/compressor.hpp>
#include <brio/http/wire_harness.hpp>

#include <gtest/gtest.h>

namespace brio::http {
namespace {

using test::ClientWire;
using test::Peer;
using Cause = OutboundFailed::Cause;

std::string in_gzip(std::string_view body, std::string_view coding = "gzip") {
    Buffer coded;
    compress_now(coded, body, Coding::gzip, Effort::usual);
    return concat({"HTTP/1.1 200 OK\r\nContent-Encoding: ", coding,
                   "\r\nContent-Length: ", integer_text(coded.size()), "\r\n\r\n", coded.view()});
}

TEST(ClientCoding, AnAnswerInGzipIsDecoded) {
    for (auto const size : {100U, 3U << 20U}) {  // on the loop, and on the offload threads
        ClientWire wire;
        Peer peer(wire.loop);
        auto const call = wire.start(wire.outbound().get(peer.url("/")));
        ASSERT_TRUE(peer.accept());
        EXPECT_NE(peer.receive().find("Accept-Encoding: gzip\r\n"), std::string::npos);
        auto const text = test::json_of_size(size);
        peer.send(in_gzip(text));
        EXPECT_EQ(wire.finish(*call).body(), text);
    }
}

TEST(ClientCoding, WhoAsksForCodingsGetsWhatCame) {
    ClientWire wire;
    Peer peer(wire.loop);
    auto const call =
        wire.start(wire.outbound().get(peer.url("/"), {.headers = {{"accept-encoding", "gzip"}}}));
    ASSERT_TRUE(peer.accept());
    peer.receive();
    peer.send(in_gzip("hello"));
    EXPECT_EQ(test::gunzipped(wire.finish(*call).body()), "hello");
}

TEST(ClientCoding, AnUnknownCodingIsLeftToTheCaller) {
    ClientWire wire;
    Peer peer(wire.loop);
    auto const call = wire.start(wire.outbound().get(peer.url("/")));
    ASSERT_TRUE(peer.accept());
    peer.receive();
    peer.send(in_gzip("hello", "br"));
    auto const answer = wire.finish(*call);
    EXPECT_EQ(answer.header("Content-Encoding"), "br");
    EXPECT_EQ(test::gunzipped(answer.body()), "hello");
}

TEST(ClientCoding, WhatIsNoGzipOrTooLargeFails) {
    struct Row {
        std::string answer;
        std::string_view why;
    };
    for (auto const& row :
         {Row{"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", "no"},
          Row{in_gzip(std::string(200'000, 'a')), "larger than the limit"}}) {
        ClientWire wire({.limits = {.body = 100'000}});
        Peer peer(wire.loop);
        auto const call = wire.start(wire.outbound().get(peer.url("/")));
        ASSERT_TRUE(peer.accept());
        peer.receive();
        peer.send(row.answer);
        auto const failed = wire.failure(*call);
        ASSERT_TRUE(failed);
        EXPECT_EQ(failed->cause, Cause::content);
        EXPECT_NE(std::string_view(failed->what()).find(row.why), std::string_view::npos) << failed->what();
    }
}

}  // namespace
}  // namespace brio::http
