// What a unit of work is seen to have read.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include <brio/db/test_engines.hpp>
#include <brio/ledger/dependencies.hpp>
#include <brio/runtime/scope.hpp>

namespace brio::db::test {

class Dependencies : public OnEveryEngine {};
INSTANTIATE_TEST_SUITE_P(, Dependencies, every_engine, engine_name);

namespace {

std::set<std::string> names(const ledger::Dependencies& read) {
    std::set<std::string> names;
    std::ranges::transform(read, std::inserter(names, names.end()),
                           [](const auto& entry) { return std::string(entry.name); });
    return names;
}

/// Runs `body(db)` with its reads noted.
template <class Body>
void noted(Fixture& fixture, ledger::Dependencies& read, Body body) {
    fixture.run([](db::Db db, ledger::Dependencies& into, Body run) -> Async<void> {
        (co_await runtime::current_work).dependencies = &into;
        co_await run(db);
        (co_await runtime::current_work).dependencies = nullptr;
    }(fixture.db(), read, body));
}

}  // namespace

TEST_P(Dependencies, OfARowWithItsOwnerAreBothTables) {
    Fixture fixture(GetParam());
    const auto user = a_user(fixture);
    ledger::Dependencies read;
    noted(fixture, read, [user](db::Db db) -> Async<void> {
        co_await db.select(resources).where(col<&Resource::owner_id> == user.id).with<owner>().all();
    });
    EXPECT_EQ(names(read), (std::set<std::string>{"resources", "users"}));
    EXPECT_EQ(read.refused(), ledger::Unkept::none);
}

TEST_P(Dependencies, HaveTheNumberThatACommitMoves) {
    Fixture fixture(GetParam());
    ledger::Dependencies read;
    noted(fixture, read, [](db::Db db) -> Async<void> { co_await db.select(users).count(); });
    ASSERT_EQ(read.size(), 1u);
    auto& generations = fixture.database->generations();
    const auto slot = generations.slot("users");
    EXPECT_EQ(generations.read(slot), (sql::Generation{read.begin()->number, true}));
    a_user(fixture);
    EXPECT_NE(generations.read(slot).number, read.begin()->number);
    EXPECT_EQ(read.begin()->source, &generations);
    EXPECT_EQ(read.begin()->item, slot);
}

TEST_P(Dependencies, OfWhoWritesAreNotToBeKept) {
    Fixture fixture(GetParam());
    ledger::Dependencies read;
    noted(fixture, read, [](db::Db db) -> Async<void> {
        co_await db.insert(users, NewUser{Text<254, 3>("a@x"), Text<120, 1>("a")});
    });
    EXPECT_EQ(read.refused(), ledger::Unkept::wrote);
}

TEST_P(Dependencies, OfATransactionAreNotToBeKept) {
    Fixture fixture(GetParam());
    ledger::Dependencies read;
    noted(fixture, read, [](db::Db db) -> Async<void> {
        co_await db.transaction([](db::Db within) -> Async<void> { co_await within.select(users).count(); });
    });
    EXPECT_EQ(read.refused(), ledger::Unkept::transaction);
}

TEST_P(Dependencies, OfTheChildrenOfAScopeAreItsOpeners) {
    Fixture fixture(GetParam());
    ledger::Dependencies read;
    noted(fixture, read, [](db::Db db) -> Async<void> {
        co_await runtime::when_all(db.select(users).count(), db.select(resources).count());
    });
    EXPECT_EQ(names(read), (std::set<std::string>{"resources", "users"}));
}

TEST(PostgresGenerations, AreCurrentForASecondAfterALook) {
    Fixture fixture(sql::Dialect::postgresql);
    auto& generations = fixture.database->generations();
    const auto is_current = [&] { return generations.is_current(monotonic_now()); };
    const auto until = monotonic_now() + std::chrono::seconds(10);
    while (!is_current() && monotonic_now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_TRUE(is_current());
    // Not longer than a second without another look.
    EXPECT_FALSE(generations.is_current(monotonic_now() + std::chrono::milliseconds(1'001)));
}

}  // namespace brio::db::test
