#include <brio/tasks/verdict.hpp>

#include <gtest/gtest.h>

#include <brio/runtime/work.hpp>

namespace brio::tasks {
namespace {

using namespace std::chrono_literals;
using enum Settlement::Outcome;

constexpr Policy policy{.name = "t", .retries = 3, .backoff = {.first = 1s, .jitter = 0}};

template <class Error>
Failure failure_of(const Error& error, const Policy& of = policy) {
    try {
        throw error;
    } catch (...) {
        return failure_of_current(of);
    }
}

Settlement after(int failures, Failure failure = {.type = "x", .words = "y"}) {
    Message message;
    message.failures = failures;
    return settle_failure({message, policy, Timestamp(0), 0.5}, std::move(failure));
}

TEST(Verdict, ThreeFailuresAreTriedAgainAfterOneTwoAndFourSecondsTheFourthIsTheLast) {
    EXPECT_EQ(after(0).outcome, retried);
    EXPECT_EQ(after(0).due, Timestamp(1'000'000));
    EXPECT_EQ(after(1).due, Timestamp(2'000'000));
    EXPECT_EQ(after(2).due, Timestamp(4'000'000));
    EXPECT_EQ(after(3).outcome, failed);
    EXPECT_EQ(after(3).error_type, "x");
}

TEST(Verdict, WhatIsPermanentFailsAtOnce) {
    EXPECT_EQ(after(0, {.type = "x", .words = "y", .is_permanent = true}).outcome, failed);
    EXPECT_TRUE(failure_of(Permanent("no such account")).is_permanent);
    constexpr Policy own{.name = "t", .is_permanent = &are_permanent<std::invalid_argument>};
    EXPECT_TRUE(failure_of(std::invalid_argument("a"), own).is_permanent);
    EXPECT_FALSE(failure_of(std::runtime_error("a"), own).is_permanent);
}

TEST(Verdict, ErrorsAreKnownByTheirTypes) {
    EXPECT_EQ(failure_of(std::runtime_error("a")).type, "std::runtime_error");
    EXPECT_EQ(failure_of(std::runtime_error("a")).words, "a");
    EXPECT_EQ(failure_of(runtime::Cancelled(runtime::StopReason::deadline)).type, "deadline");
    EXPECT_EQ(failure_of(7).type, "unknown");
}

}  // namespace
}  // namespace brio::tasks
