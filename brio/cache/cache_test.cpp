// The query cache on both engines: what is kept, what ends it, who waits for whom.
#include <gtest/gtest.h>

#include <stdexcept>

#include <brio/cache/provide.hpp>
#include <brio/db/test_engines.hpp>
#include <brio/ledger/statement_tally.hpp>
#include <brio/metrics/value_harness.hpp>

namespace brio::cache {

namespace {

using namespace std::chrono_literals;
using metrics::test::value_of;
using namespace db::test;

struct Summary {
    std::int64_t many;
    std::string words;
    friend bool operator==(const Summary&, const Summary&) = default;
};

/// Counts the statements that reach the database.
struct Setting {
    explicit Setting(sql::Dialect dialect = sql::Dialect::sqlite, CachesOptions options = {})
        : fixture(dialect),
          caches(options) {}

    template <class T>
    T run(Async<T> call) {
        runtime::Work work;
        ledger::StatementTally tally;
        tally.start();
        work.tally = &tally;
        work.dependencies = outer;
        auto restore = [&] { statements += tally.total(); };
        try {
            T result = db::test::run(fixture.loop, std::move(call), work);
            restore();
            return result;
        } catch (...) {
            restore();
            throw;
        }
    }
    std::uint64_t statements_since() { return std::exchange(statements, 0); }
    db::Db db() { return fixture.db(); }
    Id<Resource> a_resource(std::string_view name = "first") {
        const auto user = run(find_or_make_user());
        return run(db().insert(resources, NewResource{.owner_id = user, .name = Text<120, 1>(name)})).id;
    }
    Async<Id<User>> find_or_make_user() {
        if (const auto user = co_await db().find_by<&User::email>(users, "ann@example.org")) {
            co_return user->id;
        }
        const auto made =
            co_await db().insert(users, NewUser{Text<254, 3>("ann@example.org"), Text<120, 1>("Ann")});
        co_return made.id;
    }
    void rename(Id<Resource> id, std::string_view name) {
        run(db().update(resources, id, ResourcePatch{.name = Text<120, 1>(name)}));
    }
    std::uint64_t items() { return caches.memory().counts().items; }

    Fixture fixture;
    Caches caches;
    Cache cache{caches};
    ledger::Dependencies* outer = nullptr;
    std::uint64_t statements = 0;
};

struct QueryCache : db::test::OnEveryEngine {
    QueryCache() : s(GetParam()) {}
    Setting s;
};
INSTANTIATE_TEST_SUITE_P(, QueryCache, every_engine, engine_name);

TEST_P(QueryCache, ASecondFindRunsNoStatement) {
    const auto id = s.a_resource();
    s.statements_since();
    EXPECT_EQ(s.run(s.cache.find(s.db(), resources, id, 60s))->name, "first");
    EXPECT_EQ(s.statements_since(), 1);
    EXPECT_EQ(s.run(s.cache.find(s.db(), resources, id, 60s))->name, "first");
    EXPECT_EQ(s.statements_since(), 0);
}

TEST_P(QueryCache, AWriteEndsWhatWasReadFromItsTable) {
    const auto id = s.a_resource();
    s.run(s.cache.find(s.db(), resources, id, 60s));
    s.rename(id, "second");
    EXPECT_EQ(s.run(s.cache.find(s.db(), resources, id, 60s))->name, "second");
    s.statements_since();
    const auto user = s.run(s.find_or_make_user());
    s.run(s.cache.find(s.db(), users, user, 60s));
    s.rename(id, "third");
    s.statements_since();
    s.run(s.cache.find(s.db(), users, user, 60s));
    EXPECT_EQ(s.statements_since(), 0) << "users were not written to";
}

TEST_P(QueryCache, ThatThereIsNoneIsRememberedUntilThereIs) {
    const auto id = s.a_resource();
    const Id<Resource> next(id.value + 1);
    EXPECT_FALSE(s.run(s.cache.find(s.db(), resources, next, 60s)).has_value());
    s.statements_since();
    EXPECT_FALSE(s.run(s.cache.find(s.db(), resources, next, 60s)).has_value());
    EXPECT_EQ(s.statements_since(), 0);
    s.a_resource("second");
    EXPECT_TRUE(s.run(s.cache.find(s.db(), resources, next, 60s)).has_value());
}

TEST_P(QueryCache, WithoutATimeForItThatThereIsNoneIsNotRemembered) {
    const Id<Resource> absent(99);
    s.run(s.cache.find(s.db(), resources, absent, {.negative = 0s}));
    s.statements_since();
    s.run(s.cache.find(s.db(), resources, absent, {.negative = 0s}));
    EXPECT_EQ(s.statements_since(), 1);
}

TEST_P(QueryCache, SelectsAreToldApartByStatementAndValues) {
    s.a_resource("b");
    s.a_resource("a");
    const auto named = [&](std::string_view name) {
        return s.db().select(resources).where(unindexed("few rows", col<&Resource::name> == name));
    };
    EXPECT_EQ(s.run(s.cache.all(named("a"), 60s)).size(), 1);
    EXPECT_EQ(s.run(s.cache.all(named("c"), 60s)).size(), 0);
    EXPECT_EQ(s.run(s.cache.all(s.db().select(resources).limit(1), 60s)).size(), 1);
    EXPECT_EQ(s.run(s.cache.all(s.db().select(resources).limit(2), 60s)).size(), 2);
    EXPECT_EQ(s.run(s.cache.all(s.db().select(resources).limit(2).offset(1), 60s)).size(), 1);
    EXPECT_EQ(s.run(s.cache.first(s.db().select(resources).order_by(desc<&Resource::id>), 60s))->name, "a");
    EXPECT_EQ(s.run(s.cache.count(s.db().select(resources), 60s)), 2);
    EXPECT_EQ(s.run(s.cache.count(named("a"), 60s)), 1);
    s.statements_since();
    EXPECT_EQ(s.run(s.cache.all(named("a"), 60s)).at(0).name, "a");
    EXPECT_EQ(s.run(s.cache.count(s.db().select(resources), 60s)), 2);
    EXPECT_EQ(s.run(s.cache.first(s.db().select(resources).order_by(desc<&Resource::id>), 60s))->name, "a");
    EXPECT_EQ(s.statements_since(), 0);
}

TEST_P(QueryCache, RelationsBindToTheirTablesToo) {
    const auto id = s.a_resource();
    const auto user = s.run(s.find_or_make_user());
    EXPECT_EQ(s.run(s.cache.find_with<owner>(s.db(), resources, id, 60s))->get<owner>().name, "Ann");
    EXPECT_EQ(s.run(s.cache.find_with<owned>(s.db(), users, user, 60s))->get<owned>().size(), 1);
    EXPECT_TRUE(s.run(s.cache.find(s.db(), users, user, 60s)).has_value());
    s.statements_since();
    EXPECT_EQ(s.run(s.cache.find_with<owned>(s.db(), users, user, 60s))->get<owned>().size(), 1);
    EXPECT_EQ(s.statements_since(), 0);
    s.rename(id, "second");
    EXPECT_EQ(s.run(s.cache.find_with<owned>(s.db(), users, user, 60s))->get<owned>().at(0).name, "second");
}

TEST_P(QueryCache, FindsByAUniqueIndex) {
    s.a_resource();
    EXPECT_TRUE(s.run(s.cache.find_by<&User::email>(s.db(), users, 60s, "ann@example.org")).has_value());
    EXPECT_FALSE(s.run(s.cache.find_by<&User::email>(s.db(), users, 60s, "bob@example.org")).has_value());
    s.statements_since();
    EXPECT_TRUE(s.run(s.cache.find_by<&User::email>(s.db(), users, 60s, "ann@example.org")).has_value());
    EXPECT_EQ(s.statements_since(), 0);
}

TEST_P(QueryCache, WhatALoaderReadsBindsItsValue) {
    const auto id = s.a_resource();
    int runs = 0;
    auto load = [&runs, db = s.db()]() -> Async<Summary> {
        ++runs;
        const auto rows = co_await db.select(resources).all();
        co_return Summary{static_cast<std::int64_t>(rows.size()), std::string(rows.at(0).name)};
    };
    const auto summary = [&] { return s.run(s.cache.get_or_set(Key::of("summary"), 60s, load)); };
    EXPECT_EQ(summary(), (Summary{1, "first"}));
    EXPECT_EQ(summary(), (Summary{1, "first"}));
    EXPECT_EQ(runs, 1);
    s.rename(id, "second");
    EXPECT_EQ(summary(), (Summary{1, "second"}));
    EXPECT_EQ(runs, 2);
}

TEST_P(QueryCache, AHitWithinALoaderBindsTheOuterValue) {
    const auto id = s.a_resource();
    s.run(s.cache.find(s.db(), resources, id, 60s));
    auto load = [&]() -> Async<Summary> {
        const auto row = co_await s.cache.find(s.db(), resources, id, 60s);
        co_return Summary{1, std::string(row->name)};
    };
    const auto summary = [&] { return s.run(s.cache.get_or_set(Key::of("one"), 60s, load)).words; };
    EXPECT_EQ(summary(), "first");
    s.rename(id, "second");
    EXPECT_EQ(summary(), "second");
}

TEST_P(QueryCache, ATransactionNeitherTakesNorKeeps) {
    const auto id = s.a_resource();
    s.run(s.cache.find(s.db(), resources, id, 60s));
    const auto name_of = [id](db::Db db) {
        return [id, db]() -> Async<std::string> {
            const auto row = co_await db.find(resources, id);
            co_return row->name.str();
        };
    };
    EXPECT_EQ(s.run(s.cache.get_or_set(s.db(), Key::of("name"), 60s, name_of(s.db()))), "first");
    auto body = [&](db::Db db) -> Async<int> {
        co_await db.update(resources, id, ResourcePatch{.name = Text<120, 1>("second")});
        const auto seen = co_await s.cache.find(db, resources, id, 60s);
        EXPECT_EQ(seen->name, "second");
        EXPECT_EQ((co_await s.cache.all(db.select(resources), 60s)).at(0).name, "second");
        const auto loaded = co_await s.cache.get_or_set(Key::of("x"), 60s, [db]() -> Async<Summary> {
            const auto rows = co_await db.select(resources).all();
            co_return Summary{1, std::string(rows.at(0).name)};
        });
        EXPECT_EQ(loaded.words, "second");
        EXPECT_EQ(co_await s.cache.get_or_set(db, Key::of("name"), 60s, name_of(db)), "second");
        throw std::runtime_error("roll back");
        co_return 0;
    };
    EXPECT_THROW(s.run(s.db().transaction(body)), std::runtime_error);
    EXPECT_EQ(s.run(s.cache.find(s.db(), resources, id, 60s))->name, "first");
    EXPECT_EQ(s.run(s.cache.all(s.db().select(resources), 60s)).at(0).name, "first");
    EXPECT_EQ(s.run(s.cache.get_or_set(s.db(), Key::of("name"), 60s, name_of(s.db()))), "first");
    EXPECT_EQ(s.caches.memory().peek(Cache::own_key(Key::of("x"))), nullptr);
}

TEST_P(QueryCache, AFillDuringWhichItsTableMovedIsNotKept) {
    const auto id = s.a_resource();
    auto load = [&]() -> Async<Summary> {
        const auto row = co_await s.db().find(resources, id);
        co_await s.db().update(resources, id, ResourcePatch{.name = Text<120, 1>("second")});
        co_return Summary{1, std::string(row->name)};
    };
    EXPECT_EQ(s.run(s.cache.get_or_set(Key::of("s"), 60s, load)).words, "first");
    EXPECT_EQ(s.items(), 0);
}

TEST(QueryCacheCounts, HitsAndMissesAreCountedByTypeAndName) {
    metrics::Registry registry;
    Setting s(sql::Dialect::sqlite, {.registry = &registry});
    const auto id = s.a_resource();
    for (int i = 0; i < 3; ++i) {
        s.run(s.cache.find(s.db(), resources, id, 60s));
    }
    EXPECT_EQ(value_of(registry, "cache_hits_total", "cache_type=\"query\""), 2);
    EXPECT_EQ(value_of(registry, "cache_misses_total", "cache_type=\"query\""), 1);
    EXPECT_EQ(value_of(registry, "cache_fills_total",
                       R"(cache_type="query",name="resources by id",outcome="kept")"),
              1);
    EXPECT_EQ(
        value_of(registry, "cache_saved_statements_total", R"(cache_type="query",name="resources by id")"),
        2);
}

static_assert(http::Provided<Cache>);

}  // namespace

}  // namespace brio::cache
