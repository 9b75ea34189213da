#include <gtest/gtest.h>

#include <brio/db/sqlite_delivery.hpp>
#include <brio/db/sqlite_keeper.hpp>
#include <brio/db/sqlite_writer.hpp>
#include <brio/db/test_model.hpp>

namespace brio::db::test {

namespace {

/// A writer of its own on the fixture's database, and a keeper that only does what it is told.
struct Process {
    explicit Process(const Folder& folder)
        : generations(folder.file() + "-generations"),
          writer({.connection = {.path = folder.file(), .writes = true}}, generations, nullptr),
          keeper({.connection = {.path = folder.file(), .writes = true},
                  .every = std::chrono::hours(1),
                  .checkpoint_pages = 1},
                 writer, generations) {}

    void write(runtime::Loop& loop, std::string_view email) {
        static const sql::Statement insert(
            {.type = sql::StatementType::insert, .name = "insert", .writes = {"users"}},
            [](sql::Dialect) { return std::string("INSERT INTO users(email, name) VALUES ($1, 'x')"); });
        auto ticket = std::make_shared<sqlite::JobTicket>();
        ticket->mailbox = std::make_shared<sqlite::Mailbox>(loop, writer);
        ticket->job = std::make_shared<WriteJob>();
        ticket->job->queries.emplace_back(Query{.statement = &insert}).values.add_bytes(email);
        bool done = false;
        run(loop, [](std::shared_ptr<sqlite::JobTicket> sent, bool& flag) -> Async<void> {
            co_await sqlite::deliver(sent, {});
            flag = true;
        }(ticket, done));
        EXPECT_TRUE(done);
    }

    sql::Generations generations;
    sqlite::Writer writer;
    sqlite::Keeper keeper;
};

struct TwoProcesses {
    TwoProcesses() {
        Migrator(folder.url(), migrations()).upgrade();
        first.emplace(folder);
        second.emplace(folder);
        // What was there before anybody counted is foreign once.
        rounds(3);
    }
    void rounds(int count) {
        for (int i = 0; i < count; ++i) {
            first->keeper.round();
            second->keeper.round();
        }
    }
    sql::Generation read(std::string_view table) {
        return first->generations.read(first->generations.slot(table));
    }

    Folder folder;
    runtime::Loop loop;
    std::optional<Process> first;
    std::optional<Process> second;
};

}  // namespace

TEST(Keeper, AnotherProgramsCommitMovesEveryGeneration) {
    TwoProcesses two;
    const auto before = two.read("resources");
    sqlite::Connection other({.path = two.folder.file(), .writes = true});
    other.execute("INSERT INTO users(email, name) VALUES ('foreign@x', 'f')");
    two.rounds(2);
    EXPECT_NE(two.read("resources"), before);
}

TEST(Keeper, CommitsOfThisFrameworkMoveOnlyTheirTables) {
    TwoProcesses two;
    const auto untouched = two.read("resources");
    const auto written = two.read("users");
    for (int i = 0; i < 20; ++i) {
        (i % 2 == 0 ? two.first : two.second)->write(two.loop, std::to_string(i) + "@x");
        two.rounds(1);
    }
    two.rounds(3);
    EXPECT_EQ(two.read("resources"), untouched);
    EXPECT_EQ(two.read("users").number, written.number + 20);
    EXPECT_TRUE(two.read("users").settled);
}

TEST(Keeper, ACommitIsSeenInTheOtherProcessWhenItsWriterIsTold) {
    TwoProcesses two;
    const auto before = two.second->generations.read(two.second->generations.slot("users"));
    two.first->write(two.loop, "a@x");
    EXPECT_EQ(two.second->generations.read(two.second->generations.slot("users")).number, before.number + 1);
}

TEST(Keeper, ALogThatWasCheckpointedStartsAgain) {
    TwoProcesses two;
    for (int i = 0; i < 30; ++i) {
        two.first->write(two.loop, std::to_string(i) + "@x");
        two.rounds(1);
    }
    EXPECT_LT(two.first->writer.wal_pages(), 30);
}

}  // namespace brio::db::test
