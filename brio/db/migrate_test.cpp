#include <gtest/gtest.h>
#include <sys/wait.h>

#include <brio/db/sqlite_connection.hpp>
#include <brio/db/test_model.hpp>

namespace brio::db::test {

namespace {

std::int64_t tables(const Folder& folder) {
    sqlite::Connection connection({.path = folder.file(), .writes = true, .create = true});
    return connection.integer(
        "SELECT count(*) FROM sqlite_master WHERE name IN ('users', 'resources', 'idx_user_email')");
}

}  // namespace

TEST(Migrate, UpDownUpKeepsWhatStays) {
    Folder folder;
    Migrator migrator(folder.url(), migrations());
    EXPECT_EQ(migrator.upgrade("0001"), std::vector<std::string>{"0001_users_and_resources"});
    sqlite::Connection({.path = folder.file(), .writes = true})
        .execute("INSERT INTO users(email, name) VALUES ('a@x', 'a')");
    EXPECT_EQ(migrator.upgrade(), std::vector<std::string>{"0002_performance_indexes"});
    EXPECT_EQ(migrator.current(), "0002_performance_indexes");
    EXPECT_EQ(migrator.downgrade("-1"), std::vector<std::string>{"0002_performance_indexes"});
    EXPECT_EQ(sqlite::Connection({.path = folder.file()}).integer("SELECT count(*) FROM users"), 1);
    EXPECT_EQ(migrator.upgrade().size(), 1u);
    EXPECT_EQ(tables(folder), 3);
    EXPECT_EQ(migrator.downgrade("base").size(), 2u);
    EXPECT_EQ(migrator.current(), std::nullopt);
    EXPECT_EQ(tables(folder), 0);
}

TEST(Migrate, UpgradeTwiceDoesNothingTheSecondTime) {
    Folder folder;
    Migrator migrator(folder.url(), migrations());
    EXPECT_EQ(migrator.upgrade().size(), 2u);
    EXPECT_TRUE(migrator.upgrade().empty());
}

TEST(Migrate, AFailedMigrationLeavesNothingBehind) {
    Folder folder;
    const std::vector<Migration> failing{
        {"0001_half", up(create_table("users", {{"id", column::id}}), raw("CREATE NONSENSE")),
         down(drop_table("users"))}};
    Migrator migrator(folder.url(), failing);
    EXPECT_THROW(migrator.upgrade(), MigrationError);
    EXPECT_EQ(migrator.current(), std::nullopt);
    EXPECT_EQ(tables(folder), 0);
}

TEST(Migrate, AMigrationThatWasChangedAfterwardsIsRefusedAndShown) {
    Folder folder;
    Migrator(folder.url(), migrations()).upgrade("0001");
    auto changed = migrations();
    changed[0].upgrade.pop_back();
    Migrator migrator(folder.url(), changed);
    EXPECT_THROW(migrator.upgrade(), MigrationError);
    EXPECT_TRUE(migrator.history().at(0).changed);
    EXPECT_FALSE(migrator.history().at(1).applied_at);
}

TEST(Migrate, ADatabaseOfANewerProgramIsRefused) {
    Folder folder;
    Migrator(folder.url(), migrations()).upgrade();
    Migrator older(folder.url(), std::span(migrations()).first(1));
    EXPECT_THROW(older.upgrade(), MigrationError);
    EXPECT_FALSE(older.history().at(1).known);
}

TEST(Migrate, AnUnknownRevisionIsNamed) {
    Folder folder;
    Migrator migrator(folder.url(), migrations());
    EXPECT_THROW(migrator.upgrade("0009"), MigrationError);
    const std::vector<Migration> twice{migrations()[0], migrations()[0]};
    EXPECT_THROW(Migrator(folder.url(), twice), MigrationError);
}

TEST(Migrate, FourProcessesAtOnceApplyEachOnce) {
    Folder folder;
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            try {
                Migrator(folder.url(), migrations()).upgrade();
                ::_exit(0);
            } catch (const std::exception&) {
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
    EXPECT_EQ(Migrator(folder.url(), migrations()).current(), "0002_performance_indexes");
    EXPECT_EQ(sqlite::Connection({.path = folder.file()}).integer("SELECT count(*) FROM brio_migrations"), 2);
}

TEST(Migrate, OfflineTextNeedsNoDatabase) {
    const Migrator migrator("sqlite:///nowhere/at/all.db", migrations());
    const std::string text = migrator.sql("0001");
    EXPECT_TRUE(text.starts_with("-- 0001_users_and_resources\nBEGIN;\nCREATE TABLE \"users\" ("));
    EXPECT_EQ(text.find("0002"), std::string::npos);
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

}  // namespace brio::db::test
