#include <brio/db/sqlite_table_text.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <brio/db/migrate.hpp>

namespace brio::db::sqlite {
namespace {

using testing::ElementsAre;

TEST(TableText, IsTakenApartAtTheCommasThatPartDefinitions) {
    const auto table = parse_table(
        "CREATE TABLE \"a (b\" (id INTEGER PRIMARY KEY, -- a, b\n"
        " \"na\"\"me\" TEXT DEFAULT 'x, (y' CHECK (a IN (1, 2)), [odd name] REAL,\n"
        " /* c, d */ CHECK (id > 0), UNIQUE (id, [odd name])) WITHOUT ROWID");
    EXPECT_THAT(table.columns,
                ElementsAre("id INTEGER PRIMARY KEY", "\"na\"\"me\" TEXT DEFAULT 'x, (y' CHECK (a IN (1, 2))",
                            "[odd name] REAL"));
    EXPECT_THAT(table.constraints, ElementsAre("CHECK (id > 0)", "UNIQUE (id, [odd name])"));
    EXPECT_EQ(table.ending, "WITHOUT ROWID");
    EXPECT_EQ(table.find("NA\"ME"), 1u);
    EXPECT_EQ(table.find("odd name"), 2u);
    EXPECT_THROW(static_cast<void>(table.find("none")), MigrationError);
}

TEST(TableText, IsPutTogetherUnderAnotherName) {
    const auto table = parse_table("CREATE TABLE t(a, b) STRICT");
    EXPECT_EQ(table.statement("u"), "CREATE TABLE \"u\" (\n    a,\n    b\n) STRICT");
}

TEST(TableText, ACommentSwallowsNothingThatIsAdded) {
    auto table = parse_table("CREATE TABLE t(a -- the first\n, b -- the last\n)");
    table.columns.emplace_back("c");
    EXPECT_EQ(table.statement("t"), "CREATE TABLE \"t\" (\n    a,\n    b,\n    c\n)");
}

TEST(TableText, OfSomethingElseIsRefused) {
    for (const char* text : {"", "CREATE TABLE t", "CREATE TABLE t (a", "CREATE TABLE t ('", "/*"}) {
        EXPECT_THROW(parse_table(text), MigrationError) << text;
    }
}

TEST(TableText, MentionsAreNamesAndNotTexts) {
    EXPECT_TRUE(mentions("CREATE INDEX i ON t(\"Name\")", "name"));
    EXPECT_TRUE(mentions("CREATE INDEX i ON t(lower(name))", "name"));
    EXPECT_FALSE(mentions("CREATE INDEX i ON t(a) WHERE b = 'name'", "name"));
    EXPECT_FALSE(mentions("CREATE INDEX i ON t(full_name) -- name", "name"));
}

}  // namespace
}  // namespace brio::db::sqlite
