#include <brio/db/postgres_moves.hpp>

#include <gtest/gtest.h>

namespace brio::db::postgres {
namespace {

using Tables = std::vector<std::string>;
using Numbers = std::vector<std::size_t>;

TEST(PostgresMoves, OneProcessTellsAnotherWhatItWrote) {
    const Commits commits{.tables = {"users", "resources"}, .moved = {{3, 1}, {7, 2}}};
    Moves one("1");
    EXPECT_EQ(one.payload_of(commits), "brio1 1 3:1,7:2,  resources users");
    Moves other("2");
    EXPECT_EQ(other.take(one.payload_of(commits)), (Tables{"resources", "users"}));
    EXPECT_TRUE(one.take(one.payload_of(commits)).empty()) << "it told that itself";
}

TEST(PostgresMoves, TooManyTablesAreAllOfThem) {
    Commits commits{.tables = {}, .moved = {{3, 1}}};
    for (int i = 0; i < 1'000; ++i) {
        commits.tables.insert("table_" + std::to_string(i));
    }
    const auto payload = Moves("1").payload_of(commits);
    EXPECT_LE(payload.size(), most_payload);
    EXPECT_EQ(Moves("2").take(payload), Tables{"*"});
}

TEST(PostgresMoves, OthersNameTablesOrNone) {
    Moves moves("1");
    EXPECT_EQ(moves.take("users, resources"), (Tables{"users", "resources"}));
    EXPECT_EQ(moves.take(" "), Tables{"*"});
    EXPECT_EQ(moves.take("a:b"), Tables{"a:b"});
}

TEST(PostgresMoves, WhatNobodyToldOfIsBelievedWhenItIsFoundTwice) {
    Moves moves("1");
    EXPECT_TRUE(moves.look({5}).empty()) << "as it was when it connected";
    EXPECT_TRUE(moves.look({6}).empty());
    EXPECT_EQ(moves.look({6}), Numbers{0});
    EXPECT_TRUE(moves.look({6}).empty());
}

TEST(PostgresMoves, WhatWasToldOfIsExplained) {
    Moves moves("1");
    moves.look({});
    moves.moved_here(0);
    moves.take("brio1 2 0:2, users");
    EXPECT_TRUE(moves.look({3}).empty());
    EXPECT_TRUE(moves.look({3}).empty());
    EXPECT_TRUE(moves.look({4}).empty());
    moves.take("brio1 2 0:1, users");
    EXPECT_TRUE(moves.look({4}).empty()) << "the notification came late";
    EXPECT_TRUE(moves.look({4}).empty());
}

TEST(PostgresMoves, AfterAGapLooksBeginAnew) {
    Moves moves("1");
    moves.look({});
    moves.forget();
    EXPECT_TRUE(moves.look({9}).empty());
    EXPECT_TRUE(moves.look({9}).empty());
}

TEST(PostgresMoves, NonsenseMovesNothing) {
    Moves moves("1");
    moves.look({});
    EXPECT_EQ(moves.take("brio1 2 77:1,x:1,:,3 users"), (Tables{"3", "users"}));
    EXPECT_TRUE(moves.look({}).empty());
}

}  // namespace
}  // namespace brio::db::postgres
