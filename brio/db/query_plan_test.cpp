#include <brio/db/query_plan.hpp>

#include <gtest/gtest.h>

namespace brio::db {
namespace {

const StatementShape& filtered() {
    static const StatementShape shape =
        shape_of(R"(SELECT t."id" FROM "resources" AS t JOIN "users" AS r0 ON r0."id" = t."owner_id" )"
                 R"(WHERE t."status" = $1 ORDER BY t."created_at" DESC, t."id" DESC LIMIT $2)");
    return shape;
}

TEST(QueryPlan, AScanOnSqliteIsSaidWithTheIndexThatWouldLead) {
    const auto reading = read_plan(
        "SCAN t\nSEARCH r0 USING INTEGER PRIMARY KEY (rowid=?)\nUSE TEMP B-TREE FOR ORDER BY", filtered());
    EXPECT_EQ(reading.scanned, std::vector<std::string>{"resources"});
    EXPECT_TRUE(reading.sorts);
    EXPECT_TRUE(reading.indexes.empty());
    EXPECT_EQ(plan_words(reading, filtered()),
              "scans the whole table resources: an index on (status, created_at) would lead; sorts its rows "
              "afterwards");
}

TEST(QueryPlan, AScanOnPostgresqlIsSaidTheSame) {
    const auto reading = read_plan(
        "Limit  (cost=1.00..2.00 rows=20 width=8)\n"
        "  ->  Sort  (cost=1.00..2.00 rows=20 width=8)\n"
        "        Sort Key: t.created_at DESC, t.id DESC\n"
        "        ->  Nested Loop  (cost=0.28..1.00 rows=20 width=8)\n"
        "              ->  Seq Scan on resources t  (cost=0.00..25.88 rows=6 width=68)\n"
        "                    Filter: (status = 'active'::text)\n"
        "              ->  Index Only Scan using users_pkey on users r0  (cost=0.15..0.20 rows=1 width=8)\n",
        filtered());
    EXPECT_EQ(reading.scanned, std::vector<std::string>{"resources"});
    EXPECT_EQ(reading.indexes, std::vector<std::string>{"users_pkey"});
    EXPECT_TRUE(reading.sorts);
}

TEST(QueryPlan, IndexesAreNamedAndNothingIsComplainedOf) {
    const auto reading = read_plan(
        "SEARCH t USING INDEX idx_resource_status_created (status=?)\n"
        "SEARCH r0 USING INTEGER PRIMARY KEY (rowid=?)",
        filtered());
    EXPECT_EQ(reading.indexes, std::vector<std::string>{"idx_resource_status_created"});
    EXPECT_EQ(plan_words(reading, filtered()), "");
}

TEST(QueryPlan, AScanAlongAnIndexReadsNoTable) {
    EXPECT_TRUE(read_plan("SCAN t USING COVERING INDEX idx_resource_created", filtered()).scanned.empty());
    EXPECT_TRUE(
        read_plan("LIST SUBQUERY 1\nSCAN json_each VIRTUAL TABLE INDEX 1:", filtered()).scanned.empty());
}

TEST(QueryPlan, AnIndexThatSqliteMakesForOneRunIsAScan) {
    const auto reading = read_plan("SEARCH t USING AUTOMATIC COVERING INDEX (status=?)", filtered());
    EXPECT_EQ(reading.scanned, std::vector<std::string>{"resources"});
    EXPECT_TRUE(reading.indexes.empty());
}

}  // namespace
}  // namespace brio::db
