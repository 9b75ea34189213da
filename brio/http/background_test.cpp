#include <brio/http/background.hpp>

#include <gtest/gtest.h>

#include <brio/http/wire_harness.hpp>

namespace brio::http::test {
namespace {

struct Seen {
    std::vector<std::string> begun;
    std::vector<std::string> ended;
    int stopped = 0;
    bool accepted = false;
};
Seen seen;

struct NoteStop {
    bool done = false;
    ~NoteStop() { seen.stopped += done ? 0 : 1; }
};

Async<int> repeat_slowly(std::string target) {
    NoteStop note;
    seen.begun.push_back(target);
    co_await runtime::sleep_for(std::chrono::milliseconds(100));
    seen.ended.push_back(target);
    note.done = true;
    co_return 1;
}

void again(Exchange& exchange) {
    exchange.run(
        repeat_slowly(std::string(exchange.head.target()) + " " + std::string(exchange.path_values[0])),
        [](Exchange& ended) { ended.take_result<int>(); });
}

void throw_at_once(Exchange&) {
    ++seen.stopped;
    throw std::runtime_error("not this time");
}

int handler(Path<"id", int>, Request request) {
    seen.accepted = call_in_background(request.exchange(), &again);
    return 1;
}
int failing(Request request) {
    seen.accepted = call_in_background(request.exchange(), &throw_at_once);
    return 1;
}
int within(Request request) {
    seen.accepted = call_in_background(request.exchange(), [](Exchange& exchange) {
        seen.stopped = call_in_background(exchange, &again) ? 1 : 2;
    });
    return 1;
}

void routes(Router& api) {
    api.get<"/things/{id}">(handler, {.deadline = std::chrono::milliseconds(500)});
    api.get<"/hasty/{id}">(handler, {.deadline = std::chrono::milliseconds(50)});
    api.get<"/failing">(failing);
    api.get<"/within">(within);
}

class BackgroundCalls : public testing::Test {
protected:
    BackgroundCalls() { seen = {}; }
    Wire wire{&routes, {.has_deadlines = true, .background_calls = 2}};
};

constexpr std::string_view get_things = "GET /things/7?a=b HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(BackgroundCalls, GoOnAfterTheAnswerWithTheSameRequest) {
    EXPECT_EQ(status_of(wire.ask(get_things)), 200);
    EXPECT_TRUE(seen.accepted);
    EXPECT_EQ(seen.begun, std::vector<std::string>{"/things/7?a=b 7"});
    EXPECT_TRUE(seen.ended.empty());
    wire.loop.advance(std::chrono::milliseconds(100));
    wire.turn();
    EXPECT_EQ(seen.ended, std::vector<std::string>{"/things/7?a=b 7"});
    EXPECT_FALSE(wire.on_loop->has_background_calls());
    EXPECT_EQ(wire.server->background_calls().used(), 0u);
}

TEST_F(BackgroundCalls, OutliveTheirConnection) {
    auto const client = wire.connect();
    wire.send(client, "GET /things/7 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(status_of(wire.receive(client)), 200);
    ::shutdown(client, SHUT_RDWR);
    wire.turn();
    EXPECT_EQ(wire.on_loop->connection_count(), 0u);
    wire.loop.advance(std::chrono::milliseconds(100));
    wire.turn();
    EXPECT_EQ(seen.ended, std::vector<std::string>{"/things/7 7"});
}

TEST_F(BackgroundCalls, AreBounded) {
    wire.ask(get_things);
    wire.ask(get_things);
    wire.ask(get_things);
    EXPECT_FALSE(seen.accepted);
    EXPECT_EQ(seen.begun.size(), 2u);
    EXPECT_EQ(wire.server->background_calls().refused(), 1u);
}

TEST_F(BackgroundCalls, EndAtTheirRoutesDeadline) {
    wire.ask("GET /hasty/7 HTTP/1.1\r\nHost: x\r\n\r\n");
    wire.loop.advance(std::chrono::milliseconds(50));
    wire.turn();
    EXPECT_EQ(seen.stopped, 1);
    EXPECT_TRUE(seen.ended.empty());
    EXPECT_FALSE(wire.on_loop->has_background_calls());
}

TEST_F(BackgroundCalls, AreStoppedByADrain) {
    wire.ask(get_things);
    wire.on_loop->drain();
    wire.turn();
    EXPECT_EQ(seen.stopped, 1);
    EXPECT_FALSE(wire.on_loop->has_background_calls());
}

TEST_F(BackgroundCalls, ThatThrowAreOver) {
    EXPECT_EQ(status_of(wire.ask("GET /failing HTTP/1.1\r\nHost: x\r\n\r\n")), 200);
    EXPECT_TRUE(seen.accepted);
    EXPECT_EQ(seen.stopped, 1);
    EXPECT_FALSE(wire.on_loop->has_background_calls());
}

TEST_F(BackgroundCalls, BeginNoOthers) {
    wire.ask("GET /within HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(seen.accepted);
    EXPECT_EQ(seen.stopped, 2);
    EXPECT_TRUE(seen.begun.empty());
}

}  // namespace
}  // namespace brio::http::test
