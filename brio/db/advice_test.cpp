#include <brio/db/advice.hpp>

#include <gtest/gtest.h>

namespace brio::db {
namespace {

const SchemaFacts& facts() {
    static const SchemaFacts made{
        .keys = {{"notes", "writer_id", "users"}, {"resources", "owner_id", "users"}},
        .indexes = {{"idx_resource_owner", "resources", {"owner_id", "created_at"}, false, std::nullopt}}};
    return made;
}

sql::Statement statement_of(const std::string& text) {
    return sql::Statement({.type = sql::type_of(text), .name = "s"}, [&](sql::Dialect) { return text; });
}

std::string repetition(const std::string& text, const std::vector<std::string>& others = {}) {
    return advice_for_repetition(statement_of(text), shape_of(text), facts(), others);
}

TEST(Advice, RowsReadOneByOneByIdBelongToWhatTheWorkReadBefore) {
    EXPECT_EQ(repetition(R"(SELECT t."id" FROM "users" AS t WHERE t."id" = $1)", {"resources"}),
              "read users together with resources, which refers to it by owner_id: "
              "belongs_to<…::owner_id>(users, …) "
              "and with<…>, find_with<…> or page_with<…>, one join instead");
}

TEST(Advice, RowsOfAForeignKeyAreHadByMany) {
    EXPECT_EQ(repetition(R"(SELECT t."id" FROM "resources" AS t WHERE t."owner_id" = $1 LIMIT $2)"),
              "read resources of all rows of users at once: has_many<…::owner_id>(resources, …) and with<…>, "
              "find_with<…> or page_with<…>, one select-in instead");
}

TEST(Advice, InsertsOneByOneAreOneInsertMany) {
    EXPECT_EQ(repetition("INSERT INTO users(name) VALUES ($1)"), "give all rows to one insert_many()");
}

TEST(Advice, AScanAsksForTheIndexThatWouldLeadIt) {
    const auto shape = shape_of("SELECT 1 FROM resources t WHERE t.status = $1 ORDER BY t.created_at, t.id");
    const auto advice =
        advice_for_scans({.scanned = {"resources"}, .indexes = {}, .sorts = true}, shape, facts());
    ASSERT_EQ(advice.size(), 1u);
    EXPECT_EQ(advice[0].migration,
              R"(create_index("idx_resources_status_created_at", "resources", {"status", "created_at"}))");
    EXPECT_EQ(create_index_text(advice[0]),
              R"(CREATE INDEX "idx_resources_status_created_at" ON "resources" ("status", "created_at"))");
}

TEST(Advice, AnIndexThatIsThereIsNotAskedFor) {
    const auto shape = shape_of("SELECT 1 FROM resources t WHERE t.owner_id = $1");
    EXPECT_TRUE(
        advice_for_scans({.scanned = {"resources"}, .indexes = {}, .sorts = false}, shape, facts()).empty());
}

TEST(Advice, OneIndexDoesNotServeAnOr) {
    const auto shape = shape_of("SELECT 1 FROM resources t WHERE t.status = $1 OR t.name = $2");
    EXPECT_TRUE(
        advice_for_scans({.scanned = {"resources"}, .indexes = {}, .sorts = false}, shape, facts()).empty());
}

TEST(Advice, APlanLosesItsValuesAndKeepsItsCosts) {
    EXPECT_EQ(without_values("->  Seq Scan on users t1  (cost=0.00..25.88 rows=6 width=68)\n"
                             "      Filter: ((email = 'ann''s@x.org'::text) AND (age > 42) AND (c2 < $3))"),
              "->  Seq Scan on users t1  (cost=0.00..25.88 rows=6 width=68)\n"
              "      Filter: ((email = ??::text) AND (age > ?) AND (c2 < $3))");
}

}  // namespace
}  // namespace brio::db
