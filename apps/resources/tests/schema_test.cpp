// The tables that the service's migrations make are those that its model speaks of, on both engines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include <brio/db/database.hpp>
#include <brio/db/migrate.hpp>
#include <brio/db/postgres_steps.hpp>
#include <brio/db/schema_check.hpp>
#include <brio/db/sqlite_connection.hpp>
#include <brio/db/test_postgres.hpp>
#include <brio/testing/server_process.hpp>

#include "../migrations.hpp"
#include "../model.hpp"

namespace service {
namespace {

using ::testing::HasSubstr;
namespace db = brio::db;

class Schema : public ::testing::TestWithParam<sql::Dialect> {
protected:
    std::string url() {
        if (GetParam() == sql::Dialect::postgresql) {
            return postgres.emplace().url();
        }
        return "sqlite:///" + (folder.path() / "resources.db").string();
    }
    brio::testing::Finished run(std::vector<std::string> words, const std::string& url) const {
        words.insert(words.begin(), (std::filesystem::path(std::getenv("BRIO_BIN")) / "resources").string());
        return brio::testing::run_program(folder, words, {{"DATABASE_URL", url}});
    }
    brio::TemporaryFolder folder;
    std::optional<db::test::PostgresDatabase> postgres;
};
INSTANTIATE_TEST_SUITE_P(, Schema, ::testing::Values(sql::Dialect::sqlite, sql::Dialect::postgresql),
                         [](const auto& engine) {
                             return engine.param == sql::Dialect::sqlite ? "sqlite" : "postgresql";
                         });

TEST_P(Schema, OfTheMigrationsIsThatOfTheModel) {
    auto const place = url();
    db::Migrator(place, migrations).upgrade();
    for (auto const& difference : db::differences(db::model_of(users, resources, summaries),
                                                  db::read_stored_schema(place), GetParam())) {
        ADD_FAILURE() << difference.what;
    }
}

TEST_P(Schema, IsUpgradedCheckedAndTakenBackByTheProgram) {
    auto const place = url();
    auto const before = run({"migrate", "check"}, place);
    EXPECT_EQ(before.status, 1);
    EXPECT_THAT(before.output, HasSubstr("run `resources migrate upgrade`"));
    EXPECT_THAT(run({"migrate", "upgrade"}, place).output, HasSubstr("applied 0001_users_and_resources"));
    EXPECT_EQ(run({"migrate", "check"}, place).status, 0);
    EXPECT_THAT(run({"migrate", "new", "nothing", "--auto"}, place).output, HasSubstr("nothing to write"));
    EXPECT_THAT(run({"migrate", "downgrade", "0001"}, place).output, HasSubstr("0002_performance_indexes"));
    EXPECT_THAT(run({"migrate", "current"}, place).output, HasSubstr("0001_users_and_resources"));
    EXPECT_EQ(run({"migrate", "upgrade", "--quiet"}, place).output, "");
    EXPECT_EQ(run({"migrate", "upgrade", "9999"}, place).status, 2);
}

TEST_P(Schema, CheckSaysWhatWouldMendADifference) {
    auto const place = url();
    db::Migrator(place, migrations).upgrade();
    if (postgres) {
        db::test::psql(place, "DROP INDEX idx_resource_owner");
    } else {
        db::sqlite::Connection({.path = db::sqlite_path(place), .writes = true})
            .execute("DROP INDEX idx_resource_owner");
    }
    auto const checked = run({"migrate", "check"}, place);
    EXPECT_EQ(checked.status, 1);
    EXPECT_THAT(checked.output, HasSubstr("there is no index idx_resource_owner"));
    constexpr const char* mend =
        R"(create_index("idx_resource_owner", "resources", {"owner_id", "created_at"}))";
    EXPECT_THAT(checked.output, HasSubstr(mend));

    auto const source = folder.file("migrations.cpp");
    std::filesystem::copy(std::filesystem::path(std::getenv("BRIO_SOURCE")) / "apps/resources/migrations.cpp",
                          source);
    EXPECT_EQ(run({"migrate", "new", "Owner index", "--auto", "--into", source}, place).status, 0);
    std::ostringstream written;
    written << std::ifstream(source).rdbuf();
    EXPECT_THAT(written.str(), HasSubstr("_owner_index\",\n     up(" + std::string(mend)));
}

TEST(SchemaSteps, ThePerformanceIndexesAreBuiltWithoutKeepingWritersAway) {
    for (auto const& step : db::postgres::steps_of(migrations[1].upgrade)) {
        EXPECT_THAT(step.statements.front(), HasSubstr("INDEX CONCURRENTLY"));
    }
}

}  // namespace
}  // namespace service
