#include <gtest/gtest.h>

#include <brio/db/test_postgres.hpp>

namespace brio::db::test {

TEST(PostgresDatabase, EachIsEmptyAndOfItsOwn) {
    const PostgresDatabase one;
    const PostgresDatabase other;
    psql(one.url(), "CREATE TABLE things (name text); INSERT INTO things VALUES ('it''s one')");
    EXPECT_EQ(psql(one.url(), "SELECT name, 1 FROM things"), "it's one|1");
    EXPECT_EQ(psql(other.url(), "SELECT count(*) FROM pg_tables WHERE tablename = 'things'"), "0");
}

TEST(PostgresDatabase, IsGoneAfterwardsWithWhoeverIsConnected) {
    std::string name;
    {
        const PostgresDatabase one;
        name = psql(one.url(), "SELECT current_database()");
    }
    EXPECT_EQ(psql(postgres_server() + "postgres",
                   "SELECT count(*) FROM pg_database WHERE datname = '" + name + "'"),
              "0");
}

}  // namespace brio::db::test
