#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include <brio/db/error.hpp>
#include <brio/db/test_engines.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/runtime/scope.hpp>

namespace brio::db::test {

namespace {

NewResource a_resource(Id<User> owner_id, std::string_view name) {
    return {owner_id, Text<120, 1>(name), Text<2000>(""), Status::active};
}

/// One that keeps an engine busy for many seconds unless it is ended.
constexpr std::string_view endless =
    "WITH RECURSIVE n(x) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT x + 1 FROM n) "
    "SELECT count(*) AS many FROM n";
struct Many {
    std::int64_t many;
};

}  // namespace

class Engine : public OnEveryEngine {};
INSTANTIATE_TEST_SUITE_P(, Engine, every_engine, engine_name);

TEST_P(Engine, AStatementBeyondItsLimitIsEndedAnd503) {
    Fixture fixture(GetParam(), {.statement_limit = std::chrono::milliseconds(20)});
    try {
        fixture.run(fixture.db().query<Many>(Reads{"users"}, endless));
        FAIL() << "an endless statement ended";
    } catch (const QueryTimeout& timeout) {
        EXPECT_EQ(timeout.status(), 503);
    }
}

// What a raw statement is called is its text, cut at 60 characters.
DatabaseOptions with_own_limit(std::chrono::milliseconds all, std::chrono::milliseconds own) {
    return {.statement_limit = all, .own_limits = {{std::string(endless).substr(0, 60), own}}};
}

TEST_P(Engine, AStatementsOwnLimitTakesThePlaceOfThatOfAll) {
    Fixture fixture(GetParam(), with_own_limit(std::chrono::minutes(1), std::chrono::milliseconds(20)));
    EXPECT_THROW(fixture.run(fixture.db().query<Many>(Reads{"users"}, endless)), QueryTimeout);
    auto const within = [](Db db) -> Async<void> {
        co_await db.transaction(
            [](Db inner) -> Async<void> { co_await inner.query<Many>(Reads{"users"}, endless); });
    };
    EXPECT_THROW(fixture.run(within(fixture.db())), QueryTimeout);
}

TEST_P(Engine, AStatementsOwnLimitMayBeTheLongerOne) {
    Fixture fixture(GetParam(), with_own_limit(std::chrono::milliseconds(5), std::chrono::milliseconds(250)));
    auto const begun = monotonic_now();
    EXPECT_THROW(fixture.run(fixture.db().query<Many>(Reads{"users"}, endless)), QueryTimeout);
    EXPECT_GE(monotonic_now() - begun, std::chrono::milliseconds(250));
}

TEST_P(Engine, AStoppedReadEndsItsStatement) {
    Fixture fixture(GetParam(), {.statement_limit = std::chrono::minutes(1)});
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

TEST_P(Engine, ConcurrentWritesShareCommitsAndFailAlone) {
    metrics::Registry registry;
    Fixture fixture(GetParam(), {.registry = &registry});
    const User ann = a_user(fixture);
    static constexpr int count = 64;
    struct Outcomes {
        int stored = 0;
        int refused = 0;
    } outcomes;
    auto write = [](db::Db db, Id<User> id, int i, Outcomes& into) -> Async<void> {
        try {
            co_await db.insert(resources,
                               a_resource(i % 8 == 0 ? Id<User>(999) : id, "n" + std::to_string(i)));
            ++into.stored;
        } catch (const ForeignKeyViolation&) {
            ++into.refused;
        }
    };
    fixture.run([](db::Db db, Id<User> id, Outcomes& into, auto each) -> Async<void> {
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

TEST_P(Engine, AStoppedWriteLeavesAtOnceAndNothingBreaks) {
    Fixture fixture(GetParam());
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

TEST_P(Engine, WritesOfSeveralLoopsReachTheirOwnLoops) {
    std::array<runtime::Loop, 4> loops;  // outlive the database
    Fixture fixture(GetParam());
    std::atomic<int> stored{0};
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < loops.size(); ++t) {
        threads.emplace_back([&, t] {
            runtime::Loop& loop = loops[t];
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

}  // namespace brio::db::test
