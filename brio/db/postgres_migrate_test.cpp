#include <sys/wait.h>

#include <gmock/gmock.h>

#include <atomic>
#include <random>
#include <thread>

#include <brio/db/error.hpp>
#include <brio/db/migrate.hpp>
#include <brio/db/test_migrations.hpp>

namespace brio::db::test {

using postgres::Session;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// Everything that PostgreSQL does in more than one step, on a table with rows.
std::vector<Migration> with_mixed() {
    auto all = migrations();
    all.push_back(
        {"0003_mixed",
         up(add_column("users", "points", column::integer.optional()),
            create_index("idx_users_name", "users", {"name"}),
            alter_column("users", "name", {.from = column::text(120), .to = column::text(200)}),
            create_table("notes", {{"id", column::id}, {"user_id", column::reference("users")}}),
            create_index("idx_notes_user", "notes", {"user_id"}),
            raw("UPDATE users SET points = 0 WHERE points IS NULL"),
            alter_column("users", "points",
                         {.from = column::integer.optional(), .to = column::integer.by_default("0")}),
            create_index("idx_users_lower", "users", {expression("lower(email)")}, unique)),
         down(drop_index("idx_users_lower"), drop_table("notes"),
              alter_column("users", "name", {.from = column::text(200), .to = column::text(120)}),
              drop_index("idx_users_name"), drop_column("users", "points"))});
    return all;
}

class MigratePostgres : public testing::Test {
protected:
    Place place{sql::Dialect::postgresql};
    Session session{place.url()};

    void fill(int users) {
        Migrator(place.url(), migrations()).upgrade();
        session.execute(
            concat({"INSERT INTO users(email, name) SELECT 'u' || i || '@x', 'u' || i FROM "
                    "generate_series(1, ",
                    integer_text(users), ") i"}));
    }
    /// Runs in a process of its own, which is killed after `life`; true when it came to its end.
    template <class Work>
    static bool in_killed_process(std::chrono::microseconds life, Work work) {
        const pid_t child = ::fork();
        if (child == 0) {
            try {
                work();
            } catch (const std::exception& error) {
                std::fprintf(stderr, "%s\n", error.what());
                ::_exit(1);
            }
            ::_exit(0);
        }
        std::this_thread::sleep_for(life);
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
};

}  // namespace

TEST_F(MigratePostgres, KilledAnywhereTwentyTimesTheNextRunConverges) {
    fill(2000);
    const auto all = with_mixed();
    const std::string url = place.url();
    const auto begun = monotonic_now();
    Migrator(url, all).upgrade();
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(monotonic_now() - begun);
    Migrator(url, all).downgrade("0002");
    const auto seed = std::random_device{}();
    RecordProperty("seed", std::to_string(seed));
    std::mt19937 random(seed);
    std::uniform_int_distribution<std::int64_t> part(0, took.count());
    int killed = 0;
    for (int round = 0; round < 20; ++round) {
        killed +=
            in_killed_process(std::chrono::microseconds(part(random)), [&] { Migrator(url, all).upgrade(); })
                ? 0
                : 1;
        Migrator(url, all).upgrade();
        ASSERT_EQ(Migrator(url, all).current(), "0003_mixed") << "seed " << seed << ", round " << round;
        for (const char* index : {"idx_users_name", "idx_users_lower", "idx_notes_user"}) {
            ASSERT_TRUE(place.has_index(index)) << index;
        }
        ASSERT_EQ(place.integer("SELECT count(*) FROM brio_migrations"), 3);
        ASSERT_EQ(place.integer("SELECT count(*) FROM brio_migration_steps"), 0);
        ASSERT_EQ(place.integer("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), 0);
        killed += in_killed_process(std::chrono::microseconds(part(random)),
                                    [&] { Migrator(url, all).downgrade("0002"); })
                      ? 0
                      : 1;
        Migrator(url, all).downgrade("0002");
        ASSERT_EQ(Migrator(url, all).current(), "0002_performance_indexes");
        ASSERT_FALSE(place.has_table("notes"));
        ASSERT_FALSE(place.has_index("idx_users_name"));
        ASSERT_EQ(place.integer("SELECT count(*) FROM users"), 2000);
    }
    EXPECT_GT(killed, 0);
}

TEST_F(MigratePostgres, AnInvalidIndexOfAKilledRunIsDroppedAndBuiltAgain) {
    fill(10);
    const auto all = with_mixed();
    session.execute("INSERT INTO users(email, name) VALUES ('twin1@x', 'twin'), ('twin2@x', 'twin')");
    EXPECT_THROW(session.execute("CREATE UNIQUE INDEX CONCURRENTLY idx_users_name ON users(name)"),
                 UniqueViolation);
    ASSERT_EQ(place.integer("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), 1);
    std::vector<std::string> said;
    Migrator(place.url(), all, {.say = [&](std::string_view line) { said.emplace_back(line); }}).upgrade();
    EXPECT_TRUE(place.has_index("idx_users_name"));
    EXPECT_EQ(place.integer("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), 0);
    EXPECT_THAT(said, Contains(HasSubstr("dropping the index idx_users_name")));
}

TEST_F(MigratePostgres, AnIndexThatCannotBeBuiltLeavesNoInvalidOneAndTheRunCanBeGoneOnWith) {
    fill(10);
    session.execute("INSERT INTO users(email, name) VALUES ('Twin@x', 'a'), ('twin@x', 'b')");
    const auto all = with_mixed();
    Migrator migrator(place.url(), all);
    try {
        migrator.upgrade();
        FAIL() << "it went through";
    } catch (const MigrationError& error) {
        EXPECT_THAT(error.what(), HasSubstr("at step"));
        EXPECT_THAT(error.what(), HasSubstr("those before it stand"));
        EXPECT_THAT(error.what(), HasSubstr("CREATE UNIQUE INDEX CONCURRENTLY \"idx_users_lower\""));
    }
    EXPECT_EQ(place.integer("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), 0);
    EXPECT_EQ(migrator.current(), "0002_performance_indexes");
    EXPECT_EQ(migrator.history().at(2).unfinished, Direction::up);
    session.execute("DELETE FROM users WHERE email = 'Twin@x'");
    EXPECT_THAT(migrator.upgrade(), ElementsAre("0003_mixed"));
    EXPECT_TRUE(place.has_index("idx_users_lower"));
}

TEST_F(MigratePostgres, WhatIsHalfDoneIsFinishedBeforeItIsTakenBack) {
    fill(10);
    session.execute("INSERT INTO users(email, name) VALUES ('Twin@x', 'a'), ('twin@x', 'b')");
    const auto all = with_mixed();
    EXPECT_THROW(Migrator(place.url(), all).upgrade(), MigrationError);
    session.execute("DELETE FROM users WHERE email = 'Twin@x'");
    EXPECT_THAT(Migrator(place.url(), all).downgrade("-1"), ElementsAre("0003_mixed"));
    EXPECT_EQ(Migrator(place.url(), all).current(), "0002_performance_indexes");
    EXPECT_FALSE(place.has_table("notes"));
}

TEST_F(MigratePostgres, AHalfDoneMigrationWhoseDoneStepsWereChangedIsRefused) {
    fill(10);
    session.execute("INSERT INTO users(email, name) VALUES ('Twin@x', 'a'), ('twin@x', 'b')");
    EXPECT_THROW(Migrator(place.url(), with_mixed()).upgrade(), MigrationError);
    session.execute("DELETE FROM users WHERE email = 'Twin@x'");
    auto changed = with_mixed();
    changed[2].upgrade[0] = add_column("users", "score", column::integer.optional());
    EXPECT_THROW(Migrator(place.url(), changed).upgrade(), MigrationError);
    auto mended = with_mixed();
    mended[2].upgrade.back() = create_index("idx_users_lower", "users", {expression("lower(email)")});
    EXPECT_THAT(Migrator(place.url(), mended).upgrade(), ElementsAre("0003_mixed"));
}

TEST_F(MigratePostgres, NoWriterWaitsForAnIndexThatIsBuilt) {
    const bool is_full = std::getenv("BRIO_FULL") != nullptr;
    fill(is_full ? 1'000'000 : 100'000);
    std::atomic<bool> is_over{false};
    std::uint64_t written = 0;
    std::uint64_t refused = 0;
    std::int64_t waited = 0;
    std::chrono::nanoseconds longest{0};
    std::jthread writer([&] {
        Session writes(place.url());
        writes.execute("SET lock_timeout = '1s'");  // a write that waits longer throws
        for (; !is_over; ++written) {
            const auto begun = monotonic_now();
            const auto number = integer_text(written);
            try {
                writes.query("INSERT INTO users(email, name) VALUES ($1, 'w')",
                             {concat({"w", number, "@x"})});
            } catch (const LockTimeout&) {
                ++refused;
            }
            longest = std::max(longest, std::chrono::nanoseconds(monotonic_now() - begun));
            waited +=
                std::stoll(*session.value("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = "
                                          "'relation' AND mode = 'RowExclusiveLock'"));
            std::this_thread::sleep_for(std::chrono::milliseconds(4));
        }
    });
    auto all = migrations();
    all.push_back({"0003_indexes",
                   up(create_index("idx_users_name", "users", {"name"}),
                      alter_column("users", "name", {.from = column::text(120), .to = column::text(200)}),
                      create_index("idx_users_lower", "users", {expression("lower(email)")}, unique)),
                   {}});
    EXPECT_NO_THROW(Migrator(place.url(), all).upgrade());
    is_over = true;
    writer.join();
    EXPECT_TRUE(place.has_index("idx_users_name"));
    EXPECT_EQ(place.integer("SELECT count(*) FROM users WHERE email LIKE 'w%'"), written - refused);
    EXPECT_EQ(refused, 0u);
    EXPECT_GT(written, 0u);
    EXPECT_EQ(waited, 0);
    RecordProperty("longest_write_ms",
                   std::to_string(std::chrono::duration<double, std::milli>(longest).count()));
    RecordProperty("writes", std::to_string(written));
}

TEST_F(MigratePostgres, ASecondMigratorWaitsAndSaysForWhom) {
    session.execute("SET application_name = 'the first one'");
    session.execute("SELECT pg_advisory_lock(" +
                    std::to_string(static_cast<std::int64_t>(sql::stable_hash("brio_migrations"))) + ")");
    try {
        Migrator(place.url(), migrations(), {.most_wait = std::chrono::milliseconds(300)}).upgrade();
        FAIL() << "it did not wait";
    } catch (const MigrationError& error) {
        EXPECT_THAT(error.what(), HasSubstr("another migration has held the database"));
        EXPECT_THAT(error.what(), HasSubstr("the first one"));
    }
    EXPECT_FALSE(place.has_table("users"));
}

TEST_F(MigratePostgres, ATableInUseIsTriedAgainWithoutKeepingOthersFromIt) {
    fill(10);
    const std::vector<Migration> adding{
        migrations()[0],
        migrations()[1],
        {"0003_points", up(add_column("users", "points", column::integer.by_default("0"))),
         down(drop_column("users", "points"))}};
    session.execute("BEGIN; SELECT count(*) FROM users");  // a long read
    Session other(place.url());
    other.execute("SET lock_timeout = '5s'");
    std::vector<std::string> said;
    Migrator migrator(place.url(), adding,
                      {.say =
                           [&](std::string_view line) {
                               said.emplace_back(line);
                               if (said.size() == 2) {
                                   other.query("SELECT count(*) FROM users");  // passes between two tries
                                   session.execute("COMMIT");
                               }
                           },
                       .lock_timeout = std::chrono::milliseconds(50)});
    EXPECT_THAT(migrator.upgrade(), ElementsAre("0003_points"));
    EXPECT_THAT(said.at(0), HasSubstr("a table is in use, trying again: server process"));
    EXPECT_THAT(said.at(0), HasSubstr("idle in transaction"));
    EXPECT_EQ(place.integer("SELECT sum(points) FROM users"), 0);
}

TEST_F(MigratePostgres, ATableThatStaysInUseIsGivenUpWithTheNameOfWhoUsesIt) {
    fill(10);
    const std::vector<Migration> adding{
        migrations()[0],
        migrations()[1],
        {"0003_points", up(add_column("users", "points", column::integer.optional())),
         down(drop_column("users", "points"))}};
    session.execute("SET application_name = 'a report'; BEGIN; SELECT count(*) FROM users");
    try {
        Migrator(
            place.url(), adding,
            {.lock_timeout = std::chrono::milliseconds(20), .lock_patience = std::chrono::milliseconds(100)})
            .upgrade();
        FAIL() << "it got the lock";
    } catch (const MigrationError& error) {
        EXPECT_THAT(error.what(), HasSubstr("a report"));
    }
    EXPECT_EQ(Migrator(place.url(), adding).current(), "0002_performance_indexes");
}

}  // namespace brio::db::test
