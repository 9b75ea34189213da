// The client's time-outs, bounds and what it tells the other side; and against this library's own server.
#include <brio/http/client_harness.hpp>
#include <brio/http/wire_harness.hpp>
#include <brio/runtime/within.hpp>

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
    std::string word;
};

std::string field(std::string_view request, std::string_view name) {
    auto const line = "\r\n" + std::string(name) + ": ";
    auto const at = request.find(line);
    return at == std::string_view::npos
               ? "(absent)"
               : std::string(
                     request.substr(at + line.size(), request.find("\r\n", at + 2) - at - line.size()));
}

TEST(Client, ATimeOutSaysWhatWasWaitedForAndClosesTheConnection) {
    ClientWire wire;
    Peer peer(wire.loop);
    auto const call = wire.start(wire.outbound().get(peer.url("/slow"), {.timeout = 200ms}));
    ASSERT_TRUE(peer.accept());
    peer.receive();
    peer.send("HTTP/1.1 200 OK\r\n");
    wire.loop.advance(199ms);
    EXPECT_FALSE(call->has_ended());
    wire.loop.advance(1ms);
    auto const failed = wire.failure(*call);
    ASSERT_TRUE(failed);
    EXPECT_EQ(failed->cause, Cause::timeout);
    EXPECT_EQ(std::string(failed->what()),
              "GET " + peer.url("/slow") +
                  " failed: no answer within 200ms, ended while reading the answer of " + peer.authority());
    EXPECT_TRUE(peer.sees_end());
    EXPECT_EQ(wire.client.connections().used(), 0U);
    EXPECT_EQ(wire.loop.timer_count(), 0U);
}

TEST(Client, AStopOfTheWorkIsCancelledAndClosesTheConnection) {
    for (auto const reason : {runtime::StopReason::deadline, runtime::StopReason::disconnected}) {
        ClientWire wire;
        Peer peer(wire.loop);
        auto const call = wire.start(wire.outbound().get(peer.url("/")));
        ASSERT_TRUE(peer.accept());
        peer.receive();
        call->work.stop(reason);
        EXPECT_TRUE(call->has_ended());
        EXPECT_THROW(call->answer.result(), runtime::Cancelled);
        EXPECT_TRUE(peer.sees_end());
        EXPECT_EQ(wire.client.connections().used(), 0U);
    }
}

TEST(Client, AnAbandonedRequestGivesItsConnectionBack) {
    ClientWire wire;
    Peer peer(wire.loop);
    auto call = wire.start(wire.outbound().get(peer.url("/")));
    ASSERT_TRUE(peer.accept());
    call.reset();
    EXPECT_TRUE(peer.sees_end());
    EXPECT_EQ(wire.client.connections().used(), 0U);
}

TEST(Client, TheOtherSideIsToldWhatIsLeftOfTheDeadline) {
    ClientWire wire;
    Peer peer(wire.loop);
    auto const by_deadline = wire.start(wire.outbound().get(peer.url("/")), wire.loop.now() + 1500ms);
    ASSERT_TRUE(peer.accept());
    EXPECT_EQ(field(peer.receive(), "X-Request-Timeout-Ms"), "1500");
    auto const by_timeout =
        wire.start(wire.outbound().get(peer.url("/"), {.timeout = 700ms}), wire.loop.now() + 1500ms);
    ASSERT_TRUE(peer.accept());
    EXPECT_EQ(field(peer.receive(), "X-Request-Timeout-Ms"), "700");
}

TEST(Client, TheTimeIsChargedToOutbound) {
    ClientWire wire;
    Peer peer(wire.loop);
    auto const call = wire.start(wire.outbound().get(peer.url("/")));
    EXPECT_EQ(call->ledger.current(), ledger::Phase::outbound);
    ASSERT_TRUE(peer.accept());
    peer.receive();
    peer.send(hello);
    wire.finish(*call);
    EXPECT_EQ(call->ledger.current(), ledger::Phase::handler);
    EXPECT_GT(call->ledger.ticks_of(ledger::Phase::outbound), 0U);
}

TEST(Client, TheIdAndTheTraceAreForwarded) {
    ClientWire wire;
    Peer peer(wire.loop);
    TraceContext const trace{.trace_high = 1, .trace_low = 2, .span = 3, .flags = 1};
    Outbound const outbound(wire.client, wire.offload,
                            {.request_id = "request-7", .trace = trace, .trace_state = "a=1,b=2"});
    auto const call = wire.start(outbound.get(peer.url("/")));
    ASSERT_TRUE(peer.accept());
    auto const request = peer.receive();
    EXPECT_EQ(field(request, "tracestate"), "a=1,b=2");
    EXPECT_EQ(field(request, "X-Request-ID"), "request-7");
    auto const told = parse_traceparent(field(request, "traceparent"));
    ASSERT_TRUE(told);
    EXPECT_EQ(*told, trace) << "the span that is told of is the parent of the other side's";
}

TEST(Client, WhoComesWhenAllConnectionsOfAHostAreInUseWaits) {
    ClientWire wire({.connections_per_host = 1});
    Peer peer(wire.loop);
    auto const first = wire.start(wire.outbound().get(peer.url("/1")));
    auto const second = wire.start(wire.outbound().get(peer.url("/2")));
    auto const third = wire.start(wire.outbound().get(peer.url("/3")));
    EXPECT_EQ(wire.client.waiting().used(), 2U);
    ASSERT_TRUE(peer.accept());
    for (auto const* call : {first.get(), second.get(), third.get()}) {
        EXPECT_FALSE(call->has_ended());
        peer.receive();
        peer.send(hello);
        wire.turn();
        EXPECT_TRUE(call->has_ended());
    }
    EXPECT_TRUE(peer.nobody_waits());
    EXPECT_EQ(wire.client.waiting().used(), 0U);
}

TEST(Client, AWaitingRequestGetsItsTurnWhenTheOneBeforeFails) {
    ClientWire wire({.connections_per_host = 1});
    Peer peer(wire.loop);
    auto const first = wire.start(wire.outbound().get(peer.url("/1")));
    auto const second = wire.start(wire.outbound().get(peer.url("/2")));
    auto const third = wire.start(wire.outbound().get(peer.url("/3"), {.timeout = 100ms}));
    wire.loop.advance(100ms);
    EXPECT_EQ(wire.failure(*third)->cause, Cause::timeout);
    ASSERT_TRUE(peer.accept());
    peer.receive();
    peer.close();
    EXPECT_EQ(wire.failure(*first)->cause, Cause::broken);
    ASSERT_TRUE(peer.accept());
    EXPECT_TRUE(peer.receive().starts_with("GET /2"));
    peer.send(hello);
    EXPECT_EQ(wire.finish(*second).status, 200);
}

TEST(Client, TooManyWaitingRequestsAreRefused) {
    ClientWire wire({.connections_per_host = 1, .waiting = 1});
    Peer peer(wire.loop);
    auto const first = wire.start(wire.outbound().get(peer.url("/1")));
    auto const second = wire.start(wire.outbound().get(peer.url("/2")));
    auto const failed = wire.failure(*wire.start(wire.outbound().get(peer.url("/3"))));
    ASSERT_TRUE(failed);
    EXPECT_EQ(failed->cause, Cause::overload);
    EXPECT_NE(std::string_view(failed->what()).find("outbound_waiting is full"), std::string_view::npos);
}

TEST(Client, AnIdleConnectionMakesRoomForAnotherHost) {
    ClientWire wire({.connections = 1});
    Peer one(wire.loop);
    Peer other(wire.loop);
    auto const first = wire.start(wire.outbound().get(one.url("/")));
    ASSERT_TRUE(one.accept());
    one.receive();
    auto const refused = wire.failure(*wire.start(wire.outbound().get(other.url("/"))));
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->cause, Cause::overload);
    one.send(hello);
    wire.finish(*first);
    auto const second = wire.start(wire.outbound().get(other.url("/")));
    ASSERT_TRUE(other.accept());
    EXPECT_TRUE(one.sees_end());
    other.receive();
    other.send(hello);
    EXPECT_EQ(wire.finish(*second).status, 200);
    EXPECT_EQ(wire.client.connections().used(), 1U);
}

TEST(Client, AConnectionThatIsNotUsedIsClosedAfterTheIdleTime) {
    ClientWire wire({.idle = 1000ms});
    Peer peer(wire.loop);
    auto const call = wire.start(wire.outbound().get(peer.url("/")));
    ASSERT_TRUE(peer.accept());
    peer.receive();
    peer.send(hello);
    wire.finish(*call);
    wire.loop.advance(999ms);
    EXPECT_EQ(wire.pool().idle(), 1U);
    wire.loop.advance(1ms);
    EXPECT_EQ(wire.pool().open(), 0U);
    EXPECT_TRUE(peer.sees_end());
    EXPECT_EQ(wire.loop.timer_count(), 0U);
}

TEST(Client, WithARetryBudgetARefusedRequestIsTriedThreeTimes) {
    ClientWire wire({.retry_budget = 2, .retry_delay = 50ms});
    Peer peer(wire.loop);
    auto const call = wire.start(wire.outbound().get(peer.url("/")));
    for (int attempts = 0; attempts < 3; ++attempts) {
        EXPECT_FALSE(call->has_ended());
        ASSERT_TRUE(peer.accept());
        peer.receive();
        peer.close();
        wire.turn();
        wire.loop.advance(150ms);
    }
    EXPECT_EQ(wire.failure(*call)->cause, Cause::broken);
    EXPECT_TRUE(peer.nobody_waits());
}

TEST(Client, RetriesOfADependencyThatIsDownStayWithinTheirBudget) {
    ClientWire wire({.retry_budget = 0.1, .retry_delay = 50ms});
    Peer peer(wire.loop);
    constexpr int requests = 300;
    int attempts = 0;
    for (int i = 0; i < requests; ++i) {
        auto const call = wire.start(wire.outbound().get(peer.url("/")));
        while (!call->has_ended()) {
            if (peer.accept()) {
                ++attempts;
                peer.receive();
                peer.close();
            }
            wire.turn();
            wire.loop.advance(150ms);
        }
        EXPECT_EQ(wire.failure(*call)->cause, Cause::broken);
    }
    EXPECT_GT(attempts, requests);
    EXPECT_LE(attempts, requests * 12 / 10);
}

TEST(Client, ARedirectIsAnAnswerUnlessItIsToBeFollowed) {
    ClientWire wire;
    Peer peer(wire.loop);
    auto const call = wire.start(wire.outbound().get(peer.url("/a/b")));
    ASSERT_TRUE(peer.accept());
    peer.receive();
    peer.send("HTTP/1.1 302 Found\r\nLocation: ../c?d\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(wire.finish(*call).status, 302);
    auto const followed = wire.start(wire.outbound().post(peer.url("/a/b"), Item{}, {.redirects = 1}));
    peer.receive("}");
    peer.send("HTTP/1.1 302 Found\r\nLocation: ../c?d\r\nContent-Length: 0\r\n\r\n");
    auto const request = peer.receive();
    EXPECT_TRUE(request.starts_with("GET /c?d HTTP/1.1\r\n")) << request;
    EXPECT_EQ(field(request, "Content-Type"), "(absent)");
    peer.send("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n");
    auto const answer = wire.finish(*followed);
    EXPECT_EQ(answer.status, 302);
    EXPECT_EQ(answer.url, peer.url("/c?d"));
}

TEST(Client, CredentialsAreNotTakenToAnotherOrigin) {
    ClientWire wire;
    Peer one(wire.loop);
    Peer other(wire.loop);
    auto const call = wire.start(wire.outbound().get(
        one.url("/"), {.headers = {{"Authorization", "Bearer secret"}, {"X-Word", "kept"}}, .redirects = 2}));
    ASSERT_TRUE(one.accept());
    EXPECT_EQ(field(one.receive(), "Authorization"), "Bearer secret");
    one.send("HTTP/1.1 307 Moved\r\nLocation: " + other.url("/x") + "\r\nContent-Length: 0\r\n\r\n");
    ASSERT_TRUE(other.accept());
    auto const request = other.receive();
    EXPECT_EQ(field(request, "Authorization"), "(absent)");
    EXPECT_EQ(field(request, "X-Word"), "kept");
}

TEST(Client, AnUnusableRequestIsRefusedBeforeAnythingIsSent) {
    ClientWire wire;
    Peer peer(wire.loop);
    EXPECT_THROW(wire.ask(wire.outbound().get("ftp://a/")), std::invalid_argument);
    EXPECT_THROW(wire.ask(wire.outbound().get(peer.url("/a b"))), std::invalid_argument);
    EXPECT_THROW(wire.ask(wire.outbound().get(peer.url("/"), {.headers = {{"A", "b\r\nC: d"}}})),
                 std::invalid_argument);
    EXPECT_THROW(
        wire.ask(wire.outbound().get(peer.url("/"), {.headers = {{"Transfer-Encoding", "chunked"}}})),
        std::invalid_argument);
    EXPECT_TRUE(peer.nobody_waits());
}

TEST(Client, AnAnswerIsReadAsAStructOrSaysWhyNot) {
    ClientWire wire;
    Peer peer(wire.loop);
    auto const ask = [&](std::string_view status, std::string_view body) {
        auto const call = wire.start(wire.outbound().get(peer.url("/item?secret")));
        EXPECT_TRUE(peer.accept());
        peer.receive();
        peer.send("HTTP/1.1 " + std::string(status) + "\r\nConnection: close\r\nContent-Length: " +
                  std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
        return wire.finish(*call);
    };
    EXPECT_EQ(ask("200 OK", R"({"number":7,"word":"seven"})").as<Item>().word, "seven");
    try {
        static_cast<void>(ask("200 OK", R"({"number":"x"})").as<Item>());
        FAIL() << "the body is no Item";
    } catch (const OutboundFailed& failed) {
        EXPECT_EQ(failed.cause, Cause::content);
        EXPECT_NE(std::string_view(failed.what()).find("number"), std::string_view::npos) << failed.what();
        EXPECT_EQ(std::string_view(failed.what()).find("secret"), std::string_view::npos) << failed.what();
    }
    EXPECT_THROW(static_cast<void>(ask("404 Not Found", R"({"number":7,"word":"x"})").as<Item>()),
                 OutboundFailed);
}

Item echo_item(Body<Item> item) { return *item; }
Async<Item> relay(Request request, Outbound outbound) {
    auto const port = request.header("X-Port").value_or("0");
    auto const answer =
        co_await outbound.post("http://127.0.0.1:" + std::string(port) + "/echo", Item{7, "relayed"});
    co_return answer.as<Item>();
}
void routes(Router& router) {
    router.post<"/echo">(echo_item);
    router.get<"/relay">(relay);
}

// One loop serves and asks, over one listener.
struct Program {
    ClientWire wire;
    metrics::Registry registry;
    metrics::Seat seat{registry};
    Router router;
    Services services;
    runtime::File listener = runtime::listen_on({"127.0.0.1", 0});
    std::unique_ptr<Server> server;
    std::unique_ptr<ServerLoop> on_loop;

    Program() {
        routes(router);
        services.add(wire.client);
        services.add(wire.offload);
        server = std::make_unique<Server>(
            ServerOptions{}, Server::Parts{.router = router, .services = services, .registry = registry});
        on_loop = std::make_unique<ServerLoop>(*server, wire.loop, seat.shard(), listener.fd());
    }
    std::string url(std::string_view target) const {
        return "http://127.0.0.1:" + std::to_string(runtime::port_of(listener)) + std::string(target);
    }
};

TEST(Client, TalksToThisServerOverOneConnection) {
    Program program;
    for (int i = 0; i < 20; ++i) {
        auto const answer =
            program.wire.ask(program.wire.outbound().post(program.url("/echo"), Item{i, "word"}));
        EXPECT_EQ(answer.as<Item>().number, i);
    }
    EXPECT_EQ(program.on_loop->connection_count(), 1U);
    EXPECT_EQ(program.wire.ask(program.wire.outbound().head(program.url("/echo"))).status, 405);
    EXPECT_EQ(program.wire.ask(program.wire.outbound().get(program.url("/nowhere"))).status, 404);
    EXPECT_EQ(program.on_loop->connection_count(), 1U);
}

TEST(Client, AHandlerAsksThroughItsParameter) {
    Program program;
    auto const port = std::to_string(runtime::port_of(program.listener));
    auto const answer =
        program.wire.ask(program.wire.outbound().get(program.url("/relay"), {.headers = {{"X-Port", port}}}));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.as<Item>().word, "relayed");
    EXPECT_EQ(
        program.wire.ask(program.wire.outbound().get(program.url("/relay"), {.headers = {{"X-Port", "1"}}}))
            .status,
        503);
}

}  // namespace
}  // namespace brio::http
