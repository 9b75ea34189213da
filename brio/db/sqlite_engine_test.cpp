#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include <brio/db/placement.hpp>
#include <brio/db/test_model.hpp>
#include <brio/metrics/exposition.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/runtime/offload.hpp>
#include <brio/runtime/scope.hpp>

namespace brio::db::test {

namespace {

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

TEST(SqliteEngine, AReadThatExceedsItsBudgetOnTheLoopEndsElsewhere) {
    metrics::Registry registry;
    Fixture fixture({.registry = &registry});
    constexpr std::string_view counted =
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < $1) SELECT count(*) AS "
        "many FROM n";
    const auto interrupted = [&] {
        Buffer text;
        metrics::write_exposition(text, registry, metrics::Exposition::prometheus);
        constexpr std::string_view name = "db_read_placements_total{place=\"interrupted\"} ";
        return std::atoi(std::string(text.view()).c_str() + text.view().find(name) + name.size());
    };
    // Cheap with a small bound, so that the next one begins on the loop, where it takes some 50 ms. A machine
    // that does much else may have measured the cheap ones so long that it begins elsewhere: then once more.
    bool was_interrupted = false;
    for (int tries = 0; tries < 20 && !was_interrupted; ++tries) {
        for (int i = 0; i < 10; ++i) {
            fixture.run(fixture.db().query<Many>(Reads{"users"}, counted, 1));
        }
        const int before = interrupted();
        const auto rows = fixture.run(fixture.db().query<Many>(Reads{"users"}, counted, 300'000));
        EXPECT_EQ(rows.at(0).many, 300'000);
        was_interrupted = interrupted() > before;
    }
    EXPECT_TRUE(was_interrupted);
}

TEST(SqliteEngine, AFullWriteQueueIsOverloaded) {
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

}  // namespace brio::db::test
