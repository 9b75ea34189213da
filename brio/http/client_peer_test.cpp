// The client against peers that fail at every step of a conversation.
#include <brio/http/client_harness.hpp>

#include <gtest/gtest.h>

namespace brio::http {
namespace {

using namespace std::chrono_literals;
using test::ClientWire;
using test::Peer;
using Cause = OutboundFailed::Cause;

constexpr std::string_view hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

struct Item {
    std::int32_t number = 0;
};

TEST(Client, SendsARequestAndReadsItsAnswer) {
    ClientWire wire;
    Peer peer(wire.loop);
    auto const call = wire.start(wire.outbound().get(peer.url("/a?b=c")));
    ASSERT_TRUE(peer.accept());
    auto const request = peer.receive();
    EXPECT_TRUE(request.starts_with("GET /a?b=c HTTP/1.1\r\nHost: " + peer.authority() + "\r\n")) << request;
    EXPECT_EQ(request.find("Content-Length"), std::string::npos);
    peer.send("HTTP/1.1 203 Fine\r\nX-Word: yes\r\nContent-Length: 5\r\n\r\nhello");
    auto const answer = wire.finish(*call);
    EXPECT_EQ(answer.status, 203);
    EXPECT_EQ(answer.body(), "hello");
    EXPECT_EQ(answer.header("x-word"), "yes");
    EXPECT_EQ(answer.header("absent"), std::nullopt);
}

TEST(Client, EveryPieceOfAnAnswerMayComeAlone) {
    ClientWire wire;
    Peer peer(wire.loop);
    auto const call = wire.start(wire.outbound().get(peer.url("/")));
    ASSERT_TRUE(peer.accept());
    peer.receive();
    for (char const byte :
         std::string_view("HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                          "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n")) {
        EXPECT_FALSE(call->has_ended());
        peer.send({&byte, 1});
    }
    EXPECT_EQ(wire.finish(*call).body(), "abcde");
}

TEST(Client, AConnectionIsUsedAgain) {
    ClientWire wire;
    Peer peer(wire.loop);
    for (int i = 0; i < 3; ++i) {
        auto const call = wire.start(wire.outbound().get(peer.url("/")));
        if (i == 0) {
            ASSERT_TRUE(peer.accept());
        }
        peer.receive();
        peer.send(hello);
        EXPECT_EQ(wire.finish(*call).body(), "hello");
    }
    EXPECT_TRUE(peer.nobody_waits());
    EXPECT_EQ(wire.client.connections().used(), 1U);
}

TEST(Client, ARefusedConnectionSaysWhatWasTried) {
    ClientWire wire;
    Peer peer(wire.loop);
    auto const url = peer.url("/x?secret=1");
    auto const authority = peer.authority();
    peer.stop_listening();
    auto const failed = wire.failure(*wire.start(wire.outbound().get(url)));
    ASSERT_TRUE(failed);
    EXPECT_EQ(failed->cause, Cause::connect);
    EXPECT_EQ(std::string(failed->what()),
              "GET http://" + authority + "/x failed: connecting to " + authority + ": Connection refused");
    EXPECT_EQ(wire.client.connections().used(), 0U);
}

TEST(Client, APeerThatEndsAtAnyByteOfAnAnswerIsAFailure) {
    constexpr std::string_view whole =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    for (std::size_t size = 0; size < whole.size(); ++size) {
        for (bool const resets : {false, true}) {
            ClientWire wire;
            Peer peer(wire.loop);
            auto const call = wire.start(wire.outbound().get(peer.url("/")));
            ASSERT_TRUE(peer.accept());
            peer.receive();
            peer.send(whole.substr(0, size));
            resets ? peer.reset() : peer.close();
            auto const failed = wire.failure(*call);
            ASSERT_TRUE(failed) << size;
            EXPECT_EQ(failed->cause, Cause::broken) << failed->what();
            EXPECT_TRUE(peer.nobody_waits());  // a fresh connection is no stale one: not tried again
            EXPECT_EQ(wire.client.connections().used(), 0U);
        }
    }
}

TEST(Client, GarbageIsAProtocolFailureAndClosesTheConnection) {
    for (std::string_view const garbage :
         {"SSH-2.0-OpenSSH_9\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 200 OK\nA: b\n\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
          "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
          "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"}) {
        ClientWire wire;
        Peer peer(wire.loop);
        auto const call = wire.start(wire.outbound().get(peer.url("/")));
        ASSERT_TRUE(peer.accept());
        peer.receive();
        peer.send(garbage);
        auto const failed = wire.failure(*call);
        ASSERT_TRUE(failed) << garbage;
        EXPECT_EQ(failed->cause, Cause::protocol) << failed->what();
        EXPECT_TRUE(peer.sees_end());
    }
}

TEST(Client, ABodyAboveTheLimitIsRefusedBeforeItComes) {
    ClientWire wire({.limits = {.body = 4}});
    Peer peer(wire.loop);
    auto const call = wire.start(wire.outbound().get(peer.url("/")));
    ASSERT_TRUE(peer.accept());
    peer.receive();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(wire.failure(*call)->cause, Cause::protocol);
}

TEST(Client, ABodyWithoutLengthLastsUntilTheConnectionEnds) {
    ClientWire wire;
    Peer peer(wire.loop);
    auto const call = wire.start(wire.outbound().get(peer.url("/")));
    ASSERT_TRUE(peer.accept());
    peer.receive();
    peer.send("HTTP/1.0 200 OK\r\n\r\nall of");
    EXPECT_FALSE(call->has_ended());
    peer.send(" it");
    peer.close();
    EXPECT_EQ(wire.finish(*call).body(), "all of it");
    EXPECT_EQ(wire.client.connections().used(), 0U);
}

TEST(Client, BytesBehindAnAnswerEndTheConnection) {
    ClientWire wire;
    Peer peer(wire.loop);
    auto const call = wire.start(wire.outbound().get(peer.url("/")));
    ASSERT_TRUE(peer.accept());
    peer.receive();
    peer.send(std::string(hello) + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    EXPECT_EQ(wire.finish(*call).body(), "hello");
    EXPECT_TRUE(peer.sees_end());
}

TEST(Client, AnAnswerThatNobodyAskedForIsNotTakenForTheNext) {
    ClientWire wire;
    Peer peer(wire.loop);
    auto const first = wire.start(wire.outbound().get(peer.url("/")));
    ASSERT_TRUE(peer.accept());
    peer.receive();
    peer.send(hello);
    wire.finish(*first);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    auto const second = wire.start(wire.outbound().get(peer.url("/")));
    ASSERT_TRUE(peer.accept());
    peer.receive();
    peer.send(hello);
    EXPECT_EQ(wire.finish(*second).body(), "hello");
}

// A connection that was used once, and that the peer ends when it reads the second request.
struct Stale {
    ClientWire wire;
    Peer peer{wire.loop};

    Stale() {
        auto const first = wire.start(wire.outbound().get(peer.url("/first")));
        EXPECT_TRUE(peer.accept());
        peer.receive();
        peer.send(hello);
        wire.finish(*first);
    }
};

TEST(Client, AnIdempotentRequestIsSentAgainWhenAKeptConnectionTurnsOutDead) {
    Stale stale;
    auto const second = stale.wire.start(stale.wire.outbound().put(stale.peer.url("/second"), Item{1}));
    EXPECT_TRUE(stale.peer.receive("}").starts_with("PUT /second"));
    stale.peer.close();
    ASSERT_TRUE(stale.peer.accept());
    EXPECT_TRUE(stale.peer.receive("}").ends_with(R"({"number":1})"));
    stale.peer.send(hello);
    EXPECT_EQ(stale.wire.finish(*second).body(), "hello");
}

TEST(Client, TheSecondConnectionIsTheLast) {
    Stale stale;
    auto const second = stale.wire.start(stale.wire.outbound().get(stale.peer.url("/second")));
    stale.peer.receive();
    stale.peer.close();
    ASSERT_TRUE(stale.peer.accept());
    stale.peer.receive();
    stale.peer.close();
    EXPECT_EQ(stale.wire.failure(*second)->cause, Cause::broken);
    EXPECT_TRUE(stale.peer.nobody_waits());
}

TEST(Client, APostIsNeverSentTwice) {
    Stale stale;
    auto const second = stale.wire.start(stale.wire.outbound().post(stale.peer.url("/second"), Item{1}));
    stale.peer.receive("}");
    stale.peer.close();
    EXPECT_EQ(stale.wire.failure(*second)->cause, Cause::broken);
    EXPECT_TRUE(stale.peer.nobody_waits());
}

TEST(Client, ARequestWhoseAnswerHasBegunIsNotSentAgain) {
    Stale stale;
    auto const second = stale.wire.start(stale.wire.outbound().get(stale.peer.url("/second")));
    stale.peer.receive();
    stale.peer.send("H");
    stale.peer.close();
    EXPECT_EQ(stale.wire.failure(*second)->cause, Cause::broken);
    EXPECT_TRUE(stale.peer.nobody_waits());
}

TEST(Client, AConnectionThatWasClosedWhileIdleIsNotedBeforeItIsUsed) {
    Stale stale;
    stale.peer.close();
    auto const second = stale.wire.start(stale.wire.outbound().post(stale.peer.url("/second"), Item{1}));
    ASSERT_TRUE(stale.peer.accept());
    stale.peer.receive("}");
    stale.peer.send(hello);
    EXPECT_EQ(stale.wire.finish(*second).body(), "hello");
}

TEST(Client, AnEarlyAnswerEndsTheSendingOfALongBody) {
    ClientWire wire;
    Peer peer(wire.loop);
    OutboundRequest request{.method = "POST", .url = peer.url("/")};
    request.body.resize(64 << 20);
    auto const call = wire.start(wire.outbound().send(std::move(request)));
    ASSERT_TRUE(peer.accept());
    peer.receive();
    peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(wire.finish(*call).status, 413);
    EXPECT_EQ(wire.client.connections().used(), 0U);
}

TEST(Client, ALongBodyArrivesWhole) {
    ClientWire wire;
    Peer peer(wire.loop);
    OutboundRequest request{.method = "POST", .url = peer.url("/")};
    request.body.append(std::string(4 << 20, 'x') + "!");
    auto const call = wire.start(wire.outbound().send(std::move(request)));
    ASSERT_TRUE(peer.accept());
    auto const received = peer.receive("!");
    EXPECT_EQ(received.size() - received.find("\r\n\r\n") - 4, (4U << 20) + 1);
    peer.send(hello);
    EXPECT_EQ(wire.finish(*call).status, 200);
    EXPECT_EQ(wire.client.connections().used(), 1U);
}

}  // namespace
}  // namespace brio::http
