#include <brio/ledger/spans.hpp>

#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>
#include <brio/http/traceparent.hpp>
#include <brio/http/wire_harness.hpp>
#include <brio/metrics/value_harness.hpp>

#include <gtest/gtest.h>

namespace brio::http {
namespace {

using namespace std::chrono_literals;
using test::status_of;
using test::Wire;

constexpr std::string_view sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr std::string_view unsampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

constexpr auto writing_goal = 50ms;

void routes(Router& router) {
    router.get<"/fast/{n}">(+[](Path<"n", std::uint64_t>) { return std::string("done"); });
    router.get<"/large">(+[] { return std::string(1'000'000, 'x'); }, {.goal = writing_goal});
    router.get<"/slow">(+[] { return std::string("done"); }, {.goal = 1ns});
    router.get<"/broken">(+[]() -> std::string { throw std::runtime_error("broken"); });
}

struct Spans : testing::Test {
    Spans() {
        wire.on_loop.reset();
        wire.server = std::make_unique<Server>(ServerOptions{}, Server::Parts{.router = wire.router,
                                                                              .services = wire.services,
                                                                              .registry = wire.registry,
                                                                              .metrics = &metrics,
                                                                              .middlewares = {measure()},
                                                                              .spans = &spans});
        wire.on_loop = std::make_unique<ServerLoop>(*wire.server, wire.loop, wire.registry.here(), -1);
    }
    std::string ask(std::string_view path, std::string_view more = "") {
        return wire.ask(concat({"GET ", path, " HTTP/1.1\r\nHost: a\r\n", more, "\r\n"}));
    }
    static std::string traced(std::string_view parent, std::string_view more = "") {
        return concat({"traceparent: ", parent, "\r\n", more});
    }
    Wire wire{routes};
    ledger::RequestMetrics metrics{wire.registry};
    ledger::SpanQueue spans{16, wire.registry};
};

TEST_F(Spans, ASampledRequestIsOneWithinItsParent) {
    ask("/fast/7?secret=1", traced(sampled, "tracestate: a=1\r\nX-Request-ID: r-1\r\n"));
    const auto made = spans.take(9);
    ASSERT_EQ(made.size(), 1U);
    const auto& span = made[0];
    EXPECT_EQ(span.trace_high, 0x0af7651916cd43ddU);
    EXPECT_EQ(span.trace_low, 0x8448eb211c80319cU);
    EXPECT_EQ(span.parent, 0xb7ad6b7169203331U);
    EXPECT_NE(span.id, span.parent);
    EXPECT_TRUE(span.is_sampled);
    EXPECT_EQ(span.state, "a=1");
    EXPECT_EQ(span.method, "GET");
    EXPECT_EQ(span.name, "/fast/{n}");
    EXPECT_EQ(span.target, "/fast/7");
    EXPECT_EQ(span.own_id, "r-1");
    EXPECT_EQ(span.status, 200);
    EXPECT_FALSE(span.why);
    EXPECT_GT(span.took_ns, 0U);
}

TEST_F(Spans, OneThatIsNeitherSampledNorOfNoteIsNone) {
    ask("/fast/7");
    ask("/fast/7", traced(unsampled));
    EXPECT_TRUE(spans.take(9).empty());
}

TEST_F(Spans, OneOverItsGoalIsOneWhateverItsTraceSays) {
    ask("/slow", traced(unsampled));
    ask("/slow");
    const auto made = spans.take(9);
    ASSERT_EQ(made.size(), 2U);
    EXPECT_EQ(made[0].parent, 0xb7ad6b7169203331U);
    EXPECT_FALSE(made[0].is_sampled);
    EXPECT_EQ(made[0].why, ledger::SlowWhy::slow);
    EXPECT_EQ(made[1].parent, 0U);
    EXPECT_TRUE(made[1].trace_low != 0 || made[1].trace_high != 0) << "a trace of its own";
}

TEST_F(Spans, ALongPathIsCut) {
    ask(concat({"/fast/", std::string(4000, '7')}), traced(sampled));
    const auto made = spans.take(9);
    ASSERT_EQ(made.size(), 1U);
    EXPECT_EQ(made[0].target.size(), ledger::Span::most_path);
}

TEST_F(Spans, OneThatFindsNoRoomIsDroppedOnce) {
    for (int i = 0; i < 18; ++i) {
        ask("/slow");
    }
    EXPECT_EQ(metrics::test::value_of(wire.registry, "spans_total", "dropped"), 2);
    EXPECT_EQ(spans.take(99).size(), 16U);
}

// With the log off, as here, nothing else of it is known.
TEST_F(Spans, OneThatIsSlowOnlyInItsWritingStaysWithinItsParent) {
    const auto client = wire.connect(4096);
    wire.send(client, concat({"GET /large HTTP/1.1\r\nHost: a\r\n", traced(unsampled), "\r\n"}));
    for (const auto begun = monotonic_now(); monotonic_now() - begun <= writing_goal;) {
    }
    wire.receive(client);
    const auto made = spans.take(9);
    ASSERT_EQ(made.size(), 1U);
    EXPECT_EQ(made[0].why, ledger::SlowWhy::slow);
    EXPECT_EQ(made[0].trace_high, 0x0af7651916cd43ddU);
    EXPECT_EQ(made[0].trace_low, 0x8448eb211c80319cU);
    EXPECT_EQ(made[0].parent, 0xb7ad6b7169203331U);
}

TEST_F(Spans, OneThatFailedIsOne) {
    ask("/broken");
    const auto made = spans.take(9);
    ASSERT_EQ(made.size(), 1U);
    EXPECT_EQ(made[0].why, ledger::SlowWhy::failed);
    EXPECT_EQ(made[0].status, 500);
}

}  // namespace
}  // namespace brio::http
