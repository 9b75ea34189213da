#include <gtest/gtest.h>

#include <brio/db/error.hpp>
#include <brio/db/test_model.hpp>
#include <brio/ledger/ledger.hpp>
#include <brio/runtime/turn_harness.hpp>

namespace brio::db::test {
namespace {

using namespace std::chrono_literals;

/// A unit of work as http makes them.
struct Measured {
    explicit Measured(std::string_view name, std::uint32_t budget = ledger::StatementTally::no_budget) {
        ledger.start(ledger::Phase::handler);
        tally.start(budget);
        work.ledger = &ledger;
        work.tally = &tally;
        work.name = name;
    }
    std::string end(std::chrono::nanoseconds goal = 200ms) {
        Buffer warnings;
        if (tally.watcher() != nullptr) {
            tally.watcher()->ended(tally, {.name = work.name, .goal = goal}, &warnings);
        }
        return std::string(warnings.view());
    }
    ledger::Ledger ledger;
    ledger::StatementTally tally;
    runtime::Work work;
};

const StatementRecord* record_of(const std::vector<StatementRecord>& records, std::string_view statement) {
    const auto at = std::ranges::find_if(records, [&](const StatementRecord& record) {
        return record.statement != nullptr && record.statement->name() == statement;
    });
    return at == records.end() ? nullptr : &*at;
}

/// What was written to standard error meanwhile, once the explainer has said what it had to say.
template <class Act>
std::string logged(Fixture& fixture, Act act) {
    ::testing::internal::CaptureStderr();
    act();
    runtime::Limit* queue = nullptr;
    fixture.database->watch().each_limit(
        [&](runtime::Limit& limit) { queue = limit.name() == "db_explain_queue" ? &limit : queue; });
    EXPECT_TRUE(runtime::test::turn_until(fixture.loop, [&] { return queue->used() == 0; }));
    return ::testing::internal::GetCapturedStderr();
}

/// N+1 as it is written.
Async<void> owners_one_by_one(Db db) {
    const auto rows = co_await db.select(resources).limit(100).all();
    for (const Resource& row : rows) {
        co_await db.find(users, row.owner_id);
    }
}

void make_resources(Fixture& fixture, Id<User> owner_id, int count) {
    std::vector<NewResource> given;
    for (int i = 0; i < count; ++i) {
        given.push_back({owner_id, Text<120, 1>(concat({"r", integer_text(i)})), {}, Status::active});
    }
    fixture.run(fixture.db().insert_many(resources, std::move(given)));
}

TEST(StatementWatch, AReadIsCountedForItsWork) {
    Fixture fixture;
    const User ann = a_user(fixture);
    Measured measured("/api/users/{id}");
    for (int i = 0; i < 3; ++i) {
        run(fixture.loop, fixture.db().find(users, ann.id), measured.work);
    }
    const auto records = fixture.database->watch().stats().records();
    const auto* record = record_of(records, "users by id");
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(record->work, "/api/users/{id}");
    EXPECT_EQ(record->count, 3u);
    EXPECT_EQ(record->rows, 3u);
    EXPECT_EQ(record->failed, 0u);
    EXPECT_GT(record->took_ns, 0u);
    EXPECT_GT(record->waited_ns, 0u);  // the first is offloaded
    EXPECT_EQ(measured.ledger.statements, 3u);
    EXPECT_EQ(measured.tally.total(), 3u);
}

TEST(StatementWatch, AWriteThatFailsIsCountedAsFailed) {
    Fixture fixture;
    a_user(fixture, "ann@example.org");
    Measured measured("/api/users");
    EXPECT_THROW(run(fixture.loop,
                     fixture.db().insert(users, NewUser{Text<254, 3>("ann@example.org"), Text<120, 1>("B")}),
                     measured.work),
                 UniqueViolation);
    const auto records = fixture.database->watch().stats().records();
    const auto at = std::ranges::find(records, "/api/users", &StatementRecord::work);
    ASSERT_NE(at, records.end());
    EXPECT_EQ(at->count, 1u);
    EXPECT_EQ(at->failed, 1u);
    EXPECT_EQ(measured.ledger.statements, 1u);
}

TEST(StatementWatch, AWriteTellsItsCommitFromItsStatement) {
    Fixture fixture;
    a_user(fixture);
    const auto records = fixture.database->watch().stats().records();
    ASSERT_NE(record_of(records, "commit"), nullptr);
    ASSERT_NE(record_of(records, "users insert"), nullptr);
    EXPECT_GT(record_of(records, "users insert")->took_ns, 0u);
}

TEST(StatementWatch, StatementsWithinATransactionAreCounted) {
    Fixture fixture;
    const User ann = a_user(fixture);
    Measured measured("/api/both");
    run(fixture.loop, fixture.db().transaction([&](Db inside) -> Async<void> {
        co_await inside.find(users, ann.id);
        co_await inside.insert(users, NewUser{Text<254, 3>("bob@example.org"), Text<120, 1>("Bob")});
    }),
        measured.work);
    EXPECT_EQ(measured.tally.total(), 2u);
}

TEST(StatementWatch, ASlowStatementIsLoggedWithItsPlanAndWithoutItsValues) {
    Fixture fixture;
    const User ann = a_user(fixture, "ann.secret@example.org");
    const auto say = logged(fixture, [&] {
        Measured measured("/api/slow");
        const auto found =
            run(fixture.loop,
                fixture.db().with_goal(1ns).query<User>(
                    Reads{"users"}, "SELECT id, email, name FROM users WHERE name = $1 ORDER BY id",
                    std::string("Ann")),
                measured.work);
        EXPECT_EQ(found.size(), 1u);
    });
    EXPECT_NE(say.find("slow statement"), std::string::npos) << say;
    EXPECT_NE(say.find("endpoint=/api/slow"), std::string::npos) << say;
    EXPECT_NE(say.find("scans the whole table users: an index on (name) would lead"), std::string::npos)
        << say;
    EXPECT_NE(say.find("SCAN users"), std::string::npos) << say;
    EXPECT_EQ(say.find("Ann"), std::string::npos) << say;
    EXPECT_EQ(say.find("secret"), std::string::npos) << say;
    const auto findings = fixture.database->watch().findings();
    ASSERT_EQ(findings.slow.size(), 1u);
    EXPECT_EQ(findings.slow[0].endpoint, "/api/slow");
    EXPECT_EQ(findings.slow[0].times, 1u);
    EXPECT_EQ(findings.slow[0].logged, 1u);
    ASSERT_EQ(findings.slow[0].advice.size(), 1u);
    EXPECT_EQ(findings.slow[0].advice[0].migration, R"(create_index("idx_users_name", "users", {"name"}))");
    EXPECT_NE(findings.slow[0].advice[0].before.find("SCAN users"), std::string::npos);
    EXPECT_NE(findings.slow[0].advice[0].after.find("USING INDEX idx_users_name (name=?)"), std::string::npos)
        << findings.slow[0].advice[0].after;
}

TEST(StatementWatch, ADeepOffsetIsSaidToStepOverRows) {
    Fixture fixture;
    make_resources(fixture, a_user(fixture).id, 1000);
    logged(fixture, [&] {
        fixture.run(fixture.db()
                        .with_goal(1ns)
                        .select(resources)
                        .order_by(asc<&Resource::created_at>)
                        .limit(5)
                        .offset(900)
                        .all());
    });
    const auto findings = fixture.database->watch().findings();
    ASSERT_EQ(findings.slow.size(), 1u);
    EXPECT_TRUE(
        findings.slow[0].words.ends_with("rows of an index to give 5: a cursor finds its place at once"))
        << findings.slow[0].words;
}

TEST(StatementWatch, ASlowStatementIsLoggedOnceAnInterval) {
    Fixture fixture;
    const User ann = a_user(fixture);
    const auto say = logged(fixture, [&] {
        for (int i = 0; i < 5; ++i) {
            fixture.run(fixture.db().with_goal(1ns).find(users, ann.id));
        }
    });
    EXPECT_EQ(say.find("slow statement"), say.rfind("slow statement")) << say;
    const auto findings = fixture.database->watch().findings();
    ASSERT_EQ(findings.slow.size(), 1u);
    EXPECT_EQ(findings.slow[0].times, 5u);
    EXPECT_EQ(findings.slow[0].logged, 1u);
}

TEST(StatementWatch, AfterTheIntervalItIsLoggedAgain) {
    Fixture fixture({.watch = {.interval = 0ns}});
    const User ann = a_user(fixture);
    logged(fixture, [&] {
        for (int i = 0; i < 3; ++i) {
            fixture.run(fixture.db().with_goal(1ns).find(users, ann.id));
        }
    });
    EXPECT_EQ(fixture.database->watch().findings().slow.at(0).logged, 3u);
}

TEST(StatementWatch, AStatementWithinItsGoalIsNoFinding) {
    Fixture fixture;
    const User ann = a_user(fixture);
    fixture.run(fixture.db().with_goal(1h).find(users, ann.id));
    EXPECT_TRUE(fixture.database->watch().findings().slow.empty());
}

TEST(StatementWatch, OneStatementAgainAndAgainIsReportedWithTheRelationThatMendsIt) {
    Fixture fixture;
    make_resources(fixture, a_user(fixture).id, 20);
    const auto say = logged(fixture, [&] {
        for (int i = 0; i < 2; ++i) {
            Measured measured("/api/bad");
            run(fixture.loop, owners_one_by_one(fixture.db()), measured.work);
            EXPECT_NE(measured.end().find("n+1: users by id ran 20 times; read users together with"),
                      std::string::npos);
        }
    });
    EXPECT_NE(say.find("repeated statement (n+1)"), std::string::npos) << say;
    EXPECT_EQ(say.find("repeated"), say.rfind("repeated")) << "once an interval: " << say;
    const auto findings = fixture.database->watch().findings();
    ASSERT_EQ(findings.repeated.size(), 1u);
    const RepeatedStatement& found = findings.repeated[0];
    EXPECT_EQ(found.endpoint, "/api/bad");
    EXPECT_EQ(found.statement, "users by id");
    EXPECT_EQ(found.runs, 20u);
    EXPECT_EQ(found.times, 2u);
    EXPECT_EQ(found.logged, 1u);
    EXPECT_GT(found.share, 0.0);
    EXPECT_NE(found.fix.find("resources, which refers to it by owner_id: belongs_to<…::owner_id>(users"),
              std::string::npos)
        << found.fix;
}

TEST(StatementWatch, TenRunsAreNoRepetitionYet) {
    Fixture fixture;
    make_resources(fixture, a_user(fixture).id, 10);
    Measured measured("/api/small");
    run(fixture.loop, owners_one_by_one(fixture.db()), measured.work);
    EXPECT_EQ(measured.end(), "");
    EXPECT_TRUE(fixture.database->watch().findings().repeated.empty());
}

TEST(StatementWatch, ManyRowsInsertedTogetherAreNoRepetition) {
    Fixture fixture;
    const User ann = a_user(fixture);
    Measured measured("/api/import");
    std::vector<NewResource> given(50, NewResource{ann.id, Text<120, 1>("x"), {}, Status::active});
    run(fixture.loop, fixture.db().insert_many(resources, given), measured.work);
    EXPECT_EQ(measured.tally.total(), 50u);
    EXPECT_EQ(measured.end(), "");
}

TEST(StatementWatch, AnExceededBudgetIsReportedWithWhatRan) {
    Fixture fixture;
    make_resources(fixture, a_user(fixture).id, 5);
    const auto say = logged(fixture, [&] {
        Measured measured("/api/tight", 2);
        run(fixture.loop, owners_one_by_one(fixture.db()), measured.work);
        EXPECT_EQ(measured.end(),
                  "statement budget of 2 exceeded: 6 (5 x users by id, 1 x resources select)");
    });
    EXPECT_NE(say.find("statement budget exceeded"), std::string::npos) << say;
    const auto findings = fixture.database->watch().findings();
    ASSERT_EQ(findings.over_budget.size(), 1u);
    EXPECT_EQ(findings.over_budget[0].budget, 2u);
    EXPECT_EQ(findings.over_budget[0].statements, 6u);
}

TEST(StatementWatch, FindingsAreBounded) {
    Fixture fixture({.watch = {.most_findings = 1}});
    make_resources(fixture, a_user(fixture).id, 3);
    logged(fixture, [&] {
        for (const auto* name : {"/a", "/b", "/c"}) {
            Measured measured(name, 0);
            run(fixture.loop, owners_one_by_one(fixture.db()), measured.work);
            measured.end();
        }
    });
    EXPECT_EQ(fixture.database->watch().findings().over_budget.size(), 1u);
}

TEST(StatementWatch, AScanIsCountedByTheRowsItStepsOver) {
    Fixture fixture;
    make_resources(fixture, a_user(fixture).id, 200);
    Measured measured("/api/scan");
    run(fixture.loop,
        fixture.db().query<User>(Reads{"resources"},
                                 "SELECT id, '' AS email, name FROM resources WHERE name = $1",
                                 std::string("r7")),
        measured.work);
    const auto records = fixture.database->watch().stats().records();
    const auto at = std::ranges::find(records, "/api/scan", &StatementRecord::work);
    ASSERT_NE(at, records.end());
    EXPECT_EQ(at->rows, 1u);
    EXPECT_GE(at->scanned, 199u);
}

}  // namespace
}  // namespace brio::db::test
