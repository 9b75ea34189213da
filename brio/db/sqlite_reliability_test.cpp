// SQLite among others: readers that stay, writers of other programs, a file that goes away, work of all
// kinds.
#include <gtest/gtest.h>

#include <brio/db/db_impl.hpp>
#include <brio/db/select.hpp>
#include <brio/db/sqlite_connection.hpp>
#include <brio/db/test_model.hpp>
#include <brio/metrics/value_harness.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/runtime/turn_harness.hpp>

namespace brio::db::test {
namespace {

using namespace std::chrono_literals;
using metrics::test::value_of;

Async<User> add_user(Db db, int number) {
    co_return co_await db.insert(
        users, NewUser{Text<254, 3>(concat({integer_text(number), "@x"})), Text<120, 1>("some name")});
}

/// Waits until `holds`, which the housekeeping thread brings about.
template <class Condition>
bool eventually(Condition holds) {
    for (int i = 0; i < 500 && !holds(); ++i) {
        std::this_thread::sleep_for(20ms);
    }
    return holds();
}

}  // namespace

TEST(SqliteReliability, AReferenceToNoRowIsRefusedAndAReferredRowStays) {
    Fixture fixture;
    auto const user = a_user(fixture);
    fixture.run(fixture.db().insert(resources, NewResource{.owner_id = user.id, .name = Text<120, 1>("r")}));
    EXPECT_THROW(fixture.run(fixture.db().insert(
                     resources, NewResource{.owner_id = Id<User>{999}, .name = Text<120, 1>("r")})),
                 ForeignKeyViolation);
    EXPECT_THROW(fixture.run(fixture.db().erase(users, user.id)), ForeignKeyViolation);
}

TEST(SqliteReliability, WritesAmongManyReadsShareTheirFlushes) {
    metrics::Registry registry;
    Fixture fixture({.registry = &registry});
    constexpr int clients = 64;
    constexpr int rounds = 10;
    fixture.run([](Db db) -> Async<void> {
        runtime::Scope scope(co_await runtime::current_work);
        auto client = [](Db of, int number) -> Async<void> {
            for (int i = 0; i < rounds; ++i) {
                for (int read = 0; read < 4; ++read) {
                    co_await of.page(sql::List<user_listing>{});
                }
                co_await add_user(of, number * rounds + i);
            }
        };
        for (int i = 0; i < clients; ++i) {
            scope.start(client(db, i));
        }
        co_await scope.join();
    }(fixture.db()));
    auto const jobs = value_of(registry, "db_write_batch_jobs_total").value();
    auto const batches = value_of(registry, "db_write_batches_total").value();
    EXPECT_EQ(jobs, clients * rounds);
    EXPECT_LE(batches, jobs / 4) << "each write has a flush of its own";
}

TEST(SqliteReliability, ItsFilesAreMeasured) {
    metrics::Registry registry;
    Fixture fixture({.registry = &registry});
    a_user(fixture);
    auto const file = fixture.folder.file();
    EXPECT_EQ(value_of(registry, "db_file_bytes"), static_cast<double>(std::filesystem::file_size(file)));
    EXPECT_EQ(value_of(registry, "db_wal_bytes"),
              static_cast<double>(std::filesystem::file_size(file + "-wal")));
}

TEST(SqliteReliability, AnotherProgramsWriteLockIsWaitedForWhileReadsGoOn) {
    Fixture fixture;
    sqlite::Connection other({.path = fixture.folder.file(), .writes = true});
    other.execute("BEGIN IMMEDIATE");
    auto waiting = add_user(fixture.db(), 1);
    runtime::Work work;
    work.loop = &fixture.loop;
    waiting.start(work, [](void*) {}, nullptr);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(fixture.run(fixture.db().select(users).count()), 0U);
    }
    EXPECT_FALSE(waiting.has_ended());
    other.execute("COMMIT");
    EXPECT_TRUE(runtime::test::turn_until(fixture.loop, [&] { return waiting.has_ended(); }));
    EXPECT_EQ(waiting.result().email, "1@x");
}

TEST(SqliteReliability, AWriterThatWaitsIsNotPassedAgainAndAgain) {
    constexpr int turns = 20;
    Fixture fixture;  // whose file of generations they share
    const auto nobody = [] { return false; };
    std::atomic<bool> is_ending = false;
    std::atomic<int> commits = 0;
    std::thread busy([&] {
        sqlite::Connection writer({.path = fixture.folder.file(), .writes = true});
        while (!is_ending) {
            ASSERT_TRUE(writer.begin_write(10s, nobody));
            std::this_thread::sleep_for(1ms);
            writer.execute("COMMIT");
            ++commits;
        }
    });
    sqlite::Connection waiting({.path = fixture.folder.file(), .writes = true});
    int passed = 0;
    int at_last = 0;
    for (int i = 0; i < turns; ++i) {
        while (commits == at_last) {  // so that the other one is at it
            std::this_thread::sleep_for(100us);
        }
        const int before = commits;
        EXPECT_TRUE(waiting.begin_write(10s, nobody));
        at_last = commits;
        passed += at_last - before;
        waiting.execute("COMMIT");
    }
    is_ending = true;
    busy.join();
    EXPECT_GT(passed, 0) << "nobody was in the way";
    EXPECT_LE(passed, 4 * turns) << "one at work, and one that had begun to ask, are before who comes";
}

TEST(SqliteReliability, AWriteLockThatIsKeptMakesWritesUnavailable) {
    Fixture fixture({.busy_timeout = 50ms});
    sqlite::Connection other({.path = fixture.folder.file(), .writes = true});
    other.execute("BEGIN IMMEDIATE");
    EXPECT_THROW(fixture.run(add_user(fixture.db(), 1)), Unavailable);
    EXPECT_EQ(fixture.run(fixture.db().select(users).count()), 0U);
    other.execute("COMMIT");
    fixture.run(add_user(fixture.db(), 2));
}

TEST(SqliteReliability, AFileThatWasTakenAwayIsNotWrittenTo) {
    Fixture fixture;
    auto const file = fixture.folder.file();
    std::filesystem::rename(file, file + ".away");
    auto const refuses = [&] {
        try {
            fixture.run(fixture.db().select(users).count());
            return false;
        } catch (const Unavailable& unavailable) {
            return unavailable.reason().find("was deleted or replaced") != std::string::npos;
        }
    };
    EXPECT_TRUE(eventually(refuses));
    EXPECT_THROW(fixture.run(add_user(fixture.db(), 1)), Unavailable);
    std::filesystem::copy_file(file + ".away", file);  // another file of that name is not it
    EXPECT_TRUE(refuses());
    std::filesystem::remove(file);
    std::filesystem::rename(file + ".away", file);
    EXPECT_TRUE(eventually([&] { return !refuses(); }));
    fixture.run(add_user(fixture.db(), 2));
}

}  // namespace brio::db::test
