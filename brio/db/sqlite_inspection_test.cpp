#include <gtest/gtest.h>

#include <fstream>

#include <brio/db/db_impl.hpp>
#include <brio/db/sqlite_connection.hpp>
#include <brio/db/sqlite_inspection.hpp>
#include <brio/db/test_model.hpp>

namespace brio::db::test {

TEST(SqliteInspection, OfASoundFileFindsNothing) {
    Fixture fixture;
    a_user(fixture);
    auto const found = inspect_sqlite(fixture.folder.file());
    EXPECT_EQ(found.journal_mode, "wal");
    EXPECT_TRUE(found.damage.empty());
    EXPECT_EQ(found.orphan_count, 0U);
    EXPECT_GT(found.file_bytes, 0U);
    EXPECT_GT(found.wal_bytes, 0U);
}

TEST(SqliteInspection, NamesRowsThatReferToNone) {
    Folder folder;
    Migrator(folder.url(), migrations()).upgrade();
    sqlite::Connection connection({.path = folder.file(), .writes = true});
    connection.execute("PRAGMA foreign_keys=OFF");
    connection.execute(
        "INSERT INTO resources(owner_id, name, description, status, created_at, version) "
        "VALUES (77, 'a', '', 'draft', 0, 1)");
    auto const found = inspect_sqlite(folder.file());
    EXPECT_EQ(found.orphan_count, 1U);
    EXPECT_EQ(found.orphans.at(0), "resources 1 refers to a row of users that is not there");
}

TEST(SqliteInspection, FindsDamage) {
    Folder folder;
    {
        Migrator(folder.url(), migrations()).upgrade();
        sqlite::Connection connection({.path = folder.file(), .writes = true});
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
            "INSERT INTO users(email, name) SELECT i || '@x', 'name' FROM n");
        connection.checkpoint(true);
    }
    std::fstream file(folder.file(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(20 * 4096 + 100);
    file << std::string(2000, 'x');
    file.close();
    EXPECT_FALSE(inspect_sqlite(folder.file()).damage.empty());
}

TEST(SqliteInspection, OfAFreedFileSaysHowMuchOfItIsFree) {
    Folder folder;
    Migrator(folder.url(), migrations()).upgrade();
    sqlite::Connection connection({.path = folder.file(), .writes = true});
    connection.execute("CREATE TABLE big(x); INSERT INTO big VALUES (zeroblob(400000)); DROP TABLE big");
    EXPECT_GT(inspect_sqlite(folder.file()).free_bytes, 390'000U);
}

}  // namespace brio::db::test
