// Values of the program's own: their time, who waits for whom, what stands in for an error. No database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include <brio/cache/cache.hpp>
#include <brio/http/problem.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/run.hpp>
#include <brio/runtime/scope.hpp>

namespace brio::cache {

namespace {

using namespace std::chrono_literals;

struct CachedValues : testing::Test {
    CachedValues() { loop.emplace(runtime::Loop::Time::manual); }

    template <class T>
    struct Running {
        runtime::Work work;
        Async<T> call;
        bool ended = false;
        T result() { return call.result(); }
    };
    template <class T>
    std::unique_ptr<Running<T>> start(Async<T> call) {
        auto made = std::make_unique<Running<T>>();
        made->work.loop = &*loop;
        made->call = std::move(call);
        made->call.start(made->work, [](void* flag) { *static_cast<bool*>(flag) = true; }, &made->ended);
        return made;
    }
    void turn() {
        for (int i = 0; i < 4; ++i) {
            loop->turn(0ns);
        }
    }
    /// Gives its number, which moves with each run, after a time.
    auto loader(std::chrono::nanoseconds takes = 0ns) {
        return [this, takes]() -> Async<int> {
            const int number = ++runs;
            if (takes.count() != 0) {
                co_await runtime::sleep_for(takes);
            }
            if (fails) {
                throw std::runtime_error("down");
            }
            co_return number;
        };
    }
    int get(QueryOptions options = {.ttl = 10s, .jitter = 0}) {
        auto running = start(cache.get_or_set(Key::of("n"), std::move(options), loader()));
        turn();
        return running->result();
    }

    Caches caches;
    Cache cache{caches};
    std::optional<runtime::Loop> loop;  // ends before the caches
    int runs = 0;
    bool fails = false;
};

TEST_F(CachedValues, AreKeptForTheirTime) {
    EXPECT_EQ(get(), 1);
    loop->advance(9s);
    EXPECT_EQ(get(), 1);
    loop->advance(2s);
    EXPECT_EQ(get(), 2);
}

TEST_F(CachedValues, AThousandWhoWantTheSameRunTheLoaderOnce) {
    std::vector<std::unique_ptr<Running<int>>> all;
    for (int i = 0; i < 1000; ++i) {
        all.push_back(start(cache.get_or_set(Key::of("n"), 10s, loader(100ms))));
    }
    loop->advance(100ms);
    turn();
    for (auto& each : all) {
        ASSERT_TRUE(each->ended);
        EXPECT_EQ(each->result(), 1);
    }
    EXPECT_EQ(runs, 1);
}

TEST_F(CachedValues, WhenTheOneWhoMakesItLeavesAnotherMakesIt) {
    auto first = start(cache.get_or_set(Key::of("n"), 10s, loader(100ms)));
    auto second = start(cache.get_or_set(Key::of("n"), 10s, loader(100ms)));
    first->work.stop(runtime::StopReason::disconnected);
    EXPECT_THROW(first->result(), runtime::Cancelled);
    turn();
    loop->advance(100ms);
    turn();
    ASSERT_TRUE(second->ended);
    EXPECT_EQ(second->result(), 2);
}

TEST_F(CachedValues, AnErrorReachesAllWhoWaitAndIsNotKept) {
    fails = true;
    auto first = start(cache.get_or_set(Key::of("n"), 10s, loader(100ms)));
    auto second = start(cache.get_or_set(Key::of("n"), 10s, loader(100ms)));
    loop->advance(100ms);
    turn();
    EXPECT_THROW(first->result(), std::runtime_error);
    EXPECT_THROW(second->result(), std::runtime_error);
    EXPECT_EQ(runs, 1);
    fails = false;
    EXPECT_EQ(get(), 2);
}

TEST_F(CachedValues, StaleOnesAreGivenWhileTheyAreMadeAnew) {
    const QueryOptions options{.ttl = 10s, .stale_while_revalidate = 60s, .jitter = 0};
    EXPECT_EQ(get(options), 1);
    loop->advance(11s);
    EXPECT_EQ(get(options), 1);
    EXPECT_EQ(runs, 2) << "in the background";
    EXPECT_EQ(get(options), 2);
    EXPECT_EQ(runs, 2);
}

TEST_F(CachedValues, ARenewalThatFailsIsTriedAgainAfterAWhile) {
    const QueryOptions options{.ttl = 10s, .stale_while_revalidate = 60s, .jitter = 0};
    get(options);
    loop->advance(11s);
    fails = true;
    EXPECT_EQ(get(options), 1);
    EXPECT_EQ(get(options), 1);
    EXPECT_EQ(runs, 2);
    fails = false;
    loop->advance(1s);
    EXPECT_EQ(get(options), 1);
    EXPECT_EQ(get(options), 3);
}

TEST_F(CachedValues, OldOnesStandInForErrorsOfTheEnvironment) {
    const QueryOptions options{.ttl = 10s, .stale_if_error = 60s, .jitter = 0};
    get(options);
    loop->advance(11s);
    fails = true;
    EXPECT_EQ(get(options), 1);
    EXPECT_EQ(get(options), 1);
    EXPECT_EQ(runs, 2) << "not tried again at once";
    loop->advance(60s);
    EXPECT_THROW(get(options), std::runtime_error);
    fails = false;
    EXPECT_EQ(get(options), 4);
}

TEST_F(CachedValues, OldOnesDoNotStandInForWhatTheClientDidWrong) {
    const QueryOptions options{.ttl = 10s, .stale_if_error = 60s, .jitter = 0};
    get(options);
    loop->advance(11s);
    auto refused = start(cache.get_or_set(Key::of("n"), options, []() -> Async<int> {
        throw http::Problem(403, "forbidden", "not for you");
        co_return 0;
    }));
    EXPECT_THROW(refused->result(), http::Problem);
}

TEST_F(CachedValues, AreDroppedByKeyAndByTag) {
    const QueryOptions options{.ttl = 10s, .tags = {"numbers"}};
    EXPECT_EQ(get(options), 1);
    EXPECT_TRUE(cache.drop(Key::of("n")));
    EXPECT_FALSE(cache.drop(Key::of("n")));
    EXPECT_EQ(get(options), 2);
    EXPECT_EQ(cache.clear_tag("letters"), 0);
    EXPECT_EQ(get(options), 2);
    EXPECT_EQ(cache.clear_tag("numbers"), 1);
    EXPECT_EQ(get(options), 3);
}

TEST_F(CachedValues, WhatWasBegunBeforeADropIsNotKept) {
    auto first = start(cache.get_or_set(Key::of("n"), 10s, loader(100ms)));
    cache.drop(Key::of("n"));
    loop->advance(100ms);
    EXPECT_EQ(first->result(), 1);
    EXPECT_EQ(get(), 2);
}

TEST_F(CachedValues, OneOfThoseWhoCameAfterADropMakesItForAll) {
    auto before = start(cache.get_or_set(Key::of("n"), 10s, loader(100ms)));
    cache.drop(Key::of("n"));
    auto first = start(cache.get_or_set(Key::of("n"), 10s, loader(100ms)));
    auto second = start(cache.get_or_set(Key::of("n"), 10s, loader(100ms)));
    for (int i = 0; i < 2; ++i) {
        loop->advance(100ms);
        turn();
    }
    EXPECT_EQ(before->result(), 1);
    EXPECT_EQ(first->result(), 2);
    EXPECT_EQ(second->result(), 2);
}

TEST_F(CachedValues, OfAnotherTypeUnderTheSameKeyAreNotGiven) {
    EXPECT_EQ(get(), 1);
    auto text = start(cache.get_or_set(Key::of("n"), 10s, []() -> Async<std::string> { co_return "one"; }));
    EXPECT_EQ(text->result(), "one");
    EXPECT_EQ(get(), 2);
}

TEST_F(CachedValues, OfAnotherTypeThatAreJustBeingMadeAreNotGiven) {
    auto number = start(cache.get_or_set(Key::of("n"), 10s, loader(100ms)));
    auto text = start(cache.get_or_set(Key::of("n"), 10s, []() -> Async<std::string> { co_return "one"; }));
    loop->advance(100ms);
    turn();
    EXPECT_EQ(number->result(), 1);
    ASSERT_TRUE(text->ended);
    EXPECT_EQ(text->result(), "one");
}

TEST_F(CachedValues, ThatAreAlwaysOutOfDateWhenTheyAreMadeAreNotWaitedForWithoutEnd) {
    sql::Generations generations;
    const auto slot = generations.slot("users");
    const auto load = [&]() -> Async<int> {
        auto& work = co_await runtime::current_work;
        work.dependencies->read({&generations, "users", slot, generations.read(slot).number}, true);
        const int number = ++runs;
        co_await runtime::sleep_for(100ms);
        generations.move_all();
        co_return number;
    };
    std::vector<std::unique_ptr<Running<int>>> all;
    for (int i = 0; i < 10; ++i) {
        all.push_back(start(cache.get_or_set(Key::of("n"), 10s, load)));
    }
    for (int i = 0; i < 4; ++i) {
        EXPECT_FALSE(all.back()->ended);
        loop->advance(100ms);
        turn();
    }
    for (auto& each : all) {
        ASSERT_TRUE(each->ended);
        each->result();
    }
    EXPECT_EQ(runs, 10);
}

TEST_F(CachedValues, TwoAtOnceWithinOneUnitOfWorkNoteTheirOwnReads) {
    sql::Generations generations;
    const auto reading = [&](std::string_view table) {
        return [&generations, table]() -> Async<int> {
            co_await runtime::sleep_for(10ms);
            const auto slot = generations.slot(table);
            auto& work = co_await runtime::current_work;
            work.dependencies->read({&generations, table, slot, generations.read(slot).number}, true);
            co_return 1;
        };
    };
    auto both = start([](Cache its_cache, auto a, auto b) -> Async<int> {
        co_await runtime::when_all(its_cache.get_or_set(Key::of("a"), 60s, a),
                                   its_cache.get_or_set(Key::of("b"), 60s, b));
        co_return 1;
    }(cache, reading("users"), reading("resources")));
    loop->advance(10ms);
    turn();
    ASSERT_TRUE(both->ended);
    std::vector<std::string_view> tables;
    caches.memory().each([&](const Item& item) {
        ASSERT_EQ(item.binding.entries().size(), 1);
        tables.push_back(item.binding.entries()[0].name);
    });
    EXPECT_THAT(tables, testing::UnorderedElementsAre("users", "resources"));
}

TEST(CachedValuesOfLoops, OneLoopMakesWhatAnotherWaitsFor) {
    Caches caches;
    std::atomic<int> runs = 0;
    std::array<int, 2> results{};
    const auto load = [&caches, &runs]() -> Async<int> {
        ++runs;
        while (caches.flights().waiting().used() == 0) {
            co_await runtime::sleep_for(1ms);
        }
        co_return 7;
    };
    std::vector<std::thread> threads;
    for (int& result : results) {
        threads.emplace_back([&] {
            runtime::Loop loop;
            result = runtime::run(loop, Cache(caches).get_or_set(Key::of("n"), 60s, load));
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(results, (std::array{7, 7}));
    EXPECT_EQ(runs, 1);
}

TEST_F(CachedValues, WithoutRoomEachMakesItsOwn) {
    Caches off({.bytes = 0});
    Cache none(off);
    auto first = start(none.get_or_set(Key::of("n"), 10s, loader()));
    auto second = start(none.get_or_set(Key::of("n"), 10s, loader()));
    EXPECT_EQ(first->result(), 1);
    EXPECT_EQ(second->result(), 2);
}

}  // namespace

}  // namespace brio::cache
