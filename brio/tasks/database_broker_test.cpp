#include <brio/tasks/database_broker.hpp>

#include <brio/db/postgres_session.hpp>
#include <brio/db/test_engines.hpp>
#include <brio/json/read.hpp>
#include <brio/runtime/turn_harness.hpp>
#include <brio/tasks/broker_conformance.hpp>
#include <brio/tasks/database_statements.hpp>

namespace brio::tasks::test {
namespace {

using namespace std::chrono_literals;
using runtime::test::turn_until;

/// A database as two processes have it.
class OnDatabase final : public BrokerUnderTest {
public:
    explicit OnDatabase(sql::Dialect dialect) : fixture_(dialect) {}
    Broker& one() override { return one_; }
    Broker& other() override { return other_; }

private:
    db::test::Fixture fixture_;
    db::Database second_{{.url = fixture_.url()}};
    DatabaseBroker one_{*fixture_.database, clocks.clocks()};
    DatabaseBroker other_{second_, clocks.clocks()};
};

BrokerKind on(sql::Dialect dialect, std::string name) {
    return {std::move(name), [dialect] { return std::make_unique<OnDatabase>(dialect); }};
}

INSTANTIATE_TEST_SUITE_P(Database, BrokerConformance,
                         testing::Values(on(sql::Dialect::sqlite, "sqlite"),
                                         on(sql::Dialect::postgresql, "postgresql")),
                         name_of_kind);

class DatabaseBrokerTest : public db::test::OnEveryEngine {
protected:
    void SetUp() override {
        fixture = std::make_unique<db::test::Fixture>(GetParam());
        broker = std::make_unique<DatabaseBroker>(*fixture->database);
        fixture->run(broker->beat({.id = "w"}));
    }
    static std::vector<Message> one(std::string id) {
        std::vector<Message> messages;
        messages.push_back({.id = std::move(id), .name = "app.task", .queue = "q"});
        return messages;
    }
    std::size_t claimable() {
        const std::vector<std::string> queues{"q"};
        return fixture->run(broker->claim({.worker = "w", .queues = queues, .most = 100})).size();
    }

    std::unique_ptr<db::test::Fixture> fixture;
    std::unique_ptr<DatabaseBroker> broker;
};
INSTANTIATE_TEST_SUITE_P(, DatabaseBrokerTest, db::test::every_engine, db::test::engine_name);

TEST_P(DatabaseBrokerTest, ATaskOfATransactionIsThereWhenItIsCommitted) {
    std::size_t before = 1;
    fixture->run(fixture->db().transaction([&](Db db) -> Async<void> {
        co_await db.insert(db::test::users, db::test::NewUser{Text<254, 3>("a@b"), Text<120, 1>("Ann")});
        co_await broker->push_within(db, one("a"));
        before = (co_await broker->list(std::nullopt, 10)).size();
    }));
    EXPECT_EQ(before, 0u) << "seen before the commit";
    EXPECT_EQ(claimable(), 1u);
}

TEST_P(DatabaseBrokerTest, ATaskOfATransactionThatIsRolledBackNeverWas) {
    EXPECT_THROW(fixture->run(fixture->db().transaction([&](Db db) -> Async<void> {
        co_await broker->push_within(db, one("a"));
        throw std::runtime_error("changed my mind");
    })),
                 std::runtime_error);
    EXPECT_EQ(claimable(), 0u);
    EXPECT_EQ(fixture->run(broker->status("a")).state, State::unknown);
}

TEST_P(DatabaseBrokerTest, WithoutATransactionThereIsNothingToBePartOf) {
    EXPECT_THROW(fixture->run(broker->push_within(fixture->db(), one("a"))), std::logic_error);
}

TEST_P(DatabaseBrokerTest, ACommitWakesThoseThatWait) {
    EXPECT_EQ(claimable(), 0u);
    runtime::Work work;
    work.loop = &fixture->loop;
    const std::vector<std::string> queues{"q"};
    // The wait's own net would end it as well: what counts is that the bell does.
    fixture->run(
        fixture->db().transaction([&](Db db) -> Async<void> { co_await broker->push_within(db, one("a")); }));
    fixture->run(broker->wait(queues, 1h));
    EXPECT_EQ(claimable(), 1u);
}

TEST_P(DatabaseBrokerTest, AWaitEndsWhenSomethingBecomesDue) {
    auto messages = one("a");
    messages.front().due = Timestamp(Timestamp(wall_now()).microseconds + 30'000);
    fixture->run(broker->push(std::move(messages)));
    const std::vector<std::string> queues{"q"};
    std::size_t claims = 0;
    for (int i = 0; claims == 0 && i < 1000; ++i) {
        claims = claimable();
        fixture->run(broker->wait(queues, 1h));
    }
    EXPECT_EQ(claims, 1u);
}

TEST_P(DatabaseBrokerTest, GenerationsOfTheProgramsTablesStandStill) {
    auto& generations = fixture->database->generations();
    const auto slot = generations.slot("users");
    const auto before = generations.read(slot);
    fixture->run(broker->push(one("a")));
    EXPECT_EQ(claimable(), 1u);
    EXPECT_EQ(generations.read(slot), before);
}

TEST_P(DatabaseBrokerTest, TheTablesAreMadeOnce) {
    const DatabaseBroker again(*fixture->database);
    fixture->run(broker->push(one("a")));
    EXPECT_EQ(claimable(), 1u);
}

TEST_P(DatabaseBrokerTest, TablesOfAnotherVersionAreRefused) {
    EXPECT_EQ(fixture->run(broker->exchange("brio.schema", "2", "7")), "7");
    EXPECT_THROW(DatabaseBroker(*fixture->database), db::StatementError);
}

TEST_P(DatabaseBrokerTest, TablesOfTheFirstVersionAreBroughtUpToDate) {
    fixture->run(broker->push(one("a")));
    const sql::Statement drop =
        database::both("drop a column", "ALTER TABLE brio_tasks DROP COLUMN is_followed");
    auto job = std::make_shared<db::WriteJob>();
    job->queries.push_back({.statement = &drop});
    fixture->run(fixture->database->engine().write(std::move(job)));
    EXPECT_EQ(fixture->run(broker->exchange("brio.schema", "2", "1")), "1");
    const DatabaseBroker newer(*fixture->database);
    EXPECT_EQ(fixture->run(broker->exchange("brio.schema", std::nullopt, "")), "2");
    auto messages = one("b");
    messages.front().embed = R"({"chain":[{"task":"app.next"}]})";
    fixture->run(broker->push(std::move(messages)));
    EXPECT_EQ(claimable(), 2u);
}

TEST(TaskDetails, AProgramOfTheFirstVersionReadsThemWhereThereIsNoWorkflow) {
    struct First {
        std::optional<std::int64_t> deadline_ms;
        std::optional<std::int64_t> hard_deadline_ms;
        std::string root_id;
        std::string parent_id;
        std::string traceparent;
        std::string embed;
    };
    const Message message{.id = "a", .name = "app.task", .expires = Timestamp(7), .deadline = 5s};
    const auto read = json::read<First>(database::write_details(message));
    ASSERT_TRUE(read) << json::describe(read.error());
    EXPECT_EQ(read->deadline_ms, 5000);
}

TEST_P(DatabaseBrokerTest, PartsOfGroupsAreSweptSomeAtATime) {
    std::vector<PartEnd> parts;
    for (std::int64_t i = 0; i < 5; ++i) {
        parts.push_back({.group = "g", .size = 6, .index = i, .id = "p", .value = "1"});
    }
    fixture->run(broker->join(std::move(parts)));
    DatabaseBroker later(*fixture->database, {.wall = [] { return Timestamp(wall_now() + 25h); }});
    for (const std::uint64_t swept : {2u, 2u, 1u, 0u}) {
        EXPECT_EQ(fixture->run(later.sweep(2)), swept);
    }
}

TEST_P(DatabaseBrokerTest, OfSeveralPartsOfOneCallTheLastIsGivenTheGroup) {
    std::vector<PartEnd> parts;
    for (std::int64_t i = 0; i < 3; ++i) {
        parts.push_back({.group = "g", .size = 3, .index = i, .id = "p", .value = "1"});
    }
    const auto groups = fixture->run(broker->join(std::move(parts)));
    ASSERT_EQ(groups.size(), 3u);
    EXPECT_EQ(groups[0].size() + groups[1].size(), 0u);
    EXPECT_EQ(groups[2].size(), 3u);
}

TEST_P(DatabaseBrokerTest, WordsThatTheDatabaseCannotKeepAreMadeGood) {
    fixture->run(broker->push(one("a")));
    const std::vector<std::string> queues{"q"};
    const auto claims = fixture->run(broker->claim({.worker = "w", .queues = queues, .most = 1}));
    ASSERT_EQ(claims.size(), 1u);
    std::vector<Settlement> failed;
    failed.push_back({.held = {"a", claims.front().fence},
                      .outcome = Settlement::Outcome::failed,
                      .error = std::string("bad \xff and \0 nul", 14)});
    EXPECT_TRUE(fixture->run(broker->settle("w", std::move(failed))).front());
    EXPECT_EQ(fixture->run(broker->status("a")).error, "bad \xef\xbf\xbd and  nu");
}

/// On PostgreSQL, with another session that changes rows at the same time.
class TwoSessions : public testing::Test {
protected:
    void SetUp() override {
        fixture.run(broker.beat({.id = "w"}));
        std::vector<Message> messages;
        messages.push_back({.id = "a", .name = "app.task", .queue = "q"});
        fixture.run(broker.push(std::move(messages)));
    }
    /// Runs the call while the other session has changed the task, which it commits once the call is done or
    /// waits for it.
    std::uint64_t run_across(std::string change, Async<std::uint64_t> call) {
        other.execute(concat({"BEGIN; UPDATE brio_tasks SET ", change, " WHERE id = 'a'"}));
        runtime::Work work;
        work.loop = &fixture.loop;
        bool has_ended = false;
        call.start(work, [](void* flag) { *static_cast<bool*>(flag) = true; }, &has_ended);
        EXPECT_TRUE(turn_until(fixture.loop, [&] {
            return has_ended || watcher.value(
                                    "SELECT count(*) FROM pg_stat_activity WHERE datname = "
                                    "current_database() AND wait_event_type = 'Lock'") != "0";
        }));
        other.execute("COMMIT");
        EXPECT_TRUE(turn_until(fixture.loop, [&] { return has_ended; }));
        return call.result();
    }
    State state() { return fixture.run(broker.status("a")).state; }

    db::test::Fixture fixture{sql::Dialect::postgresql};
    DatabaseBroker broker{*fixture.database};
    db::postgres::Session other{fixture.url()};
    db::postgres::Session watcher{fixture.url()};
};

TEST_F(TwoSessions, ASweepLeavesWhatIsPushedAgainMeanwhile) {
    other.execute("UPDATE brio_tasks SET state = 4, until = 1");
    EXPECT_EQ(run_across("state = 0, until = NULL", broker.sweep(10)), 0u);
    EXPECT_EQ(state(), State::pending);
}

TEST_F(TwoSessions, APurgeLeavesWhatIsClaimedMeanwhile) {
    EXPECT_EQ(run_across("state = 1, worker = 'w'", broker.purge("q")), 0u);
    EXPECT_EQ(state(), State::running);
}

TEST_F(TwoSessions, AClaimHidesOnlyWhatItTakes) {
    std::vector<Message> messages;
    messages.push_back({.id = "b", .name = "app.task", .queue = "r"});
    fixture.run(broker.push(std::move(messages)));
    const std::vector<std::string> queues{"q", "r"};
    const ClaimRequest one{.worker = "w", .queues = queues, .most = 1};
    const auto claim = database::claim(sql::Dialect::postgresql, one, Timestamp(wall_now()));
    other.execute("BEGIN");
    const auto text = std::string(claim.statement->text(sql::Dialect::postgresql));
    EXPECT_EQ(other.value(text, {"w", integer_text(claim.values[1].integer), "1", "{q,r}"}), "a");
    const auto claims = fixture.run(broker.claim({.worker = "w", .queues = queues, .most = 10}));
    ASSERT_EQ(claims.size(), 1u);
    EXPECT_EQ(claims.front().message.id, "b");
    other.execute("COMMIT");
}

TEST_P(DatabaseBrokerTest, ManyAreOneTransaction) {
    std::vector<Message> messages;
    for (int i = 0; i < 2500; ++i) {
        messages.push_back({.id = std::to_string(i), .name = "app.task", .queue = "q"});
    }
    fixture->run(broker->push(std::move(messages)));
    EXPECT_EQ(fixture->run(broker->queues()).front().ready, 2500u);
    EXPECT_EQ(fixture->run(broker->purge("q")), 2500u);
}

}  // namespace
}  // namespace brio::tasks::test
