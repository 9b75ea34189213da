#include <brio/db/report.hpp>

#include <gtest/gtest.h>

#include <brio/db/test_model.hpp>

namespace brio::db::test {
namespace {

/// Statements as a route sends them.
template <class T>
void run_as(Fixture& fixture, std::string_view name, Async<T> call) {
    runtime::Work work;
    work.name = name;
    run(fixture.loop, std::move(call), work);
}

std::vector<NewResource> rows(Id<User> owner_id, int count) {
    std::vector<NewResource> given;
    for (int i = 0; i < count; ++i) {
        given.push_back({owner_id, Text<120, 1>(concat({"r", integer_text(i)})), {}, Status::active});
    }
    return given;
}

TEST(Report, StatementsAreShownWithTheirRouteAndTheirText) {
    Fixture fixture;
    const User ann = a_user(fixture);
    run_as(fixture, "/api/users/{id}", fixture.db().find(users, ann.id));
    const auto report = report_queries(*fixture.database);
    const auto at = std::ranges::find(report.statements, "/api/users/{id}", &StatementLine::endpoint);
    ASSERT_NE(at, report.statements.end());
    EXPECT_EQ(at->statement, "users by id");
    EXPECT_EQ(at->type, "select");
    EXPECT_EQ(at->count, 1u);
    EXPECT_EQ(at->fingerprint.size(), 16u);
    EXPECT_NE(at->text.find("FROM \"users\""), std::string::npos);
    EXPECT_GT(at->took_ms, 0.0);
    EXPECT_GE(at->slowest_ms, at->mean_ms);
}

TEST(Report, AnIndexThatSavesAScanIsAskedForWithProofAndAMigration) {
    Fixture fixture;
    fixture.run(fixture.db().insert_many(resources, rows(a_user(fixture).id, 3000)));
    run_as(fixture, "/api/search",
           fixture.db().query<User>(Reads{"resources"},
                                    "SELECT id, '' AS email, name FROM resources WHERE name = $1",
                                    std::string("r7")));
    const auto report = fixture.run(report_indexes(*fixture.database));
    ASSERT_EQ(report.missing.size(), 1u);
    const IndexAdvice& advice = report.missing[0];
    EXPECT_EQ(advice.migration, R"(create_index("idx_resources_name", "resources", {"name"}))");
    EXPECT_TRUE(advice.why.ends_with("for /api/search: scanned 2999 rows for 1")) << advice.why;
    EXPECT_EQ(advice.before, "SCAN resources");
    EXPECT_EQ(advice.after, "SEARCH resources USING COVERING INDEX idx_resources_name (name=?)");
}

TEST(Report, ASmallTableIsScannedInPeace) {
    Fixture fixture;
    fixture.run(fixture.db().insert_many(resources, rows(a_user(fixture).id, 20)));
    run_as(fixture, "/api/search",
           fixture.db().query<User>(Reads{"resources"},
                                    "SELECT id, '' AS email, name FROM resources WHERE name = $1",
                                    std::string("r7")));
    EXPECT_TRUE(fixture.run(report_indexes(*fixture.database)).missing.empty());
}

TEST(Report, NoIndexIsCalledUnusedBeforeAStatementHasRun) {
    Fixture fixture;
    const auto report = fixture.run(report_indexes(*fixture.database));
    EXPECT_EQ(report.statements, 0u);
    EXPECT_TRUE(report.unused.empty());
}

TEST(Report, AnIndexThatNoPlanUsesIsNamedAndNeededOnesAreNot) {
    Fixture fixture;
    List<listing> request = *sql::parse_list<listing>(std::vector<sql::NamedValue>{{"status", "active"}});
    run_as(fixture, "/api/resources", fixture.db().page(request));
    const auto report = fixture.run(report_indexes(*fixture.database));
    std::vector<std::string> names;
    for (const UnusedIndex& each : report.unused) {
        names.push_back(each.index);
    }
    // Of the others one is unique, one leads with a foreign key, one is used.
    EXPECT_EQ(names, std::vector<std::string>{"idx_resource_created"});
    EXPECT_EQ(report.unused[0].migration, R"(drop_index("idx_resource_created"))");
}

}  // namespace
}  // namespace brio::db::test
