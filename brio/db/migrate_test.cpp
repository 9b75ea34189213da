#include <brio/db/migrate.hpp>

#include <sys/wait.h>

#include <gmock/gmock.h>

#include <random>
#include <thread>

#include <brio/db/migration_text.hpp>
#include <brio/db/test_engines.hpp>
#include <brio/db/test_migrations.hpp>

namespace brio::db::test {

using testing::ElementsAre;
using testing::HasSubstr;

class Migrate : public OnBothEngines {};
INSTANTIATE_TEST_SUITE_P(, Migrate, both_engines, engine_name);

TEST_P(Migrate, UpDownUpKeepsWhatStays) {
    Migrator migrator(place.url(), migrations());
    EXPECT_THAT(migrator.upgrade("0001"), ElementsAre("0001_users_and_resources"));
    place.execute("INSERT INTO users(email, name) VALUES ('a@x', 'a')");
    EXPECT_THAT(migrator.upgrade(), ElementsAre("0002_performance_indexes"));
    EXPECT_EQ(migrator.current(), "0002_performance_indexes");
    EXPECT_THAT(migrator.downgrade("-1"), ElementsAre("0002_performance_indexes"));
    EXPECT_EQ(place.integer("SELECT count(*) FROM users"), 1);
    EXPECT_EQ(migrator.upgrade().size(), 1u);
    EXPECT_TRUE(place.has_table("resources"));
    EXPECT_TRUE(place.has_index("idx_user_email"));
    EXPECT_EQ(migrator.downgrade("base").size(), 2u);
    EXPECT_EQ(migrator.current(), std::nullopt);
    EXPECT_FALSE(place.has_table("users"));
}

TEST_P(Migrate, TwentyTimesUpAndDownKeepTheRows) {
    Migrator migrator(place.url(), migrations());
    migrator.upgrade();
    place.execute("INSERT INTO users(email, name) VALUES ('a@x', 'a'), ('b@x', 'b')");
    for (int round = 0; round < 20; ++round) {
        EXPECT_THAT(migrator.downgrade("0001"), ElementsAre("0002_performance_indexes"));
        EXPECT_FALSE(place.has_index("idx_resource_created"));
        EXPECT_THAT(migrator.upgrade(), ElementsAre("0002_performance_indexes"));
        EXPECT_TRUE(place.has_index("idx_resource_created"));
    }
    EXPECT_EQ(place.integer("SELECT count(*) FROM users"), 2);
}

TEST_P(Migrate, UpgradeTwiceDoesNothingTheSecondTime) {
    Migrator migrator(place.url(), migrations());
    EXPECT_EQ(migrator.upgrade().size(), 2u);
    EXPECT_TRUE(migrator.upgrade().empty());
}

TEST_P(Migrate, AskingMakesNothing) {
    Migrator migrator(place.url(), migrations());
    EXPECT_EQ(migrator.current(), std::nullopt);
    EXPECT_EQ(migrator.history().size(), 2u);
    EXPECT_FALSE(place.has_table("brio_migrations"));
}

TEST_P(Migrate, AFailedMigrationLeavesNothingBehind) {
    const std::vector<Migration> failing{
        {"0001_half", up(create_table("users", {{"id", column::id}}), raw("CREATE NONSENSE")),
         down(drop_table("users"))}};
    Migrator migrator(place.url(), failing);
    try {
        migrator.upgrade();
        FAIL() << "it went through";
    } catch (const MigrationError& error) {
        EXPECT_THAT(error.what(), HasSubstr("migration 0001_half failed and was rolled back"));
        EXPECT_THAT(error.what(), HasSubstr("CREATE NONSENSE"));
    }
    EXPECT_EQ(migrator.current(), std::nullopt);
    EXPECT_FALSE(place.has_table("users"));
}

TEST_P(Migrate, AMigrationThatWasChangedAfterwardsIsRefusedAndShown) {
    Migrator(place.url(), migrations()).upgrade("0001");
    auto changed = migrations();
    changed[0].upgrade.pop_back();
    Migrator migrator(place.url(), changed);
    EXPECT_THROW(migrator.upgrade(), MigrationError);
    EXPECT_TRUE(migrator.history().at(0).changed);
    EXPECT_FALSE(migrator.history().at(1).applied_at);
}

TEST_P(Migrate, ADatabaseOfANewerProgramIsRefused) {
    Migrator(place.url(), migrations()).upgrade();
    Migrator older(place.url(), std::span(migrations()).first(1));
    EXPECT_THROW(older.upgrade(), MigrationError);
    EXPECT_FALSE(older.history().at(1).known);
}

TEST_P(Migrate, AnUnknownRevisionIsNamed) {
    Migrator migrator(place.url(), migrations());
    EXPECT_THROW(migrator.upgrade("0009"), MigrationError);
    const std::vector<Migration> twice{migrations()[0], migrations()[0]};
    EXPECT_THROW(Migrator(place.url(), twice), MigrationError);
}

TEST_P(Migrate, FourProcessesAtOnceApplyEachOnce) {
    const std::string url = place.url();
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            try {
                Migrator(url, migrations()).upgrade();
                ::_exit(0);
            } catch (const std::exception& error) {
                std::fprintf(stderr, "%s\n", error.what());
                ::_exit(1);
            }
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 1;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
    EXPECT_EQ(Migrator(url, migrations()).current(), "0002_performance_indexes");
    EXPECT_EQ(place.integer("SELECT count(*) FROM brio_migrations"), 2);
    EXPECT_TRUE(place.has_index("idx_resource_created"));
}

TEST_P(Migrate, KilledAnywhereTwentyTimesTheNextRunConverges) {
    const std::string url = place.url();
    const auto seed = std::random_device{}();
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> life_us(0, place.is_postgres() ? 60'000 : 15'000);
    for (int round = 0; round < 20; ++round) {
        const pid_t child = ::fork();
        if (child == 0) {
            Migrator(url, migrations()).upgrade();
            ::_exit(0);
        }
        std::this_thread::sleep_for(std::chrono::microseconds(life_us(random)));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        Migrator(url, migrations()).upgrade();
        ASSERT_EQ(place.integer("SELECT count(*) FROM brio_migrations"), 2) << "seed " << seed;
        ASSERT_TRUE(place.has_index("idx_resource_created"));
        Migrator(url, migrations()).downgrade("base");
        ASSERT_FALSE(place.has_table("users"));
    }
}

TEST_P(Migrate, OfflineTextGivesTheSameDatabaseAsUpgrade) {
    place.run_script(Migrator(place.url(), migrations()).sql());
    Migrator migrator(place.url(), migrations());
    EXPECT_EQ(migrator.current(), "0002_performance_indexes");
    EXPECT_TRUE(migrator.upgrade().empty());
    EXPECT_TRUE(place.has_index("idx_resource_created"));
    EXPECT_TRUE(migrator.history().at(1).applied_at);
    EXPECT_EQ(migrator.downgrade("base").size(), 2u);
}

TEST(MigrateText, OfOneRevisionNeedsNoDatabase) {
    for (const char* url : {"sqlite:///nowhere/at/all.db", "postgresql://nobody@192.0.2.1/none"}) {
        const std::string text = Migrator(url, migrations()).sql("0001");
        EXPECT_THAT(text, HasSubstr("-- 0001_users_and_resources\nBEGIN"));
        EXPECT_THAT(text, HasSubstr("CREATE TABLE \"users\" ("));
        EXPECT_EQ(text.find("0002"), std::string::npos);
    }
}

TEST(MigrateText, SaysWhatIsDangerous) {
    auto all = migrations();
    all.push_back({"0003_less",
                   up(drop_index("idx_user_email"), dangerous("nobody reads it", drop_table("resources"))),
                   {}});
    all.push_back({"0004_none", up(drop_table("users")), {}});
    for (const char* url : {"sqlite:///nowhere/at/all.db", "postgresql://nobody@192.0.2.1/none"}) {
        const std::string text = Migrator(url, all).sql();
        EXPECT_THAT(text, HasSubstr("-- 0003_less\n-- dangerous, but: nobody reads it\n"));
        EXPECT_THAT(text, HasSubstr("-- 0004_none\n-- refused by upgrade: it drops the table users\n"));
    }
}

TEST(Migration, TextIsThatOfTheDialect) {
    const auto table = create_table("t", {{"id", column::id},
                                          {"at", column::timestamp.optional()},
                                          {"of", column::reference("users").on_delete_cascade()}});
    EXPECT_EQ(render(table, sql::Dialect::sqlite),
              "CREATE TABLE \"t\" (\n    \"id\" INTEGER PRIMARY KEY,\n    \"at\" INTEGER,\n"
              "    \"of\" INTEGER NOT NULL REFERENCES \"users\" (\"id\") ON DELETE CASCADE\n)");
    EXPECT_NE(render(table, sql::Dialect::postgresql).find("\"at\" timestamptz"), std::string::npos);
    EXPECT_EQ(render(create_index("i", "t", {"a", "b"}, unique), sql::Dialect::sqlite),
              "CREATE UNIQUE INDEX \"i\" ON \"t\" (\"a\", \"b\")");
}

TEST(Migration, AnIndexTakesExpressionsOrdersAndAPart) {
    const auto index =
        create_index("i", "t", {expression("lower(email)"), descending("at")}).where("state = 'open'");
    for (const auto dialect : {sql::Dialect::sqlite, sql::Dialect::postgresql}) {
        EXPECT_EQ(render(index, dialect),
                  "CREATE INDEX \"i\" ON \"t\" ((lower(email)), \"at\" DESC) WHERE state = 'open'");
    }
}

// What is applied stands in databases with these: a version of Brio that gives others refuses them all.
TEST(Migration, ChecksumsAreTheSameForEver) {
    EXPECT_EQ(static_cast<std::int64_t>(migrations()[0].checksum()), -6534257748500663999);
    EXPECT_EQ(static_cast<std::int64_t>(migrations()[1].checksum()), 2244819165027834762);
    const Migration altered{"1",
                            up(alter_column("t", "a", {.from = column::integer, .to = column::real}),
                               raw("SELECT 1", "SELECT 2")),
                            down()};
    EXPECT_EQ(static_cast<std::int64_t>(altered.checksum()), 583451246896199041);
    Migration accepted = altered;
    accepted.upgrade[0] = dangerous("it is empty", accepted.upgrade[0]);
    EXPECT_EQ(accepted.checksum(), altered.checksum());
}

}  // namespace brio::db::test
