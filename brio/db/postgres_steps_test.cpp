#include <brio/db/postgres_steps.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <brio/db/test_model.hpp>

namespace brio::db::test {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(PostgresSteps, IndexesOfTablesThatWereThereAreBuiltConcurrently) {
    const auto up = postgres::steps_of(migrations()[1].upgrade);
    ASSERT_EQ(up.size(), 4u);
    EXPECT_THAT(up[0].statements,
                ElementsAre("CREATE UNIQUE INDEX CONCURRENTLY \"idx_user_email\" ON \"users\" (\"email\")"));
    const auto down = postgres::steps_of(migrations()[1].downgrade);
    EXPECT_THAT(down[0].statements,
                ElementsAre("DROP INDEX CONCURRENTLY IF EXISTS \"idx_resource_created\""));
}

TEST(PostgresSteps, WhatTheMigrationMadeItselfIsOneTransaction) {
    const auto steps = postgres::steps_of(
        up(create_table("t", {{"id", column::id}, {"a", column::text(9).optional()}}),
           create_index("idx_t", "t", {"a"}),
           alter_column("t", "a", {.from = column::text(9).optional(), .to = column::text()})));
    ASSERT_EQ(steps.size(), 1u);
    EXPECT_EQ(steps[0].kind, postgres::Step::Kind::transaction);
    EXPECT_THAT(steps[0].statements, Contains("CREATE INDEX \"idx_t\" ON \"t\" (\"a\")"));
    EXPECT_THAT(steps[0].statements, Contains("ALTER TABLE \"t\" ALTER COLUMN \"a\" SET NOT NULL"));
}

TEST(PostgresSteps, RowsAreCheckedOutsideOfTheTransactionThatAddsTheRule) {
    const auto steps = postgres::steps_of(
        up(alter_column("t", "a", {.from = column::integer.optional(), .to = column::reference("users")})));
    ASSERT_EQ(steps.size(), 3u);
    EXPECT_THAT(steps[0].statements,
                Contains("ALTER TABLE \"t\" ADD FOREIGN KEY (\"a\") REFERENCES \"users\" "
                         "(\"id\") NOT VALID"));
    EXPECT_THAT(steps[1].statements, ElementsAre(HasSubstr("VALIDATE CONSTRAINT")));
    EXPECT_THAT(steps[2].statements, Contains("ALTER TABLE \"t\" ALTER COLUMN \"a\" SET NOT NULL"));
}

TEST(PostgresSteps, RawTextThatRefusesTransactionsStandsAlone) {
    const auto steps = postgres::steps_of(up(raw("UPDATE t SET a = 1"), raw("REINDEX INDEX CONCURRENTLY i"),
                                             raw("SELECT 1", ""), raw("SELECT 2")));
    ASSERT_EQ(steps.size(), 3u);
    EXPECT_EQ(steps[1].kind, postgres::Step::Kind::alone);
    EXPECT_THAT(steps[2].statements, ElementsAre("SELECT 2"));
}

TEST(PostgresSteps, RawTextIsNotInATransactionThatLocksOthersOut) {
    const auto apart = postgres::steps_of(up(add_column("t", "a", column::integer.optional()),
                                             raw("UPDATE t SET a = 1"), drop_column("t", "b")));
    EXPECT_EQ(apart.size(), 3u);
    const auto referring =
        postgres::steps_of(up(create_table("u", {{"id", column::id}, {"t_id", column::reference("t")}}),
                              raw("UPDATE t SET a = 1")));
    EXPECT_EQ(referring.size(), 2u);
    const auto own =
        postgres::steps_of(up(create_table("u", {{"id", column::id}}), raw("INSERT INTO u DEFAULT VALUES"),
                              add_column("u", "a", column::integer.optional())));
    EXPECT_EQ(own.size(), 1u);
}

TEST(PostgresSteps, TheHashIsThatOfTheStepsThatWereDone) {
    const auto steps = postgres::steps_of(migrations()[1].upgrade);
    auto other = steps;
    other.back().statements = {"SELECT 1"};
    EXPECT_EQ(postgres::hash_of(steps, 3), postgres::hash_of(other, 3));
    EXPECT_NE(postgres::hash_of(steps, 4), postgres::hash_of(other, 4));
}

}  // namespace brio::db::test
