#include <brio/ledger/statement_tally.hpp>

#include <gtest/gtest.h>

namespace brio::ledger {
namespace {

std::string words(const StatementTally& tally) {
    Buffer out;
    append_tally_words(out, tally);
    return std::string(out.view());
}

TEST(StatementTally, CountsEachStatementForItself) {
    StatementTally tally;
    tally.start();
    EXPECT_EQ(tally.add(7, "users by id", 1, 100), 1u);
    EXPECT_EQ(tally.add(9, "resources page", 1, 50), 1u);
    EXPECT_EQ(tally.add(7, "users by id", 1, 100), 2u);
    EXPECT_EQ(tally.total(), 3u);
    ASSERT_EQ(tally.size(), 2u);
    EXPECT_EQ(tally.begin()->ns, 200u);
    EXPECT_EQ(words(tally), "3 (2 x users by id, 1 x resources page)");
}

TEST(StatementTally, RowsWrittenTogetherAreManyStatementsAndOneRun) {
    StatementTally tally;
    tally.start(4);
    EXPECT_EQ(tally.add(1, "users insert", 1000, 5000), 1u);
    EXPECT_EQ(tally.total(), 1000u);
    EXPECT_TRUE(tally.is_over_budget());
}

TEST(StatementTally, StatementsWithoutRoomAreInTheTotalOnly) {
    StatementTally tally;
    tally.start();
    for (std::uint32_t i = 0; i < StatementTally::most + 3; ++i) {
        tally.add(i, "s", 1, 1);
    }
    EXPECT_EQ(tally.size(), StatementTally::most);
    EXPECT_EQ(tally.total(), StatementTally::most + 3);
    EXPECT_TRUE(words(tally).ends_with(", 3 x others)")) << words(tally);
}

TEST(StatementTally, StartForgetsWhatWasAndWhoWatched) {
    struct Watcher : TallyWatcher {
        void ended(const StatementTally&, const EndedWork&, Buffer*) override {}
    } watcher;
    StatementTally tally;
    tally.start(1);
    tally.add(1, "a", 5, 1);
    tally.watch(watcher);
    tally.start();
    EXPECT_EQ(tally.watcher(), nullptr);
    EXPECT_FALSE(tally.is_over_budget());
    EXPECT_EQ(words(tally), "0");
}

TEST(StatementTally, ANameThatIsNoHeadersTextBecomesOne) {
    StatementTally tally;
    tally.start();
    tally.add(1, "SELECT a\r\nFROM b", 1, 1);
    EXPECT_EQ(words(tally), "1 (1 x SELECT a  FROM b)");
}

}  // namespace
}  // namespace brio::ledger
