#include <brio/cache/stamps.hpp>

#include <gtest/gtest.h>

#include <thread>

namespace brio::cache {
namespace {

TEST(TableStamps, KnowNothingAtFirst) {
    TableStamps stamps;
    EXPECT_FALSE(stamps.since(3, 0));
    EXPECT_FALSE(stamps.since(3, 7));
}

TEST(TableStamps, AMoveEndsWhatWasNoted) {
    TableStamps stamps;
    stamps.note(3, 7, 1000);
    EXPECT_EQ(stamps.since(3, 7), 1000U);
    EXPECT_FALSE(stamps.since(3, 8));
    EXPECT_FALSE(stamps.since(4, 7));
    stamps.note(3, 8, 2000);
    EXPECT_EQ(stamps.since(3, 8), 2000U);
}

TEST(TableStamps, AReadingThatComesLateForAnOlderNumberIsIgnored) {
    TableStamps stamps;
    stamps.note(3, 8, 2000);
    stamps.note(3, 7, 3000);
    EXPECT_EQ(stamps.since(3, 8), 2000U);
    EXPECT_FALSE(stamps.since(3, 7));
}

TEST(TableStamps, TheEarliestReadingOfANumberStays) {
    TableStamps stamps;
    stamps.note(3, 8, 2000);
    stamps.note(3, 8, 2500);
    EXPECT_EQ(stamps.since(3, 8), 2000U);
}

TEST(TableStamps, ANumberOfZeroIsANumber) {
    TableStamps stamps;
    stamps.note(0, 0, 50);
    EXPECT_EQ(stamps.since(0, 0), 50U);
}

// A number that is seen has a reading that was taken after it: `number` moves first, the clock afterwards.
TEST(TableStamps, AReaderNeverSeesAnOldReadingWithANewNumber) {
    TableStamps stamps;
    std::atomic<bool> done = false;
    std::thread writer([&] {
        for (std::uint64_t number = 1; number <= 200'000; ++number) {
            stamps.note(5, number, number * 10);
        }
        done = true;
    });
    for (std::uint64_t number = 1; !done; number = number % 200'000 + 1) {
        if (const auto stamp = stamps.since(5, number)) {
            EXPECT_GE(*stamp, number * 10);
        }
    }
    writer.join();
}

TEST(StampClock, TakesReadingsInTheDisorderOfSeveralLoops) {
    StampClock clock;
    EXPECT_EQ(clock.settle(1'000'000), 1'000'000U);
    EXPECT_EQ(clock.settle(1'000'500), 1'000'500U);
    EXPECT_EQ(clock.settle(1'000'200), 1'000'200U);
    EXPECT_EQ(clock.highest(), 1'000'500U);
}

TEST(StampClock, AClockThatWentBackEndsAllThatWasStampedBefore) {
    StampClock clock;
    clock.settle(10'000'000);
    clock.saw(12'000'000);
    EXPECT_EQ(clock.settle(9'000'000), 12'000'001U);
    EXPECT_EQ(clock.highest(), 12'000'000U);
}

TEST(TagStamps, TheLatestClearingCounts) {
    TagStamps tags(10);
    EXPECT_FALSE(tags.cleared("prices"));
    tags.note("prices", 0, tags.epoch());
    EXPECT_EQ(tags.cleared("prices"), 0U);
    tags.note("prices", 500, tags.epoch());
    tags.note("prices", 400, tags.epoch());
    EXPECT_EQ(tags.cleared("prices"), 500U);
}

TEST(TagStamps, AGapMakesAllUnknown) {
    TagStamps tags(10);
    const auto before = tags.epoch();
    tags.note("prices", 500, before);
    tags.begin_epoch();
    EXPECT_FALSE(tags.cleared("prices"));
    tags.note("prices", 500, before);
    EXPECT_FALSE(tags.cleared("prices")) << "it was asked for before the gap";
    tags.note("prices", 600, tags.epoch());
    EXPECT_EQ(tags.cleared("prices"), 600U);
}

TEST(TagStamps, BeyondTheirBoundTheyStayUnknown) {
    TagStamps tags(2);
    for (const auto* tag : {"a", "b", "c"}) {
        tags.note(tag, 1, tags.epoch());
    }
    EXPECT_EQ(tags.size(), 2U);
    EXPECT_FALSE(tags.cleared("c"));
}

TEST(DropStamps, EndWhatWasBegunBefore) {
    DropStamps drops(10);
    EXPECT_FALSE(drops.ends("a", 1));
    drops.note("a", 500);
    drops.note("a", 400);
    EXPECT_TRUE(drops.ends("a", 499));
    EXPECT_FALSE(drops.ends("a", 500));
    EXPECT_FALSE(drops.ends("b", 499));
}

TEST(DropStamps, BeyondTheirBoundAllWereDropped) {
    DropStamps drops(2);
    drops.note("a", 100);
    drops.note("b", 300);
    drops.note("c", 200);
    for (const auto* key : {"a", "b", "c", "d"}) {
        EXPECT_TRUE(drops.ends(key, 299)) << key;
        EXPECT_FALSE(drops.ends(key, 300)) << key;
    }
    drops.note("d", 400);
    EXPECT_TRUE(drops.ends("d", 399));
    EXPECT_FALSE(drops.ends("a", 399));
}

}  // namespace
}  // namespace brio::cache
