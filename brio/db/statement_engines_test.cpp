// What the watch and the reports say holds on every engine; what only one can say is in the other tests.
#include <brio/db/report.hpp>
#include <brio/db/test_engines.hpp>
#include <brio/ledger/ledger.hpp>
#include <brio/runtime/turn_harness.hpp>

namespace brio::db::test {
namespace {

using namespace std::chrono_literals;

class StatementsOn : public OnEveryEngine {
protected:
    /// As a route runs it.
    template <class T>
    T run_as(Fixture& fixture, std::string_view name, Async<T> call) {
        ledger.start(ledger::Phase::handler);
        tally.start();
        runtime::Work work;
        work.ledger = &ledger;
        work.tally = &tally;
        work.name = name;
        T result = run(fixture.loop, std::move(call), work);
        if (tally.watcher() != nullptr) {
            tally.watcher()->ended(tally, {.name = name, .goal = 200ms}, nullptr);
        }
        return result;
    }
    static void wait_for_explanations(Fixture& fixture) {
        EXPECT_TRUE(runtime::test::turn_until(fixture.loop, [&] {
            std::uint64_t waiting = 1;
            fixture.database->watch().each_limit([&](runtime::Limit& limit) {
                waiting = limit.name() == "db_explain_queue" ? limit.used() : waiting;
            });
            return waiting == 0;
        }));
    }
    ledger::Ledger ledger;
    ledger::StatementTally tally;
};
INSTANTIATE_TEST_SUITE_P(, StatementsOn, testing::Values(sql::Dialect::sqlite, sql::Dialect::postgresql),
                         engine_name);

std::vector<NewResource> rows(Id<User> owner_id, int count) {
    std::vector<NewResource> given;
    for (int i = 0; i < count; ++i) {
        given.push_back({owner_id, Text<120, 1>(concat({"r", integer_text(i)})), {}, Status::active});
    }
    return given;
}

Async<std::uint64_t> owners_one_by_one(Db db) {
    const auto found = co_await db.select(resources).limit(100).all();
    for (const Resource& row : found) {
        co_await db.find(users, row.owner_id);
    }
    co_return found.size();
}

TEST_P(StatementsOn, ReadsAndWritesAreCountedWithTheirTimes) {
    Fixture fixture(GetParam());
    const User ann = a_user(fixture);
    run_as(fixture, "/api/write", fixture.db().insert_many(resources, rows(ann.id, 50)));
    EXPECT_EQ(tally.total(), 50u);
    run_as(fixture, "/api/read", fixture.db().select(resources).all());
    const auto lines = report_queries(*fixture.database).statements;
    const auto insert = std::ranges::find(lines, "resources insert", &StatementLine::statement);
    const auto select = std::ranges::find(lines, "resources select", &StatementLine::statement);
    const auto commit = std::ranges::find(lines, "commit", &StatementLine::statement);
    ASSERT_NE(insert, lines.end());
    ASSERT_NE(select, lines.end());
    EXPECT_NE(commit, lines.end());
    EXPECT_EQ(insert->count, 50u);
    EXPECT_EQ(insert->endpoint, "/api/write");
    EXPECT_GT(insert->took_ms, 0.0);
    EXPECT_EQ(select->rows, 50u);
    EXPECT_GT(select->took_ms, 0.0);
}

TEST_P(StatementsOn, AFailedWriteIsCountedAsFailed) {
    Fixture fixture(GetParam());
    a_user(fixture);
    EXPECT_ANY_THROW(
        run_as(fixture, "/api/twice",
               fixture.db().insert(users, NewUser{Text<254, 3>("ann@example.org"), Text<120, 1>("Ann")})));
    const auto lines = report_queries(*fixture.database).statements;
    const auto at = std::ranges::find(lines, "/api/twice", &StatementLine::endpoint);
    ASSERT_NE(at, lines.end());
    EXPECT_EQ(at->failed, 1u);
    EXPECT_EQ(tally.total(), 1u);
}

TEST_P(StatementsOn, ARepetitionIsNamedWithTheReferenceOfTheSchema) {
    Fixture fixture(GetParam());
    fixture.run(fixture.db().insert_many(resources, rows(a_user(fixture).id, 20)));
    EXPECT_EQ(run_as(fixture, "/api/bad", owners_one_by_one(fixture.db())), 20u);
    wait_for_explanations(fixture);
    const auto repeated = fixture.database->watch().findings().repeated;
    ASSERT_EQ(repeated.size(), 1u);
    EXPECT_EQ(repeated[0].statement, "users by id");
    EXPECT_EQ(repeated[0].runs, 20u);
    EXPECT_NE(repeated[0].fix.find("resources, which refers to it by owner_id"), std::string::npos)
        << repeated[0].fix;
}

TEST_P(StatementsOn, ASlowScanIsToldWithItsPlanAndTheIndexThatItAsksFor) {
    Fixture fixture(GetParam());
    fixture.run(fixture.db().insert_many(resources, rows(a_user(fixture).id, 2000)));
    struct Name {
        std::string name;
    };
    const auto found =
        run_as(fixture, "/api/search",
               fixture.db().with_goal(1ns).query<Name>(
                   Reads{"resources"}, "SELECT name FROM resources WHERE name = $1", std::string("r7")));
    EXPECT_EQ(found.size(), 1u);
    wait_for_explanations(fixture);
    const auto slow = fixture.database->watch().findings().slow;
    ASSERT_EQ(slow.size(), 1u);
    EXPECT_NE(slow[0].plan, "");
    EXPECT_EQ(slow[0].plan.find("r7"), std::string::npos) << slow[0].plan;
    EXPECT_EQ(slow[0].words, "scans the whole table resources: an index on (name) would lead")
        << slow[0].plan;
    const auto report = fixture.run(report_indexes(*fixture.database));
    ASSERT_EQ(report.missing.size(), 1u);
    EXPECT_EQ(report.missing[0].migration, R"(create_index("idx_resources_name", "resources", {"name"}))");
}

TEST_P(StatementsOn, AnIndexThatNothingUsesIsNamed) {
    Fixture fixture(GetParam());
    fixture.run(fixture.db().find(users, a_user(fixture).id));
    const auto report = fixture.run(report_indexes(*fixture.database));
    std::vector<std::string> names;
    for (const UnusedIndex& each : report.unused) {
        names.push_back(each.index);
    }
    // The others are unique or lead with a foreign key.
    EXPECT_EQ(names, (std::vector<std::string>{"idx_resource_created", "idx_resource_status_created"}));
}

}  // namespace
}  // namespace brio::db::test
