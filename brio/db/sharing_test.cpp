#include <gtest/gtest.h>

#include <brio/db/sharing.hpp>

namespace brio::db {

TEST(Sharing, WhatWasNeverMeasuredKeepsToItself) { EXPECT_FALSE(Sharing().may_share()); }

TEST(Sharing, OneQuickRunAmongSlowOnesIsWhatAStatementCosts) {
    Sharing cost;
    for (const std::uint64_t busy : {9'000'000, 5'000'000, 300'000, 8'000'000, 8'000'000}) {
        cost.measured_alone(busy);
    }
    EXPECT_TRUE(cost.may_share());
}

TEST(Sharing, AStatementThatIsAlwaysSlowNeverShares) {
    Sharing cost;
    for (int i = 0; i < 1000; ++i) {
        cost.measured_alone(3'000'000);
    }
    EXPECT_FALSE(cost.may_share());
}

TEST(Sharing, OneSlowRunIsForgivenAndSeveralAreNot) {
    Sharing cost;
    cost.measured_alone(300'000);
    cost.measured_shared(500'000'000);
    EXPECT_TRUE(cost.may_share());
    for (int i = 0; i < 8; ++i) {
        cost.measured_shared(20'000'000);
    }
    EXPECT_FALSE(cost.may_share());
}

TEST(Sharing, WhatHeldUpOthersKeepsToItselfAtOnce) {
    Sharing cost;
    cost.measured_alone(300'000);
    cost.held_up();
    EXPECT_FALSE(cost.may_share());
    for (std::uint32_t i = 0; i < Sharing::runs_between; ++i) {
        cost.measured_alone(300'000);
    }
    EXPECT_TRUE(cost.may_share());
}

TEST(Sharing, ATryComesAgainAfterRunsByItself) {
    Sharing cost;
    cost.measured_alone(300'000);
    for (int i = 0; i < 8; ++i) {
        cost.measured_shared(20'000'000);
    }
    for (std::uint32_t i = 0; i + 1 < Sharing::runs_between; ++i) {
        cost.measured_alone(300'000);
    }
    EXPECT_FALSE(cost.may_share());
    cost.measured_alone(300'000);
    EXPECT_TRUE(cost.may_share());
}

}  // namespace brio::db
