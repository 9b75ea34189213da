#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include <brio/base/temporary_folder.hpp>
#include <brio/sql/generations.hpp>

namespace brio::sql {

TEST(Generations, ACommitMovesOnlyItsTablesAndUnsettlesThemMeanwhile) {
    Generations generations;
    const auto users = generations.slot("users");
    const auto others = generations.slot("others");
    const std::array written{users};
    generations.begin_commit(written);
    EXPECT_EQ(generations.read(users), (Generation{1, false}));
    generations.end_commit(written);
    EXPECT_EQ(generations.read(users), (Generation{1, true}));
    EXPECT_EQ(generations.read(others), (Generation{0, true}));
    generations.move_all();
    EXPECT_EQ(generations.read(others), (Generation{1, true}));
}

TEST(Generations, ATableHasOnePlaceWhateverItsCase) {
    Generations generations;
    EXPECT_EQ(generations.slot("Users"), generations.slot("users"));
    EXPECT_NE(generations.slot("users"), generations.slot("user_s"));
}

TEST(Generations, WithoutAMessengerTheyAreAlwaysCurrent) {
    Generations generations;
    EXPECT_TRUE(generations.is_current(std::chrono::hours(1'000'000)));
    generations.set_current_until(std::chrono::seconds(5));
    EXPECT_TRUE(generations.is_current(std::chrono::milliseconds(4'999)));
    EXPECT_FALSE(generations.is_current(std::chrono::seconds(5)));
}

TEST(Generations, ProcessesThatMapOneFileShareThem) {
    const TemporaryFolder folder;
    Generations here(folder.file("generations"));
    Generations there(folder.file("generations"));
    const std::array written{here.slot("users")};
    EXPECT_EQ(there.slot("users"), written[0]);
    here.begin_commit(written);
    here.end_commit(written);
    EXPECT_EQ(there.read(written[0]).number, 1u);
}

TEST(Generations, AnotherKindOfFileIsRefused) {
    const TemporaryFolder folder;
    const auto file = folder.file("generations");
    std::ofstream(file) << std::string(100, 'x');
    EXPECT_THROW(Generations{file}, std::runtime_error);
}

TEST(Generations, ACommitThatWasNeverEndedIsSettledByTheSecondLook) {
    Generations generations;
    const std::array written{generations.slot("users")};
    generations.begin_commit(written);
    generations.settle_abandoned();
    EXPECT_FALSE(generations.read(written[0]).settled);
    generations.settle_abandoned();
    EXPECT_EQ(generations.read(written[0]), (Generation{1, true}));
}

TEST(Generations, ATableTooManyIsAnError) {
    Generations generations;
    for (std::uint32_t i = 0; i < Generations::most_tables; ++i) {
        generations.slot("table" + std::to_string(i));
    }
    EXPECT_THROW(generations.slot("one more"), std::runtime_error);
    EXPECT_NO_THROW(generations.slot("table7"));
}

TEST(Generations, WritersOnManyThreadsLoseNothing) {
    Generations generations;
    const std::array written{generations.slot("users")};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < 1000; ++i) {
                    generations.begin_commit(written);
                    generations.end_commit(written);
                    static_cast<void>(generations.slot("users"));
                }
            });
        }
    }
    EXPECT_EQ(generations.read(written[0]), (Generation{4000, true}));
}

}  // namespace brio::sql
