#include <brio/db/migration_hazards.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <brio/db/migrate.hpp>

namespace brio::db {
namespace {

using testing::HasSubstr;

std::size_t found_in(std::vector<Operation> operations) {
    return hazards({"0002_x", std::move(operations), {}}, Direction::up).size();
}

TEST(MigrationHazards, WhatLosesDataOrBreaksRunningInstancesIsFound) {
    EXPECT_EQ(found_in(up(drop_table("t"))), 1u);
    EXPECT_EQ(found_in(up(drop_column("t", "a"))), 1u);
    EXPECT_EQ(found_in(up(rename_table("t", "u"))), 1u);
    EXPECT_EQ(found_in(up(rename_column("t", "a", "b"))), 1u);
    EXPECT_EQ(found_in(up(drop_table("t"), drop_table("u"))), 2u);
}

TEST(MigrationHazards, WhatWritesEveryRowAnewIsFound) {
    EXPECT_EQ(found_in(up(alter_column("t", "a", {.from = column::integer, .to = column::text()}))), 1u);
    EXPECT_EQ(found_in(up(alter_column(
                  "t", "a", {.from = column::text(), .to = column::text(5), .conversion = "left(a, 5)"}))),
              1u);
    EXPECT_EQ(found_in(up(add_column("t", "a", column::uuid.by_default("gen_random_uuid()")))), 1u);
    EXPECT_EQ(found_in(up(add_column("t", "a", column::id))), 1u);
}

TEST(MigrationHazards, AColumnThatRowsCannotHaveIsFound) {
    EXPECT_EQ(found_in(up(add_column("t", "a", column::integer))), 1u);
    EXPECT_EQ(found_in(up(add_column("t", "a", column::integer.optional()))), 0u);
    EXPECT_EQ(found_in(up(add_column("t", "a", column::integer.by_default("0")))), 0u);
}

TEST(MigrationHazards, WhatTheMigratorDoesSafelyIsNone) {
    EXPECT_EQ(found_in(up(create_index("i", "t", {"a"}), drop_index("j"),
                          alter_column("t", "a", {.from = column::text(5).optional(), .to = column::text(9)}),
                          add_foreign_key("t", "b", column::reference("u")))),
              0u);
}

TEST(MigrationHazards, NobodyElseKnowsATableOfTheSameMigration) {
    EXPECT_EQ(found_in(up(create_table("t", {{"id", column::id}}), add_column("t", "a", column::integer),
                          rename_table("t", "u"), drop_column("u", "a"),
                          raw("CREATE INDEX i ON u USING hash (id)"))),
              0u);
}

TEST(MigrationHazards, AWordOfExplanationIsEnough) {
    EXPECT_EQ(found_in(up(dangerous("nobody uses it since 2.1", drop_table("t")))), 0u);
}

TEST(MigrationHazards, TakingBackWhatTheSameMigrationDidIsNone) {
    const Migration migration{
        "0002_x",
        up(create_table("t", {{"id", column::id}}), add_column("u", "a", column::integer.optional()),
           alter_column("u", "b", {.from = column::integer, .to = column::text()})),
        down(alter_column("u", "b", {.from = column::text(), .to = column::integer}), drop_column("u", "a"),
             drop_table("t"))};
    EXPECT_TRUE(hazards(migration, Direction::down).empty());
    Migration more = migration;
    more.downgrade.push_back(drop_table("others"));
    EXPECT_EQ(hazards(more, Direction::down).size(), 1u);
}

TEST(MigrationHazards, RawTextIsReadForItsWords) {
    for (const char* text :
         {"DROP TABLE t", "alter table t\n  drop  column a", "TRUNCATE t", "DELETE FROM t",
          "SELECT 1; DELETE FROM t", "CREATE INDEX i ON t(a)", "create unique index i on t(a)",
          "REINDEX TABLE t", "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
          "ALTER TABLE t ALTER COLUMN a TYPE text", "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)",
          "ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u(id)",
          "ALTER TABLE t ADD CONSTRAINT c UNIQUE (a)", "VACUUM FULL t", "ALTER TABLE t RENAME TO u"}) {
        EXPECT_EQ(found_in(up(raw(text))), 1u) << text;
    }
    for (const char* text :
         {"UPDATE t SET a = 'drop table t'", "-- drop table t\nSELECT 1", "DELETE FROM t WHERE a = 1",
          "CREATE INDEX CONCURRENTLY i ON t(a)", "CREATE EXTENSION IF NOT EXISTS pg_trgm",
          "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
          "ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX i", "ALTER TABLE t ALTER COLUMN a SET DEFAULT 1",
          "REINDEX INDEX CONCURRENTLY i", ""}) {
        EXPECT_EQ(found_in(up(raw(text))), 0u) << text;
    }
}

TEST(MigrationHazards, TheMessageSaysWhatWhyAndWhatToWrite) {
    try {
        refuse_hazards({"0004_less", up(drop_column("purchases", "note")), {}}, Direction::up);
        FAIL() << "it was not refused";
    } catch (const MigrationError& error) {
        EXPECT_THAT(error.what(), HasSubstr("0004_less"));
        EXPECT_THAT(error.what(), HasSubstr("drops the column note of purchases"));
        EXPECT_THAT(error.what(), HasSubstr("what it holds is lost"));
        EXPECT_THAT(error.what(), HasSubstr("dangerous(\""));
    }
}

}  // namespace
}  // namespace brio::db
