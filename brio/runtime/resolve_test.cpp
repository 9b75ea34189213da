#include <brio/runtime/resolve.hpp>
#include <brio/runtime/run.hpp>
#include <brio/runtime/turn_harness.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace brio::runtime {
namespace {

using namespace std::chrono_literals;

// A name server that says how often it was asked.
struct Names {
    Resolver::Options options(std::size_t names = 256, std::size_t look_ups = 8) {
        return {.keep = 1000ms,
                .keep_failure = 100ms,
                .names = names,
                .look_ups = look_ups,
                .look_up = [this](const std::string& host, std::uint16_t port) {
                    ++asked;
                    return host == "nowhere" ? Resolution(std::unexpected("no such name"))
                                             : numeric_endpoint("127.0.0.1", port);
                }};
    }
    std::atomic<int> asked = 0;
};

std::string first_of(const Resolution& answer) { return answer ? text_of(answer->front()) : answer.error(); }

struct Asking {
    explicit Asking(Loop& loop, Async<Resolution> asks) : answer(std::move(asks)) {
        work.loop = &loop;
        answer.start(work, [](void*) {}, nullptr);
    }
    Work work;
    Async<Resolution> answer;
};

TEST(Resolve, NumericAddressesAreNotLookedUp) {
    Names names;
    Loop loop(Loop::Time::manual);
    OffloadPool pool({.threads = 1});
    Resolver resolver(loop, pool, names.options());
    EXPECT_EQ(first_of(run(loop, resolver.resolve("10.1.2.3", 80))), "10.1.2.3:80");
    EXPECT_EQ(first_of(run(loop, resolver.resolve("::1", 443))), "[::1]:443");
    EXPECT_EQ(names.asked, 0);
}

TEST(Resolve, AnAnswerIsKeptForItsTime) {
    Names names;
    Loop loop(Loop::Time::manual);
    OffloadPool pool({.threads = 1});
    Resolver resolver(loop, pool, names.options());
    loop.advance(1ms);
    EXPECT_EQ(first_of(run(loop, resolver.resolve("somewhere", 80))), "127.0.0.1:80");
    loop.advance(999ms);
    run(loop, resolver.resolve("somewhere", 80));
    EXPECT_EQ(names.asked, 1);
    loop.advance(1ms);
    run(loop, resolver.resolve("somewhere", 80));
    EXPECT_EQ(names.asked, 2);
}

TEST(Resolve, AFailureIsKeptForAShorterTime) {
    Names names;
    Loop loop(Loop::Time::manual);
    OffloadPool pool({.threads = 1});
    Resolver resolver(loop, pool, names.options());
    EXPECT_EQ(first_of(run(loop, resolver.resolve("nowhere", 80))), "no such name");
    loop.advance(99ms);
    run(loop, resolver.resolve("nowhere", 80));
    EXPECT_EQ(names.asked, 1);
    loop.advance(1ms);
    run(loop, resolver.resolve("nowhere", 80));
    EXPECT_EQ(names.asked, 2);
}

TEST(Resolve, WhoAsksForANameUnderWayWaitsForTheSameAnswer) {
    Names names;
    Loop loop(Loop::Time::manual);
    OffloadPool pool({.threads = 1});
    Resolver resolver(loop, pool, names.options());
    Asking const one(loop, resolver.resolve("somewhere", 80));
    Asking const two(loop, resolver.resolve("somewhere", 80));
    EXPECT_TRUE(test::turn_until(loop, [&] { return one.answer.has_ended() && two.answer.has_ended(); }));
    EXPECT_EQ(names.asked, 1);
}

TEST(Resolve, AStoppedWaitEndsAtOnceAndTheAnswerIsKept) {
    Loop loop(Loop::Time::manual);
    OffloadPool pool({.threads = 1});
    std::latch go(1);
    std::atomic<int> asked = 0;
    Resolver resolver(loop, pool, {.look_up = [&](const std::string&, std::uint16_t port) {
                          go.wait();
                          ++asked;
                          return numeric_endpoint("127.0.0.1", port);
                      }});
    Asking stopped(loop, resolver.resolve("somewhere", 80));
    stopped.work.stop(StopReason::deadline);
    EXPECT_TRUE(stopped.answer.has_ended());
    EXPECT_THROW(stopped.answer.result(), Cancelled);
    go.count_down();
    EXPECT_EQ(first_of(run(loop, resolver.resolve("somewhere", 80))), "127.0.0.1:80");
    EXPECT_EQ(asked, 1);
}

TEST(Resolve, LookUpsAndNamesAreBounded) {
    Names names;
    Loop loop(Loop::Time::manual);
    OffloadPool pool({.threads = 1});
    Resolver resolver(loop, pool, names.options(2, 1));
    Asking const one(loop, resolver.resolve("a", 80));
    EXPECT_EQ(first_of(run(loop, resolver.resolve("b", 80))), "too many names are being looked up");
    EXPECT_TRUE(test::turn_until(loop, [&] { return one.answer.has_ended(); }));
    for (auto const* name : {"c", "d", "e"}) {
        EXPECT_EQ(first_of(run(loop, resolver.resolve(name, 80))), "127.0.0.1:80");
    }
    EXPECT_EQ(resolver.kept(), 2U);
}

TEST(Resolve, TheSystemKnowsLocalhost) {
    auto const answer = look_up("localhost", 80);
    ASSERT_TRUE(answer) << answer.error();
    EXPECT_FALSE(answer->empty());
}

}  // namespace
}  // namespace brio::runtime
