#include <gtest/gtest.h>

#include <brio/db/migration_text.hpp>
#include <brio/db/postgres_engine.hpp>
#include <brio/db/postgres_session.hpp>
#include <brio/db/test_model.hpp>
#include <brio/db/test_postgres.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/runtime/turn_harness.hpp>

namespace brio::db::test {

namespace {

using runtime::test::turn_until;

struct Postgres {
    explicit Postgres(DatabaseOptions options = {}) {
        Migrator(empty.url(), migrations()).upgrade();
        options.url = empty.url();
        database.emplace(std::move(options));
    }
    template <class T>
    T run(Async<T> call) {
        return test::run(loop, std::move(call));
    }
    Db db() { return database->db(); }
    User a_user() {
        return run(db().insert(users, NewUser{Text<254, 3>("ann@example.org"), Text<120, 1>("Ann")}));
    }

    PostgresDatabase empty;
    runtime::Loop loop;
    std::optional<Database> database;
};

}  // namespace

TEST(PostgresEngine, RowsComeBackAsTheyWereStored) {
    Postgres postgres;
    const User user = postgres.a_user();
    EXPECT_EQ(user.id.value, 1);
    const auto made = postgres.run(postgres.db().insert(
        resources,
        NewResource{user.id, Text<120, 1>("café 🎉"), Text<2000>("\"quoted\"\n"), Status::active}));
    const auto found = postgres.run(postgres.db().find_with<owner>(resources, made.id));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->row.name, made.name);
    EXPECT_EQ(found->row.description, made.description);
    EXPECT_EQ(found->row.status, Status::active);
    EXPECT_EQ(found->row.created_at, made.created_at);
    EXPECT_EQ(found->get<owner>().email, user.email);
}

TEST(PostgresEngine, CheapReadsGoOverASharedConnectionWhosePlannerTakesItsPagesForNear) {
    struct Row {
        std::string plans;
        std::string page;
    };
    Postgres postgres;
    const auto settings = [&]() -> Async<Row> {
        const auto rows =
            co_await postgres.db().query<Row>(Reads{"users"},
                                              "SELECT current_setting('plan_cache_mode') AS plans, "
                                              "current_setting('random_page_cost') AS page");
        co_return rows.at(0);
    };
    Row seen = postgres.run(settings());
    EXPECT_EQ(seen.plans, "auto");
    EXPECT_EQ(seen.page, "4");
    for (int i = 0; i < 10'000 && seen.plans == "auto"; ++i) {
        seen = postgres.run(settings());
    }
    EXPECT_EQ(seen.plans, "force_generic_plan");
    EXPECT_EQ(seen.page, "1.1");
}

TEST(PostgresEngine, ErrorsAreThoseOfTheOtherEngine) {
    Postgres postgres;
    postgres.a_user();
    EXPECT_THROW(postgres.a_user(), UniqueViolation);
    EXPECT_THROW(postgres.run(postgres.db().insert(
                     resources, NewResource{Id<User>(77), Text<120, 1>("n"), Text<2000>(""), Status::draft})),
                 ForeignKeyViolation);
    EXPECT_THROW(postgres.run(postgres.db().query<User>(Reads{"nobody"}, "SELECT * FROM nobody")),
                 StatementError);
    EXPECT_TRUE(postgres.run(postgres.db().find(users, Id<User>(1))));
}

TEST(PostgresEngine, AFailedReadDoesNotDisturbThoseOfItsTurn) {
    Postgres postgres;
    postgres.a_user();
    auto divide = [&](std::int64_t by) -> Async<std::int64_t> {
        struct Row {
            std::int64_t value;
        };
        const auto rows =
            co_await postgres.db().query<Row>(Reads{"users"}, "SELECT 10 / $1::bigint AS value", by);
        co_return rows.at(0).value;
    };
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(postgres.run(divide(2)), 5);  // known to be cheap from now on
    }
    int good = 0;
    int bad = 0;
    auto each = [&](std::int64_t by) -> Async<void> {
        try {
            co_await divide(by);
            ++good;
        } catch (const StatementError&) {
            ++bad;
        }
    };
    auto all = [&]() -> Async<void> {
        runtime::Scope scope(co_await runtime::current_work);
        for (int i = 0; i < 20; ++i) {
            scope.start(each(i % 5 == 0 ? 0 : 5));
        }
        co_await scope.join();
    };
    postgres.run(all());
    EXPECT_EQ(good, 16);
    EXPECT_EQ(bad, 4);
}

TEST(PostgresEngine, AStoppedStatementIsCancelledAndItsConnectionUsedAgain) {
    Postgres postgres({.connections = 4});
    struct Row {
        std::string nothing;
    };
    auto sleep = [&]() -> Async<void> {
        co_await postgres.db().query<Row>(Reads{"users"}, "SELECT pg_sleep(60)::text AS nothing");
    };
    postgres.a_user();
    runtime::Work work;
    work.loop = &postgres.loop;
    auto call = sleep();
    call.start(work, [](void*) {}, nullptr);
    const auto active =
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%' AND "
        "state = 'active'";
    postgres::Session session(postgres.empty.url());
    ASSERT_TRUE(turn_until(postgres.loop, [&] { return session.value(active) == "1"; }));
    work.stop(runtime::StopReason::disconnected);
    EXPECT_THROW(call.result(), runtime::Cancelled);
    EXPECT_TRUE(turn_until(postgres.loop, [&] { return session.value(active) == "0"; }));
    EXPECT_TRUE(postgres.run(postgres.db().find(users, Id<User>(1))));
}

TEST(PostgresEngine, ATransactionThatFailsToSerializeRunsAgain) {
    Postgres postgres;
    const User user = postgres.a_user();
    int runs = 0;
    postgres.run(postgres.db().transaction(
        [&](Db inside) -> Async<void> {
            ++runs;
            const auto found = co_await inside.find(users, user.id);
            if (runs == 1) {  // somebody else changes the row meanwhile
                co_await postgres.db().execute(Writes{"users"}, "UPDATE users SET name = 'Bea'");
            }
            co_await inside.execute(Writes{"users"}, "UPDATE users SET name = name || '!'");
        },
        {.isolation = Isolation::repeatable_read}));
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(postgres.run(postgres.db().find(users, user.id))->name, (Text<120, 1>("Bea!")));
}

TEST(PostgresEngine, ASavepointUndoesOnlyWhatItHolds) {
    Postgres postgres;
    const User user = postgres.a_user();
    postgres.run(postgres.db().transaction([&](Db inside) -> Async<void> {
        co_await inside.execute(Writes{"users"}, "UPDATE users SET name = 'kept'");
        try {
            co_await inside.savepoint([&](Db within) -> Async<void> {
                co_await within.execute(Writes{"users"}, "UPDATE users SET name = 'lost'");
                co_await within.execute(Writes{"users"}, "UPDATE users SET id = NULL");
            });
        } catch (const CheckViolation&) {
        }
    }));
    EXPECT_EQ(postgres.run(postgres.db().find(users, user.id))->name, (Text<120, 1>("kept")));
}

TEST(PostgresEngine, AnErrorOfTheCommitItselfIsReported) {
    Postgres postgres;
    postgres::Session(postgres.empty.url())
        .execute(
            "CREATE TABLE late(id bigint PRIMARY KEY, other bigint REFERENCES late(id) DEFERRABLE INITIALLY "
            "DEFERRED)");
    EXPECT_THROW(postgres.run(postgres.db().execute(Writes{"late"}, "INSERT INTO late VALUES (1, 99)")),
                 ForeignKeyViolation);
    EXPECT_EQ(postgres.run(postgres.db().execute(Writes{"late"}, "INSERT INTO late VALUES (1, 1)")), 1u);
}

TEST(PostgresEngine, AnotherProcessWriteMovesTheGeneration) {
    Postgres postgres;
    auto& generations = postgres.database->generations();
    const auto slot = generations.slot("users");
    Database other({.url = postgres.empty.url()});
    for (int round = 0; round < 3; ++round) {
        const auto before = generations.read(slot);
        postgres.run(other.db().insert(
            users, NewUser{Text<254, 3>(concat({"a@", integer_text(round), ".org"})), Text<120, 1>("A")}));
        EXPECT_TRUE(turn_until(postgres.loop, [&] { return generations.read(slot) != before; }));
    }
}

TEST(PostgresEngine, AWriteThatNobodyToldOfMovesTheGenerationToo) {
    Postgres postgres;
    auto& generations = postgres.database->generations();
    const auto slot = generations.slot("users");
    postgres.a_user();
    // As a process does that dies between its commit and telling of it.
    const auto before = generations.read(slot);
    postgres::Session(postgres.empty.url())
        .value(
            concat({"SELECT nextval('", postgres::generation_name(postgres::generation_of("users")), "')"}));
    EXPECT_TRUE(turn_until(postgres.loop, [&] { return generations.read(slot) != before; }));
}

TEST(PostgresEngine, MessagesReachWhoListens) {
    Postgres postgres;
    std::atomic<int> heard{0};
    const auto subscription = postgres.database->notifications()->listen(
        "news", [&](std::string_view payload) { heard += payload == "hello" ? 1 : 0; });
    EXPECT_TRUE(turn_until(postgres.loop, [&] {
        postgres.database->notifications()->notify("news", "hello");
        return heard != 0;
    }));
}

namespace {

/// What came over a channel, in order; the first `hold` of it holds the keeper up until it is let go on.
struct Heard {
    db::Notifications::Receive receive(bool holds = false) {
        return [this, holds](std::string_view payload) {
            const std::scoped_lock lock(mutex);
            all.emplace_back(payload);
            if (holds && all.size() == 1) {
                is_held = true;
                is_held.notify_all();
                may_go_on.wait(false);
            }
        };
    }
    bool has(std::string_view payload) {
        const std::scoped_lock lock(mutex);
        return std::ranges::find(all, payload) != all.end();
    }
    std::atomic<bool> is_held{false};
    std::atomic<bool> may_go_on{false};
    std::mutex mutex;
    std::vector<std::string> all;  // guarded by mutex
};

}  // namespace

TEST(PostgresEngine, AMessageThatWaitsAlreadyIsSentOnce) {
    Postgres postgres;
    auto& notifications = *postgres.database->notifications();
    Heard heard;
    const auto subscription = notifications.listen("news", heard.receive(true));
    postgres::Session session(postgres.empty.url());
    const auto held_until = monotonic_now() + std::chrono::seconds(20);
    while (!heard.is_held && monotonic_now() < held_until) {
        session.execute("NOTIFY news, 'first'");
    }
    ASSERT_TRUE(heard.is_held);
    for (int i = 0; i < 1'000; ++i) {
        notifications.notify("news", "again");
    }
    notifications.notify("news", "last");
    heard.may_go_on = true;
    heard.may_go_on.notify_all();
    const auto until = monotonic_now() + std::chrono::seconds(20);
    while (!heard.has("last") && monotonic_now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ASSERT_TRUE(heard.has("last"));
    EXPECT_EQ(std::ranges::count(heard.all, "again"), 1);
}

TEST(PostgresEngine, WhatCannotBeSentAsItIsIsMadeGoodAndStopsNoOther) {
    Postgres postgres;
    auto& notifications = *postgres.database->notifications();
    Heard heard;
    const auto subscription = notifications.listen("We \"quote\"", heard.receive());
    const std::string longest = "x" + std::string(7'997, 'y');
    const auto until = monotonic_now() + std::chrono::seconds(20);
    while (!heard.has("last") && monotonic_now() < until) {
        notifications.notify("We \"quote\"", longest + "é");
        notifications.notify("We \"quote\"", std::string("bad \xff \0nul", 10));
        notifications.notify("We \"quote\"", "last");
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_TRUE(heard.has("last"));
    EXPECT_TRUE(heard.has(longest)) << "not cut within a character";
    EXPECT_TRUE(heard.has("bad \xef\xbf\xbd nul"));
}

TEST(PostgresEngine, AStatementIsExplainedInItsTurnWhereAllConnectionsAreOpen) {
    Postgres postgres({.connections = 4});
    struct Row {
        std::string nothing;
    };
    const sql::Statement statement(
        {.name = "all"}, [](sql::Dialect) { return std::string("SELECT * FROM users WHERE name = $1"); });
    auto sleep = [&]() -> Async<void> {
        co_await postgres.db().query<Row>(Reads{"users"}, "SELECT pg_sleep(0.02)::text AS nothing");
    };
    auto explained = [&]() -> Async<std::string> {
        runtime::Scope scope(co_await runtime::current_work);
        for (int i = 0; i < 20; ++i) {
            scope.start(sleep());
        }
        auto plan = co_await postgres.database->engine().explain(Query{.statement = &statement});
        co_await scope.join();
        co_return plan;
    };
    EXPECT_TRUE(postgres.run(explained()).contains("Seq Scan on users")) << "while they are in use";
    EXPECT_TRUE(postgres.run(explained()).contains("Seq Scan on users")) << "once all have been";
    EXPECT_TRUE(postgres.run(postgres.database->engine().explain(Query{.statement = &statement}))
                    .contains("Seq Scan on users"))
        << "while they are idle";
    postgres.database->engine().each_limit([](runtime::Limit& limit) {
        if (limit.name() == "db_connections") {
            EXPECT_LT(limit.used(), limit.most()) << "its place is free again";
        }
    });
}

TEST(PostgresEngine, AStatementHasTheTimeThatPassedBehindWhatOnlySetsHowItRuns) {
    Postgres postgres;
    const sql::Statement sleep({.name = "sleep"}, [](sql::Dialect) {
        return std::string("SELECT pg_sleep(0.05)::text AS nothing");
    });
    auto& engine = postgres.database->engine();
    for (const std::size_t count : {1UZ, 2UZ}) {
        std::vector<Query> batch(2);
        batch[0].statement = batch[1].statement = &sleep;
        runtime::Work work;
        work.deadline = postgres.loop.now() + std::chrono::seconds(20);
        test::run(postgres.loop, engine.read(std::span(batch).first(count)), work);
        EXPECT_GT(batch[0].took_ns, 50'000'000U) << count << " with a limit of their own";
    }
}

TEST(PostgresEngine, ManyAtOnceShareFewConnections) {
    Postgres postgres({.connections = 4});
    const User user = postgres.a_user();
    auto one = [&]() -> Async<void> {
        co_await postgres.db().insert(resources,
                                      NewResource{user.id, Text<120, 1>("n"), Text<2000>(""), Status::draft});
        co_await postgres.db().find(users, user.id);
    };
    auto all = [&]() -> Async<void> {
        runtime::Scope scope(co_await runtime::current_work);
        for (int i = 0; i < 300; ++i) {
            scope.start(one());
        }
        co_await scope.join();
    };
    postgres.run(all());
    EXPECT_EQ(postgres.run(postgres.db().select(resources).count()), 300u);
    postgres::Session watcher(postgres.empty.url());
    int open = 99;
    for (int look = 0; look < 500 && open > 4; ++look) {  // a process ends after its connection
        open =
            std::stoi(watcher
                          .value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'brio' AND "
                                 "datname = current_database() AND pid <> pg_backend_pid()")
                          .value_or("99"));
    }
    EXPECT_LE(open, 4);
}

}  // namespace brio::db::test
