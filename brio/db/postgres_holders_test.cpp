#include <brio/db/postgres_holders.hpp>

#include <gtest/gtest.h>

namespace brio::db::postgres {

namespace {

TEST(PostgresHolders, AreNamedLongestFirst) {
    using std::chrono::milliseconds;
    EXPECT_EQ(describe_holders({{"POST /b", milliseconds(900), "b insert"}, {"", milliseconds(0), ""}}, 3,
                               milliseconds(1'250)),
              "2 of 3 connections in use: unnamed work for 1.2 s, POST /b for 0.3 s (b insert)");
    EXPECT_EQ(describe_holders({}, 3, milliseconds(0)), "0 of 3 connections in use");
}

}  // namespace

}  // namespace brio::db::postgres
