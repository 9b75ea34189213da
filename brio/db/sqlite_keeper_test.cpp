#include <gtest/gtest.h>

#include <brio/db/sqlite_delivery.hpp>
#include <brio/db/sqlite_keeper.hpp>
#include <brio/db/sqlite_writer.hpp>
#include <brio/db/test_model.hpp>

namespace brio::db::test {

namespace {

/// A writer of its own on the fixture's database, and a keeper that only does what it is told.
struct Process {
    explicit Process(const Folder& folder, WalLimits wal = {.checkpoint_pages = 1})
        : generations(folder.file() + "-generations"),
          writer({.connection = {.path = folder.file(), .writes = true, .most_kept_log = kept_log}},
                 generations, nullptr),
          keeper({.connection = {.path = folder.file(),
                                 .writes = true,
                                 .busy_timeout = std::chrono::milliseconds(1)},
                  .every = std::chrono::hours(1),
                  .wal = wal},
                 writer, generations) {}
    static constexpr std::int64_t kept_log = 100'000;

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

namespace {

/// Writes with a round of the keeper now and then; gives the longest log in between.
int longest_log(Process& process, runtime::Loop& loop, int writes) {
    static int number = 0;
    int longest = 0;
    for (int i = 0; i < writes; ++i) {
        process.write(loop, concat({"log", integer_text(number++), "@x"}));
        longest = std::max(longest, process.writer.wal_pages());
        if (i % 5 == 0) {
            process.keeper.round();
        }
    }
    return longest;
}

}  // namespace

TEST(Keeper, TheLogStaysShortHoweverMuchIsWritten) {
    Folder folder;
    Migrator(folder.url(), migrations()).upgrade();
    runtime::Loop loop;
    Process process(folder, {.checkpoint_pages = 10, .restart_pages = 100});
    EXPECT_LT(longest_log(process, loop, 200), 150);
}

TEST(Keeper, TheLogGrowsBehindAReaderThatStaysAndShrinksWhenItHasLeft) {
    Folder folder;
    Migrator(folder.url(), migrations()).upgrade();
    runtime::Loop loop;
    Process process(folder, {.checkpoint_pages = 10,
                             .restart_pages = 100,
                             .warn_pages = 300,
                             .least_pause = std::chrono::nanoseconds(0)});
    sqlite::Connection reader({.path = folder.file()});
    reader.control(sqlite::Connection::Control::begin);
    reader.integer("SELECT count(*) FROM users");
    testing::internal::CaptureStderr();
    EXPECT_GT(longest_log(process, loop, 200), 350);
    auto const said = testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find("write-ahead log grows: a reader"), std::string::npos) << said;
    EXPECT_EQ(reader.integer("SELECT count(*) FROM users"), 0) << "its snapshot has moved";
    reader.control(sqlite::Connection::Control::commit);
    longest_log(process, loop, 20);
    EXPECT_LT(process.writer.wal_pages(), 150);
    EXPECT_LE(sqlite::file_bytes(folder.file() + "-wal"),
              static_cast<std::uint64_t>(Process::kept_log) + 150 * 4096);
}

}  // namespace brio::db::test
