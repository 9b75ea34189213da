#include <brio/cache/lifetime.hpp>

#include <gtest/gtest.h>

namespace brio::cache {
namespace {

using namespace std::chrono_literals;
using Time = std::chrono::nanoseconds;

constexpr Time now = 1000s;
constexpr Time never = Time::max();
constexpr auto unlucky = [] { return 0.999; };  // -ln is nearly 0: not early

Use use(const Item& item, const Lifetime& lifetime, Time at, bool holds = true) {
    return use_of(item, holds, lifetime, at, unlucky);
}

TEST(Lifetime, IsTenPercentMoreOrLess) {
    Item item;
    set_times(item, {.fresh = 100s}, now, never, 0.0);
    EXPECT_EQ(item.fresh_until, now + 90s);
    set_times(item, {.fresh = 100s}, now, never, 0.5);
    EXPECT_EQ(item.fresh_until, now + 100s);
    set_times(item, {.fresh = 100s, .jitter = 0}, now, never, 0.0);
    EXPECT_EQ(item.fresh_until, now + 100s);
}

TEST(Lifetime, EndsWithThatOfWhatItWasMadeFrom) {
    Item item;
    set_times(item, {.fresh = 100s}, now, now + 3s, 0.5);
    EXPECT_EQ(item.fresh_until, now + 3s);
    set_times(item, {.fresh = 100s}, now, now - 3s, 0.5);
    EXPECT_EQ(item.fresh_until, now);
}

TEST(Lifetime, AfterItAnItemIsStaleThenForErrorsThenNothing) {
    const Lifetime lifetime{.fresh = 100s, .stale_while_revalidate = 10s, .stale_if_error = 60s};
    Item item;
    set_times(item, lifetime, now, never, 0.5);
    EXPECT_EQ(item.stale_until, now + 160s);
    EXPECT_EQ(use(item, lifetime, now + 99s), Use::fresh);
    EXPECT_EQ(use(item, lifetime, now + 100s), Use::stale);
    EXPECT_EQ(use(item, lifetime, now + 110s), Use::on_error);
    EXPECT_EQ(use(item, lifetime, now + 160s), Use::none);
}

TEST(Lifetime, WithoutStaleTimesAnEndedItemIsNothing) {
    const Lifetime lifetime{.fresh = 100s};
    Item item;
    set_times(item, lifetime, now, never, 0.5);
    EXPECT_EQ(use(item, lifetime, now + 100s), Use::none);
    EXPECT_EQ(use(item, lifetime, now + 1s, false), Use::none);
}

TEST(Lifetime, WhatAWriteEndedIsGivenForAnErrorOrWhenAskedFor) {
    Lifetime lifetime{.fresh = 100s, .stale_while_revalidate = 10s, .stale_if_error = 60s};
    Item item;
    set_times(item, lifetime, now, never, 0.5);
    EXPECT_EQ(use(item, lifetime, now + 1s, false), Use::on_error);
    lifetime.stale_after_writes = true;
    EXPECT_EQ(use(item, lifetime, now + 1s, false), Use::stale);
}

TEST(Lifetime, WhatTakesLongIsRenewedBeforeItsEnd) {
    const Lifetime lifetime{.fresh = 100s, .jitter = 0};
    Item item;
    set_times(item, lifetime, now, never, 0.5);
    item.rebuild = 2s;
    const auto of_chance = [&](Time at, double chance) {
        return use_of(item, true, lifetime, at, [chance] { return chance; });
    };
    EXPECT_EQ(of_chance(now + 97s, 0.2), Use::early);  // 2 s × 1.6 > 3 s
    EXPECT_EQ(of_chance(now + 97s, 0.3), Use::fresh);  // 2 s × 1.2 < 3 s
    // Far from its end nobody draws lots.
    bool asked = false;
    EXPECT_EQ(use_of(item, true, lifetime, now + 10s, [&] { return asked = true, 0.0; }), Use::fresh);
    EXPECT_FALSE(asked);
}

}  // namespace
}  // namespace brio::cache
