#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include <brio/db/error.hpp>
#include <brio/db/placement.hpp>
#include <brio/db/sqlite_connection.hpp>
#include <brio/db/test_model.hpp>
#include <brio/metrics/exposition.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/runtime/offload.hpp>
#include <brio/runtime/scope.hpp>

namespace brio::db::test {

namespace {

NewResource a_resource(Id<User> owner_id, std::string_view name) {
    return {owner_id, Text<120, 1>(name), Text<2000>(""), Status::active};
}

/// One that keeps SQLite busy for many seconds unless it is ended.
constexpr std::string_view endless =
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) AS many FROM n";
struct Many {
    std::int64_t many;
};

}  // namespace

TEST(Placement, UnmeasuredAndSlowStatementsDoNotRunOnALoop) {
    Placement placement;
    EXPECT_FALSE(placement.is_cheap());
    placement.measured(10'000);
    EXPECT_TRUE(placement.is_cheap());
    for (int i = 0; i < 4; ++i) {
        placement.interrupted();
    }
    EXPECT_FALSE(placement.is_cheap());
    for (int i = 0; i < 60; ++i) {
        placement.measured(10'000);
    }
    EXPECT_TRUE(placement.is_cheap());
}

TEST(Placement, OneSlowRunDoesNotTakeAStatementOffTheLoop) {
    Placement placement;
    placement.measured(10'000);
    placement.measured(50'000'000);
    EXPECT_TRUE(placement.is_cheap());
}

TEST(Engine, AStatementBeyondItsLimitIsEndedAnd503) {
    Fixture fixture({.statement_limit = std::chrono::milliseconds(20)});
    try {
        fixture.run(fixture.db().query<Many>(Reads{"users"}, endless));
        FAIL() << "an endless statement ended";
    } catch (const QueryTimeout& timeout) {
        EXPECT_EQ(timeout.status(), 503);
    }
}

TEST(Engine, AStoppedReadEndsItsStatement) {
    Fixture fixture({.statement_limit = std::chrono::minutes(1)});
    runtime::Work work;
    struct Stop : runtime::Timer {
        explicit Stop(runtime::Work& its_work)
            : Timer([](runtime::Timer& timer) {
                  static_cast<Stop&>(timer).work.stop(runtime::StopReason::deadline);
              }),
              work(its_work) {}
        runtime::Work& work;
    };
    Stop stop(work);
    fixture.loop.arm(stop, std::chrono::milliseconds(20));
    EXPECT_THROW(run(fixture.loop, fixture.db().query<Many>(Reads{"users"}, endless), work),
                 runtime::Cancelled);
}

TEST(Engine, AReadThatExceedsItsBudgetOnTheLoopEndsElsewhere) {
    metrics::Registry registry;
    Fixture fixture({.registry = &registry});
    constexpr std::string_view counted =
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < $1) SELECT count(*) AS "
        "many FROM n";
    // Cheap with a small bound, so that the next one begins on the loop, where it takes some 50 ms.
    for (int i = 0; i < 3; ++i) {
        fixture.run(fixture.db().query<Many>(Reads{"users"}, counted, 1));
    }
    const auto rows = fixture.run(fixture.db().query<Many>(Reads{"users"}, counted, 300'000));
    EXPECT_EQ(rows.at(0).many, 300'000);
    Buffer text;
    metrics::write_exposition(text, registry, metrics::Exposition::prometheus);
    EXPECT_NE(text.view().find("db_read_placements_total{place=\"interrupted\"} 1"), std::string_view::npos)
        << text.view();
}

TEST(Engine, ConcurrentWritesShareCommitsAndFailAlone) {
    metrics::Registry registry;
    Fixture fixture({.registry = &registry});
    const User ann = a_user(fixture);
    static constexpr int count = 64;
    struct Outcomes {
        int stored = 0;
        int refused = 0;
    } outcomes;
    auto write = [](Db db, Id<User> id, int i, Outcomes& into) -> Async<void> {
        try {
            co_await db.insert(resources,
                               a_resource(i % 8 == 0 ? Id<User>(999) : id, "n" + std::to_string(i)));
            ++into.stored;
        } catch (const ForeignKeyViolation&) {
            ++into.refused;
        }
    };
    fixture.run([](Db db, Id<User> id, Outcomes& into, auto each) -> Async<void> {
        runtime::Scope scope(co_await runtime::current_work);
        for (int i = 0; i < count; ++i) {
            scope.start(each(db, id, i, into));
        }
        co_await scope.join();
    }(fixture.db(), ann.id, outcomes, write));
    EXPECT_EQ(outcomes.stored, 56);
    EXPECT_EQ(outcomes.refused, 8);
    EXPECT_EQ(fixture.run(fixture.db().select(resources).count()), 56u);
}

TEST(Engine, AFullWriteQueueIsOverloaded) {
    Fixture fixture({.write_queue = 2});
    int refused = 0;
    fixture.run([](Db db, int& into) -> Async<void> {
        runtime::Scope scope(co_await runtime::current_work);
        auto write = [](Db each, int i, int& overloaded) -> Async<void> {
            try {
                co_await each.insert(
                    users, NewUser{Text<254, 3>("u" + std::to_string(i) + "@x"), Text<120, 1>("u")});
            } catch (const runtime::Overloaded&) {
                ++overloaded;
            }
        };
        // The writer cannot have taken all of a thousand between two of these calls without a flush.
        for (int i = 0; i < 1000; ++i) {
            scope.start(write(db, i, into));
        }
        co_await scope.join();
    }(fixture.db(), refused));
    EXPECT_GT(refused, 0);
    EXPECT_EQ(fixture.run(fixture.db().select(users).count()) + static_cast<std::uint64_t>(refused), 1000u);
}

TEST(Engine, AStoppedWriteLeavesAtOnceAndNothingBreaks) {
    Fixture fixture;
    for (int i = 0; i < 50; ++i) {
        runtime::Work work;
        work.loop = &fixture.loop;
        bool ended = false;
        auto call = fixture.db().insert(
            users, NewUser{Text<254, 3>("u" + std::to_string(i) + "@x"), Text<120, 1>("u")});
        call.start(work, [](void* flag) { *static_cast<bool*>(flag) = true; }, &ended);
        EXPECT_FALSE(ended);
        work.stop(runtime::StopReason::disconnected);
        EXPECT_TRUE(ended);
        EXPECT_THROW(call.result(), runtime::Cancelled);
    }
    // What was begun may be there, what was not begun is not; a later write is behind them all.
    a_user(fixture);
    const auto stored = fixture.run(fixture.db().select(users).count());
    EXPECT_GE(stored, 1u);
    EXPECT_LE(stored, 51u);
}

TEST(Engine, WritesOfSeveralLoopsReachTheirOwnLoops) {
    Fixture fixture;
    std::atomic<int> stored{0};
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            runtime::Loop loop;
            for (int i = 0; i < 25; ++i) {
                const NewUser user{Text<254, 3>(std::to_string(t) + "." + std::to_string(i) + "@x"),
                                   Text<120, 1>("u")};
                const User made = run(loop, fixture.db().insert(users, user));
                stored += run(loop, fixture.db().find(users, made.id))->email == user.email ? 1 : 0;
            }
        });
    }
    threads.clear();
    EXPECT_EQ(stored, 100);
}

TEST(Transaction, IsCommittedAtItsEndAndRolledBackByAThrow) {
    Fixture fixture;
    const User kept = fixture.run(fixture.db().transaction([](Db db) -> Async<User> {
        auto user = co_await db.insert(users, NewUser{Text<254, 3>("a@x"), Text<120, 1>("a")});
        co_await db.update(users, user.id, NewUser{Text<254, 3>("b@x"), Text<120, 1>("b")});
        co_return *co_await db.find(users, user.id);
    }));
    EXPECT_EQ(kept.email, "b@x");
    struct Stop {};
    auto failing = [](Db db) -> Async<void> {
        co_await db.insert(users, NewUser{Text<254, 3>("c@x"), Text<120, 1>("c")});
        throw Stop{};
    };
    EXPECT_THROW(fixture.run(fixture.db().transaction(failing)), Stop);
    EXPECT_EQ(fixture.run(fixture.db().select(users).count()), 1u);
    EXPECT_EQ(fixture.run(fixture.db().find(users, kept.id))->email, "b@x");
}

TEST(Transaction, AFailedStatementUndoesOnlyItself) {
    Fixture fixture;
    fixture.run(fixture.db().transaction([](Db db) -> Async<void> {
        co_await db.insert(users, NewUser{Text<254, 3>("a@x"), Text<120, 1>("a")});
        bool refused = false;
        try {
            co_await db.insert(users, NewUser{Text<254, 3>("a@x"), Text<120, 1>("b")});
        } catch (const UniqueViolation&) {
            refused = true;
        }
        expect(refused, "the same email twice is refused");
        co_await db.insert(users, NewUser{Text<254, 3>("b@x"), Text<120, 1>("b")});
    }));
    EXPECT_EQ(fixture.run(fixture.db().select(users).count()), 2u);
}

TEST(Transaction, ThatTakesTooLongIsRolledBackAndOthersGoOn) {
    Fixture fixture;
    auto slow = [](Db db) -> Async<void> {
        co_await db.insert(users, NewUser{Text<254, 3>("a@x"), Text<120, 1>("a")});
        for (;;) {
            co_await db.find(users, Id<User>(1));
        }
    };
    EXPECT_THROW(fixture.run(fixture.db().transaction(slow, {.most = std::chrono::milliseconds(20)})),
                 Unavailable);
    EXPECT_EQ(fixture.run(fixture.db().select(users).count()), 0u);
    a_user(fixture);
}

}  // namespace brio::db::test
