#include <gtest/gtest.h>

#include <sys/stat.h>

#include <fstream>

#include <brio/db/db_impl.hpp>
#include <brio/db/select.hpp>
#include <brio/db/sqlite_backup.hpp>
#include <brio/db/sqlite_connection.hpp>
#include <brio/db/test_model.hpp>

namespace brio::db::test {
namespace {

Async<std::uint64_t> add_users(Db db, std::string start, int count) {
    std::vector<NewUser> many;
    for (int i = 0; i < count; ++i) {
        many.push_back({Text<254, 3>(concat({start, integer_text(i), "@x"})), Text<120, 1>("some name")});
    }
    co_return co_await db.insert_many(users, std::move(many));
}

std::int64_t users_in(const std::string& file) {
    return sqlite::Connection({.path = file}).integer("SELECT count(*) FROM users");
}

std::string beside(const Fixture& fixture, std::string_view name) {
    return (std::filesystem::path(fixture.folder.file()).parent_path() / name).string();
}

}  // namespace

TEST(SqliteBackup, IsOfOneMomentWhileWritersGoOn) {
    Fixture fixture;
    fixture.run(add_users(fixture.db(), "before", 2000));
    auto const copy = beside(fixture, "copy.db");
    std::uint64_t steps = 0;
    std::uint64_t of = 0;
    auto const outcome = back_up_sqlite(
        {.from = fixture.folder.file(),
         .to = copy,
         .pages_at_a_time = 4,
         .progress = [&](std::uint64_t done, std::uint64_t pages) {
             EXPECT_LE(done, pages);
             of = pages;
             fixture.run(add_users(fixture.db(), concat({"step", integer_text(steps++), "-"}), 1));
             return true;
         }});
    EXPECT_EQ(outcome, BackupOutcome::made);
    EXPECT_GT(steps, 3U);
    EXPECT_GE(steps, of / 4);
    EXPECT_EQ(users_in(copy), 2000);
    EXPECT_EQ(users_in(fixture.folder.file()), static_cast<std::int64_t>(2000 + steps));
    EXPECT_FALSE(std::filesystem::exists(copy + ".partial"));
}

TEST(SqliteBackup, ServesAsADatabase) {
    Fixture fixture;
    fixture.run(add_users(fixture.db(), "u", 10));
    auto const copy = beside(fixture, "copy of 100%?.db");
    back_up_sqlite({.from = fixture.folder.file(), .to = copy});
    Database restored({.url = concat({"sqlite:///", copy})});
    EXPECT_EQ(test::run(fixture.loop, restored.db().select(users).count()), 10U);
    EXPECT_EQ(test::run(fixture.loop, add_users(restored.db(), "v", 1)), 1U);
}

TEST(SqliteBackup, OverwritesNothing) {
    Fixture fixture;
    auto const copy = beside(fixture, "copy.db");
    std::ofstream(copy) << "precious";
    EXPECT_THROW(back_up_sqlite({.from = fixture.folder.file(), .to = copy}), std::invalid_argument);
    EXPECT_EQ(std::filesystem::file_size(copy), 8U);
}

TEST(SqliteBackup, DoesNotTakeANameThatCameToExist) {
    Fixture fixture;
    auto const copy = beside(fixture, "copy.db");
    auto const meanwhile = [&](std::uint64_t, std::uint64_t) {
        std::ofstream(copy) << "precious";
        return true;
    };
    EXPECT_THROW(back_up_sqlite({.from = fixture.folder.file(), .to = copy, .progress = meanwhile}),
                 Unavailable);
    EXPECT_EQ(std::filesystem::file_size(copy), 8U);
    EXPECT_FALSE(std::filesystem::exists(copy + ".partial"));
}

TEST(SqliteBackup, LeavesNothingWhenItIsStopped) {
    Fixture fixture;
    fixture.run(add_users(fixture.db(), "u", 2000));
    auto const copy = beside(fixture, "copy.db");
    auto const outcome = back_up_sqlite({.from = fixture.folder.file(),
                                         .to = copy,
                                         .pages_at_a_time = 1,
                                         .progress = [](std::uint64_t, std::uint64_t) { return false; }});
    EXPECT_EQ(outcome, BackupOutcome::stopped);
    EXPECT_FALSE(std::filesystem::exists(copy));
    EXPECT_FALSE(std::filesystem::exists(copy + ".partial"));
}

TEST(SqliteBackup, OneAtATimeForOneFile) {
    Fixture fixture;
    auto const copy = beside(fixture, "copy.db");
    std::ofstream(copy + ".partial") << "another's";
    EXPECT_THROW(back_up_sqlite({.from = fixture.folder.file(), .to = copy}), Unavailable);
    EXPECT_TRUE(std::filesystem::exists(copy + ".partial"));
}

TEST(SqliteBackup, SaysThatThereIsNoDatabase) {
    Folder folder;
    EXPECT_THROW(back_up_sqlite({.from = folder.file(), .to = folder.file() + ".copy"}),
                 std::invalid_argument);
}

TEST(SqliteBackup, IsAsReadableAsTheDatabase) {
    Fixture fixture;
    auto const copy = beside(fixture, "copy.db");
    ::chmod(fixture.folder.file().c_str(), 0640);
    back_up_sqlite({.from = fixture.folder.file(), .to = copy});
    struct stat made{};
    ASSERT_EQ(::stat(copy.c_str(), &made), 0);
    EXPECT_EQ(made.st_mode & 0777U, 0640U);
}

}  // namespace brio::db::test
