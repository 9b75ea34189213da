#include <brio/base/shared_memory.hpp>
#include <brio/ledger/black_box.hpp>

#include <gtest/gtest.h>

namespace brio::ledger {
namespace {

using namespace std::chrono_literals;

class BlackBoxes : public testing::Test {
protected:
    void keep(std::string_view name) {
        SlowWork work;
        work.name = name;
        box.keep(work);
    }

    SharedMemory<BlackBox::Slots> slots;
    metrics::Registry registry;
    BlackBox box{*slots, registry};
};

TEST(WhyKept, WorkInsideItsGoalIsNot) {
    EXPECT_FALSE(why_kept({.total_ns = 1'000'000, .goal = 1ms}));
    EXPECT_FALSE(why_kept({.total_ns = 1'000'000, .goal = 0ms}));
}

TEST(WhyKept, TheDeadlineSaysMoreThanTheFailureThatItCauses) {
    EXPECT_EQ(why_kept({.total_ns = 1'000'001, .goal = 1ms}), SlowWhy::slow);
    EXPECT_EQ(why_kept({.total_ns = 2'000'000, .goal = 1ms, .has_failed = true}), SlowWhy::failed);
    EXPECT_EQ(why_kept({.goal = 1ms, .reached_deadline = true, .has_failed = true}), SlowWhy::deadline);
}

TEST_F(BlackBoxes, TheNewestComesFirstAndTakesThePlaceOfTheOldest) {
    for (std::size_t i = 0; i < BlackBox::most; ++i) {
        keep("early");
    }
    keep("late");
    const auto all = box.newest();
    ASSERT_EQ(all.size(), BlackBox::most);
    EXPECT_EQ(all.front().name.view(), "late");
    EXPECT_EQ(all.front().number, BlackBox::most + 1);
    EXPECT_EQ(all.back().number, 2U);
}

TEST_F(BlackBoxes, ASecondKeepsNoMoreThanItsMost) {
    std::uint64_t admitted = 0;
    for (std::uint64_t i = 0; i < 10 * BlackBox::most_a_second; ++i) {
        admitted += box.admits() ? 1 : 0;
    }
    // A second may begin meanwhile.
    EXPECT_GE(admitted, BlackBox::most_a_second);
    EXPECT_LE(admitted, 2 * BlackBox::most_a_second);
}

TEST(SlowWork, StatementsThatTookLongestAreTaken) {
    StatementTally tally;
    tally.start();
    for (std::uint32_t i = 0; i < StatementTally::most; ++i) {
        tally.add(i, i == 20 ? "long" : "short", 1, i == 20 ? 1000 : i);
    }
    SlowWork work;
    work.take(tally);
    EXPECT_EQ(work.statement_count, SlowWork::most_statements);
    EXPECT_EQ(work.statement_runs, StatementTally::most);
    EXPECT_EQ(work.statements[0].name.view(), "long");
    EXPECT_EQ(work.statements[0].ns, 1000U);
}

TEST(SlowWork, ALongNameIsCut) {
    SlowWork work;
    work.name = std::string(300, 'x');
    EXPECT_EQ(work.name.view(), std::string(119, 'x'));
}

}  // namespace
}  // namespace brio::ledger
