#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/offload.hpp>
#include <brio/runtime/profile.hpp>
#include <brio/runtime/run.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/runtime/within.hpp>

#include <gtest/gtest.h>

#include <map>
#include <stdexcept>
#include <thread>

namespace brio::runtime {
namespace {

using namespace std::chrono_literals;

struct Counted {
    std::uint64_t outermost = 0;
    std::uint64_t calls = 0;
    std::uint64_t total_ns = 0;
    std::uint64_t self_ns = 0;
    std::uint64_t rest_ns = 0;
};

void spin(std::chrono::microseconds time) {
    const auto end = monotonic_now() + time;
    while (monotonic_now() < end) {
    }
}

class Profile : public testing::Test {
protected:
    /// Each figure was rounded down to nanoseconds by itself.
    static void expect_sum(std::uint64_t one, std::uint64_t other, std::uint64_t sum) {
        EXPECT_LE(one + other, sum);
        EXPECT_GE(one + other + 2, sum);
    }
    std::map<std::string, Counted> counted() {
        std::map<std::string, Counted> all;
        registry.visit([&](const metrics::FamilyView& family) {
            for (const auto& series : family.series) {
                auto& each = all[series.values[0]];
                if (family.spec.name == "profile_scope_seconds") {
                    each.outermost = series.count;
                    each.total_ns = series.sum_ns;
                } else if (family.spec.name == "profile_scope_self_seconds") {
                    each.calls = series.count;
                    each.self_ns = series.sum_ns;
                } else if (family.spec.name == "profile_scope_rest_seconds") {
                    each.rest_ns = series.sum_ns;
                }
            }
        });
        return all;
    }

    metrics::Registry registry;
    ProfileScopes scopes{registry};
    Loop loop;
};

void descend(int depth) {
    const auto scope = profile("descend");
    if (depth > 0) {
        descend(depth - 1);
    }
    spin(100us);
}

Async<void> inner_and_sleep(Nanoseconds time) {
    const auto scope = profile("inner");
    co_await sleep_for(time);
}
Async<void> outer(Nanoseconds time) {
    const auto scope = profile("outer");
    spin(1ms);
    co_await inner_and_sleep(time);
}

TEST_F(Profile, AnInnerScopeIsNotInTheSelfOfItsOuterOne) {
    {
        const auto one = profile("one");
        spin(1ms);
        const auto two = profile("two");
        spin(2ms);
    }
    const auto all = counted();
    expect_sum(all.at("one").self_ns, all.at("two").total_ns, all.at("one").total_ns);
    EXPECT_GE(all.at("two").self_ns, 2'000'000U);
    EXPECT_EQ(all.at("one").rest_ns, 0U);
}

TEST_F(Profile, RecursionIsCountedOnceInTheTotalAndEachTimeInTheCalls) {
    descend(4);
    const auto each = counted().at("descend");
    EXPECT_EQ(each.calls, 5U);
    EXPECT_EQ(each.outermost, 1U);
    EXPECT_GE(each.total_ns, 500'000U);
    EXPECT_NEAR(static_cast<double>(each.self_ns), static_cast<double>(each.total_ns), 10.0);
}

TEST_F(Profile, AThrowClosesTheScope) {
    try {
        const auto scope = profile("throwing");
        throw std::runtime_error("on purpose");
    } catch (const std::runtime_error&) {
    }
    const auto after = profile("after");
    EXPECT_EQ(counted().at("throwing").calls, 1U);
}

TEST_F(Profile, ASuspendedScopeRestsAndIsNotTheOuterOneOfOthers) {
    run(loop, []() -> Async<void> {
        co_await when_all(
            []() -> Async<int> {
                co_await outer(20ms);
                co_return 1;
            }(),
            []() -> Async<int> {
                const auto scope = profile("beside");
                spin(5ms);
                co_return 2;
            }());
    }());
    const auto all = counted();
    expect_sum(all.at("outer").self_ns, all.at("inner").total_ns, all.at("outer").total_ns);
    EXPECT_GE(all.at("inner").rest_ns, 15'000'000U);
    EXPECT_LE(all.at("inner").rest_ns, all.at("inner").total_ns);
    EXPECT_GE(all.at("outer").total_ns - all.at("outer").rest_ns, 1'000'000U);
    EXPECT_EQ(all.at("beside").self_ns, all.at("beside").total_ns);
    EXPECT_EQ(all.at("beside").rest_ns, 0U);
}

TEST_F(Profile, WhatACallWithinATimeDoesIsInsideTheCallersScope) {
    run(loop, []() -> Async<void> {
        const auto scope = profile("caller");
        const auto result = co_await within(1s, []() -> Async<int> {
            co_await inner_and_sleep(2ms);
            co_return 1;
        }());
        EXPECT_TRUE(result);
        co_await sleep_for(1ms);
    }());
    const auto all = counted();
    expect_sum(all.at("caller").self_ns, all.at("inner").total_ns, all.at("caller").total_ns);
    EXPECT_GE(all.at("caller").rest_ns, all.at("inner").rest_ns + 1'000'000);
    EXPECT_LE(all.at("caller").rest_ns, all.at("caller").total_ns);
}

TEST_F(Profile, ADestroyedCoroutineClosesItsScopes) {
    {
        Work work;
        work.loop = &loop;
        auto call = outer(1h);
        call.start(work, [](void*) {}, nullptr);
    }
    EXPECT_EQ(counted().at("inner").calls, 1U);
    EXPECT_EQ(counted().at("outer").calls, 1U);
}

TEST_F(Profile, ThreadsCountTogether) {
    const auto many = [] {
        for (int i = 0; i < 1000; ++i) {
            const auto scope = profile("shared");
        }
    };
    std::thread one(many);
    std::thread two(many);
    one.join();
    two.join();
    EXPECT_EQ(counted().at("shared").calls, 2000U);
}

TEST_F(Profile, AnOffloadedFunctionHasScopesOfItsThread) {
    OffloadPool pool({.threads = 1});
    run(loop, [](OffloadPool& its_pool) -> Async<void> {
        const auto scope = profile("caller");
        co_await offload(its_pool, [] {
            const auto inside = profile("offloaded");
            spin(50ms);  // so that the caller waits, even if it does not come to it at once
        });
    }(pool));
    const auto all = counted();
    EXPECT_EQ(all.at("offloaded").calls, 1U);
    EXPECT_GE(all.at("caller").rest_ns, 1'000'000U);
}

TEST(ProfileScopes, WithoutThemNothingIsCounted) {
    const auto scope = profile("nowhere");
    EXPECT_EQ(ProfileScopes::here(), nullptr);
}

}  // namespace
}  // namespace brio::runtime
