#include <brio/ledger/dependencies.hpp>

#include <gtest/gtest.h>

namespace brio::ledger {
namespace {

const int source = 0;

Dependencies::Entry entry(std::uint32_t item, std::uint64_t number) { return {&source, "t", item, number}; }

TEST(Dependencies, OneThingReadTwiceIsOneEntry) {
    Dependencies read;
    read.read(entry(1, 7), true);
    read.read(entry(2, 7), true);
    read.read(entry(1, 7), true);
    EXPECT_EQ(read.size(), 2u);
    EXPECT_EQ(read.refused(), Unkept::none);
}

TEST(Dependencies, WhatMovedBetweenTwoReadsIsNotKept) {
    Dependencies read;
    read.read(entry(1, 7), true);
    read.read(entry(1, 8), true);
    EXPECT_EQ(read.refused(), Unkept::moved);
    EXPECT_EQ(read.begin()->number, 7u);
}

TEST(Dependencies, WhatIsBeingChangedIsNotKept) {
    Dependencies first;
    first.read(entry(1, 7), false);
    EXPECT_EQ(first.refused(), Unkept::unsettled);
    Dependencies later;
    later.read(entry(1, 7), true);
    later.read(entry(1, 7), false);
    EXPECT_EQ(later.refused(), Unkept::moved);
}

TEST(Dependencies, MoreThanTheListHoldsAreNotKept) {
    Dependencies read;
    for (std::uint32_t i = 0; i < Dependencies::most; ++i) {
        read.read(entry(i, 1), true);
    }
    EXPECT_EQ(read.refused(), Unkept::none);
    read.read(entry(99, 1), true);
    EXPECT_EQ(read.refused(), Unkept::too_many);
    EXPECT_EQ(read.size(), Dependencies::most);
}

TEST(Dependencies, TheFirstReasonStays) {
    Dependencies read;
    read.refuse(Unkept::wrote);
    read.refuse(Unkept::transaction);
    EXPECT_EQ(read.refused(), Unkept::wrote);
    read.clear();
    EXPECT_EQ(read.refused(), Unkept::none);
}

TEST(Dependencies, TheEarliestEndCounts) {
    Dependencies read;
    read.limit(std::chrono::seconds(9));
    read.limit(std::chrono::seconds(3));
    read.limit(std::chrono::seconds(5));
    EXPECT_EQ(read.until(), std::chrono::seconds(3));
}

}  // namespace
}  // namespace brio::ledger
