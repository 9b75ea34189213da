#include <brio/redis/breaker.hpp>

#include <gtest/gtest.h>

namespace brio::redis {
namespace {

using namespace std::chrono_literals;
using State = Breaker::State;

struct Fixture {
    void fail(int times) {
        for (int i = 0; i < times; ++i) {
            breaker.failed(now, random);
        }
    }
    std::chrono::nanoseconds now = 10s;
    Random random{1};
    Breaker breaker{{.failures = 3, .pauses = {.first = 100ms, .longest = 500ms}}};
};

TEST(Breaker, OpensAfterFailuresInARow) {
    Fixture fixture;
    fixture.fail(2);
    EXPECT_TRUE(fixture.breaker.lets_through());
    fixture.breaker.succeeded();
    fixture.fail(2);
    EXPECT_TRUE(fixture.breaker.lets_through());
    fixture.fail(1);
    EXPECT_EQ(fixture.breaker.state(), State::open);
}

TEST(Breaker, IsProbedAfterItsPauseOnly) {
    Fixture fixture;
    fixture.breaker.trip(fixture.now, fixture.random);
    EXPECT_FALSE(fixture.breaker.begin_probe(fixture.now));
    EXPECT_TRUE(fixture.breaker.begin_probe(fixture.breaker.probe_at()));
    EXPECT_EQ(fixture.breaker.state(), State::half_open);
    EXPECT_FALSE(fixture.breaker.lets_through());
    EXPECT_FALSE(fixture.breaker.begin_probe(fixture.now + 1h));
}

TEST(Breaker, AProbeThatSucceedsCloses) {
    Fixture fixture;
    fixture.fail(3);
    fixture.breaker.begin_probe(fixture.breaker.probe_at());
    fixture.breaker.probe_succeeded();
    EXPECT_TRUE(fixture.breaker.lets_through());
    fixture.fail(2);
    EXPECT_TRUE(fixture.breaker.lets_through()) << "it counts from the start again";
}

TEST(Breaker, PausesGrowToTheLongestAndAreJittered) {
    Fixture fixture;
    fixture.breaker.trip(fixture.now, fixture.random);
    for (const auto whole : {100ms, 200ms, 400ms, 500ms, 500ms}) {
        const auto pause = fixture.breaker.probe_at() - fixture.now;
        EXPECT_GE(pause, whole / 2);
        EXPECT_LE(pause, whole);
        fixture.now = fixture.breaker.probe_at();
        ASSERT_TRUE(fixture.breaker.begin_probe(fixture.now));
        fixture.breaker.probe_failed(fixture.now, fixture.random);
    }
}

TEST(Breaker, WhatFailsLateDoesNotProlongThePause) {
    Fixture fixture;
    fixture.fail(3);
    const auto probe_at = fixture.breaker.probe_at();
    fixture.now += 10ms;
    fixture.fail(10);
    fixture.breaker.trip(fixture.now, fixture.random);
    EXPECT_EQ(fixture.breaker.probe_at(), probe_at);
}

TEST(Breaker, AnAnswerToWhatWasSentBeforeDoesNotClose) {
    Fixture fixture;
    fixture.fail(3);
    fixture.breaker.succeeded();
    EXPECT_EQ(fixture.breaker.state(), State::open);
}

}  // namespace
}  // namespace brio::redis
