#include <brio/db/statement_shape.hpp>

#include <gtest/gtest.h>

#include <brio/db/test_model.hpp>

namespace brio::db::test {
namespace {

using Columns = std::vector<std::string>;

sql::ListRequest request(std::vector<sql::NamedValue> values) {
    return *sql::parse_list<listing>(std::move(values));
}
StatementShape shape(const sql::Statement& statement) {
    return shape_of(statement.text(sql::Dialect::sqlite));
}

TEST(StatementShape, ARowByItsId) {
    const auto read = shape(sql::find_statement(users));
    ASSERT_EQ(read.tables.size(), 1u);
    EXPECT_EQ(read.tables[0].table, "users");
    EXPECT_EQ(read.tables[0].equal, Columns{"id"});
    EXPECT_TRUE(read.is_by_id());
    EXPECT_TRUE(index_columns(read.tables[0]).empty());
}

TEST(StatementShape, APageOfAFilterInAnOrderWithAnOwner) {
    const auto list = request({{"status", "active"}, {"sort_by", "created_at"}});
    const auto read = shape(sql::page_statement<listing, owner>(list));
    ASSERT_EQ(read.tables.size(), 2u);
    EXPECT_EQ(read.tables[0].table, "resources");
    EXPECT_EQ(read.tables[0].alias, "t");
    EXPECT_EQ(read.tables[0].equal, Columns{"status"});
    EXPECT_EQ(read.tables[0].ordered, (Columns{"created_at", "id"}));
    EXPECT_EQ(read.tables[1].table, "users");
    EXPECT_EQ(read.tables[1].joined, Columns{"id"});
    EXPECT_EQ(index_columns(read.tables[0]), (Columns{"status", "created_at"}));
}

TEST(StatementShape, BehindACursorTheFirstColumnIsCompared) {
    auto list = request({{"sort_by", "created_at"}});
    list.cursor = "x";
    const auto read = shape(sql::page_statement<listing>(list));
    EXPECT_EQ(read.tables[0].compared, Columns{"created_at"});
    EXPECT_EQ(index_columns(read.tables[0]), Columns{"created_at"});
}

TEST(StatementShape, ChildrenOfManyAreReadByAList) {
    const auto read = shape(sql::children_statement<owned>());
    ASSERT_EQ(read.tables.size(), 1u);
    EXPECT_TRUE(read.by_list);
    EXPECT_EQ(read.tables[0].equal, Columns{"owner_id"});
}

TEST(StatementShape, PlainSqlOfOnesOwn) {
    const auto read = shape_of(
        "SELECT u.name, count(*) FROM users u LEFT JOIN resources r ON r.owner_id = u.id "
        "WHERE u.email LIKE $1 AND r.status = 'active' GROUP BY u.name ORDER BY u.name LIMIT 5");
    ASSERT_EQ(read.tables.size(), 2u);
    EXPECT_EQ(read.tables[0].compared, Columns{"email"});
    EXPECT_EQ(read.tables[0].ordered, Columns{"name"});
    EXPECT_EQ(read.tables[1].joined, Columns{"owner_id"});
    EXPECT_EQ(read.tables[1].equal, Columns{"status"});
    EXPECT_FALSE(read.has_or);
}

TEST(StatementShape, ColumnsWithoutATableAreOfTheFirst) {
    const auto read = shape_of("DELETE FROM \"logs\" WHERE \"age\" > $1 OR kind = 'x'");
    ASSERT_EQ(read.tables.size(), 1u);
    EXPECT_EQ(read.tables[0].compared, Columns{"age"});
    EXPECT_EQ(read.tables[0].equal, Columns{"kind"});
    EXPECT_TRUE(read.has_or);
}

TEST(StatementShape, AQuoteWithinANameOrATextEndsNothing) {
    const auto read = shape_of(R"(SELECT 1 FROM "a""b" AS t WHERE t."c" = 'it''s FROM x' AND t."d" = $1)");
    ASSERT_EQ(read.tables.size(), 1u);
    EXPECT_EQ(read.tables[0].equal, (Columns{"c", "d"}));
}

TEST(StatementShape, NonsenseHasNoShape) {
    for (const auto* text : {"", "FROM", "\"", "'", "FROM \"", "WHERE x =", "SELECT (((", "$", "a.b.c.d ="}) {
        static_cast<void>(shape_of(text));
    }
    EXPECT_TRUE(shape_of("COMMIT").tables.empty());
}

}  // namespace
}  // namespace brio::db::test
