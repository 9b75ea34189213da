#include <brio/db/wal_care.hpp>

#include <gtest/gtest.h>

namespace brio::db {
namespace {

using namespace std::chrono_literals;
using enum WalCare::Action;

constexpr WalLimits limits{.checkpoint_pages = 10, .restart_pages = 100, .warn_pages = 500};

TEST(WalCare, AShortLogIsLeftAlone) {
    WalCare care(limits);
    EXPECT_EQ(care.next(9, 0s), none);
    EXPECT_EQ(care.next(10, 0s), passive);
}

TEST(WalCare, ALogIsMovedAgainOnlyWhenItGrew) {
    WalCare care(limits);
    care.done(passive, 10, 10, 0s);
    EXPECT_EQ(care.next(10, 1s), none);
    EXPECT_EQ(care.next(19, 1s), none);
    EXPECT_EQ(care.next(20, 1s), passive);
}

TEST(WalCare, ALogThatStartedAgainIsANewOne) {
    WalCare care(limits);
    care.done(passive, 90, 90, 0s);
    EXPECT_EQ(care.next(12, 1s), passive);
}

TEST(WalCare, ALongLogIsMadeToStartAgain) {
    WalCare care(limits);
    EXPECT_EQ(care.next(100, 0s), restart);
    care.done(restart, 100, 100, 0s);
    EXPECT_EQ(care.next(100, 1s), none);
    EXPECT_EQ(care.next(101, 1s), restart);
}

TEST(WalCare, WritersAreHeldUpLessAndLessForAReaderThatStays) {
    WalCare care(limits);
    care.done(restart, 100, 40, 0s);
    EXPECT_EQ(care.next(105, 999ms), none);
    EXPECT_EQ(care.next(110, 999ms), passive);
    EXPECT_EQ(care.next(110, 1s), restart);
    care.done(restart, 110, 40, 1s);
    EXPECT_EQ(care.next(110, 2999ms), none);
    EXPECT_EQ(care.next(110, 3s), restart);
    for (int i = 0; i < 10; ++i) {
        care.done(restart, 110, 40, 100s);
    }
    EXPECT_EQ(care.next(110, 130s), restart);
}

TEST(WalCare, OneWarningAMinuteSaysThatALogIsHeldUp) {
    WalCare care(limits);
    care.done(restart, 600, 40, 0s);
    EXPECT_TRUE(care.should_warn(600, 1s));
    EXPECT_FALSE(care.should_warn(700, 60s));
    EXPECT_TRUE(care.should_warn(700, 61s));
    care.done(restart, 700, 700, 62s);
    EXPECT_FALSE(care.should_warn(700, 200s));
}

}  // namespace
}  // namespace brio::db
