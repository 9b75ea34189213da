#include <gtest/gtest.h>

#include <brio/db/error.hpp>
#include <brio/db/test_engines.hpp>

namespace brio::db::test {

class Transaction : public OnEveryEngine {};
INSTANTIATE_TEST_SUITE_P(, Transaction, every_engine, engine_name);

TEST_P(Transaction, IsCommittedAtItsEndAndRolledBackByAThrow) {
    Fixture fixture(GetParam());
    const User kept = fixture.run(fixture.db().transaction([](db::Db db) -> Async<User> {
        auto user = co_await db.insert(users, NewUser{Text<254, 3>("a@x"), Text<120, 1>("a")});
        co_await db.update(users, user.id, NewUser{Text<254, 3>("b@x"), Text<120, 1>("b")});
        co_return *co_await db.find(users, user.id);
    }));
    EXPECT_EQ(kept.email, "b@x");
    struct Stop {};
    auto failing = [](db::Db db) -> Async<void> {
        co_await db.insert(users, NewUser{Text<254, 3>("c@x"), Text<120, 1>("c")});
        throw Stop{};
    };
    EXPECT_THROW(fixture.run(fixture.db().transaction(failing)), Stop);
    EXPECT_EQ(fixture.run(fixture.db().select(users).count()), 1u);
    EXPECT_EQ(fixture.run(fixture.db().find(users, kept.id))->email, "b@x");
}

TEST_P(Transaction, AFailedStatementUndoesOnlyItself) {
    Fixture fixture(GetParam());
    fixture.run(fixture.db().transaction([](db::Db db) -> Async<void> {
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

TEST_P(Transaction, WhatASavepointAskedForAfterTheCommitIsUndoneWithIt) {
    Fixture fixture(GetParam());
    std::string called;
    fixture.run(fixture.db().transaction([&](db::Db db) -> Async<void> {
        db.after_commit([&] { called += "a"; });
        try {
            co_await db.savepoint([&](db::Db within) -> Async<void> {
                within.after_commit([&] { called += "b"; });
                co_await within.find(users, Id<User>(1));
                throw std::runtime_error("undone");
            });
        } catch (const std::runtime_error&) {
        }
        db.after_commit([&] { called += "c"; });
    }));
    EXPECT_EQ(called, "ac");
}

TEST_P(Transaction, ThatTakesTooLongIsRolledBackAndOthersGoOn) {
    Fixture fixture(GetParam());
    auto slow = [](db::Db db) -> Async<void> {
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
