#include <gtest/gtest.h>

#include <thread>

#include <brio/base/text.hpp>
#include <brio/cache/memory_shard.hpp>
#include <brio/cache/memory_store.hpp>

namespace brio::cache {

namespace {

using namespace std::chrono_literals;

struct Number final : Item {
    int value = 0;
};

std::shared_ptr<Number> item(std::string key, int value = 0, std::uint64_t bytes = 100) {
    auto made = std::make_shared<Number>();
    made->key = std::move(key);
    made->bytes = bytes;
    made->value = value;
    made->fresh_until = 100s;
    made->stale_until = 200s;
    return made;
}

/// Of one shard.
struct Store : MemoryStore {
    explicit Store(std::uint64_t bytes = 1 << 20) : MemoryStore({.bytes = bytes, .shards = 1, .secret = 7}) {}
    int value(std::string_view key, Time now = 1s) {
        const Shared found = find(KeyView(key), now);
        return found ? static_cast<const Number&>(*found).value : -1;
    }
    bool has(std::string_view key) { return peek(KeyView(key)) != nullptr; }
    std::uint64_t removed(Removal reason) { return counts().removed[static_cast<std::size_t>(reason)]; }
};

TEST(MemoryStore, GivesWhatWasPutUnderTheKeyAndNothingElse) {
    Store store;
    EXPECT_TRUE(store.put(item("a", 1), 1s));
    EXPECT_TRUE(store.put(item("b", 2), 1s));
    EXPECT_EQ(store.value("a"), 1);
    EXPECT_EQ(store.value("b"), 2);
    EXPECT_EQ(store.value("c"), -1);
    EXPECT_EQ(store.counts().items, 2);
}

TEST(MemoryStore, AnotherKeyOfTheSameHashIsAMiss) {
    Store store;
    store.put(item("a", 1), 1s);
    EXPECT_EQ(store.find(KeyView("b", KeyView("a").hash), 1s), nullptr);
    EXPECT_EQ(store.value("a"), 1);
    store.put(item("b", 2), KeyView("a").hash, 1s);
    EXPECT_EQ(store.value("a"), -1);
}

TEST(MemoryStore, TheLaterOfOneKeyReplacesTheEarlier) {
    Store store;
    store.put(item("a", 1), 1s);
    store.put(item("a", 2, 300), 1s);
    EXPECT_EQ(store.value("a"), 2);
    EXPECT_EQ(store.counts().items, 1);
    EXPECT_EQ(store.counts().bytes, 300 + MemoryShard::overhead);
    EXPECT_EQ(store.removed(Removal::replaced), 1);
}

TEST(MemoryStore, AStaleItemIsGivenAndAnExpiredOneIsNot) {
    Store store;
    store.put(item("a", 1), 1s);
    EXPECT_EQ(store.value("a", 150s), 1);
    EXPECT_EQ(store.value("a", 200s), -1);
    EXPECT_EQ(store.counts().items, 0);
    EXPECT_EQ(store.removed(Removal::expired), 1);
    EXPECT_FALSE(store.put(item("a", 1), 200s));
}

TEST(MemoryStore, HitsAreCountedInTheItem) {
    Store store;
    store.put(item("a", 1), 1s);
    store.value("a");
    store.value("a");
    EXPECT_EQ(store.peek(KeyView("a"))->hits, 2);
}

TEST(MemoryStore, NeverHoldsMoreThanItsBytes) {
    Store store(1 << 20);
    for (int i = 0; i < 10'000; ++i) {
        store.put(item(integer_text(i), i, 1000), 1s);
        ASSERT_LE(store.counts().bytes, 1u << 20);
    }
    EXPECT_GT(store.counts().bytes, (1u << 20) - 2000);
    store.each_limit([&](runtime::Limit& limit) {
        if (limit.name() == "cache_bytes") {
            EXPECT_EQ(limit.used(), store.counts().bytes);
            EXPECT_EQ(limit.refused(), 0);
        }
    });
    EXPECT_EQ(store.removed(Removal::size) + store.counts().items, 10'000);
    EXPECT_EQ(store.clear(), store.removed(Removal::dropped));
    EXPECT_EQ(store.counts().bytes, 0);
}

TEST(MemoryStore, WhatIsAskedForSurvivesAScan) {
    Store store(1 << 20);
    for (int i = 0; i < 100; ++i) {
        store.put(item(concat({"kept ", integer_text(i)}), i, 1000), 1s);
        store.value(concat({"kept ", integer_text(i)}));
        store.value(concat({"kept ", integer_text(i)}));
    }
    for (int i = 0; i < 20'000; ++i) {
        store.put(item(integer_text(i), i, 1000), 1s);
    }
    int kept = 0;
    for (int i = 0; i < 100; ++i) {
        kept += store.value(concat({"kept ", integer_text(i)})) == i ? 1 : 0;
    }
    EXPECT_GE(kept, 95);
}

TEST(MemoryStore, WhatWasGoodAndIsMadeAgainDoesNotBeginAtTheBottom) {
    Store store(1 << 20);
    store.put(item("good", 1, 1000), 1s);
    store.value("good");
    store.drop(KeyView("good"), Removal::invalidated);
    store.put(item("good", 2, 1000), 1s);
    store.put(item("new", 3, 1000), 1s);
    for (int i = 0; i < 1500; ++i) {  // more than there is room for, none of it asked for again
        store.put(item(integer_text(i), i, 1000), 1s);
    }
    EXPECT_EQ(store.value("good"), 2);
    EXPECT_EQ(store.value("new"), -1);
}

TEST(MemoryStore, WhatIsTooLargeIsRefusedAndEndsWhatWasThere) {
    Store store(1 << 20);
    store.put(item("a", 1), 1s);
    EXPECT_FALSE(store.put(item("a", 2, 1 << 19), 1s));
    EXPECT_EQ(store.value("a"), -1);
    EXPECT_EQ(store.removed(Removal::refused), 1);
}

TEST(MemoryStore, WithoutBytesItKeepsNothing) {
    Store store(0);
    EXPECT_FALSE(store.put(item("a", 1), 1s));
    EXPECT_EQ(store.value("a"), -1);
    EXPECT_FALSE(store.drop(KeyView("a")));
    EXPECT_EQ(store.clear(), 0);
    store.sweep(1s);
}

TEST(MemoryStore, DropsOnlyTheItemThatIsMeant) {
    Store store;
    const auto old = item("a", 1);
    store.put(old, 1s);
    store.put(item("a", 2), 1s);
    EXPECT_FALSE(store.drop(KeyView("a"), Removal::invalidated, old.get()));
    EXPECT_EQ(store.value("a"), 2);
    EXPECT_TRUE(store.drop(KeyView("a"), Removal::invalidated));
    EXPECT_FALSE(store.drop(KeyView("a")));
    EXPECT_EQ(store.removed(Removal::invalidated), 1);
}

TEST(MemoryStore, DropsAllOfWhichAPredicateHolds) {
    Store store;
    for (int i = 0; i < 1000; ++i) {
        store.put(item(integer_text(i), i), 1s);
    }
    EXPECT_EQ(store.drop_if([](const Item& each) { return static_cast<const Number&>(each).value % 2 == 0; }),
              500);
    EXPECT_FALSE(store.has("0"));
    EXPECT_TRUE(store.has("1"));
    int seen = 0;
    store.each([&](const Item&) { ++seen; });
    EXPECT_EQ(seen, 500);
}

TEST(MemoryStore, SweepingComesByAllThatHasExpired) {
    Store store;
    for (int i = 0; i < 1000; ++i) {
        store.put(item(integer_text(i), i), 1s);
    }
    for (int turn = 0; turn < 20; ++turn) {
        store.sweep(300s, 100);
    }
    EXPECT_EQ(store.removed(Removal::expired), 1000);
    EXPECT_EQ(store.counts().items, 0);
}

TEST(MemoryStore, AnItemThatGrowsIsCountedAnew) {
    Store store;
    const auto grown = item("a", 1);
    store.put(grown, 1s);
    store.recount(KeyView("a"), *grown, 1000);
    EXPECT_EQ(store.counts().bytes, 1000 + MemoryShard::overhead);
    store.recount(KeyView("a"), *item("a"), 5000);
    EXPECT_EQ(store.counts().bytes, 1000 + MemoryShard::overhead);
    store.recount(KeyView("a"), *grown, 1 << 19);
    EXPECT_FALSE(store.has("a"));
}

TEST(MemoryStore, WhatGrowsInAFullStoreIsGivenBackWhole) {
    Store store;
    for (int i = 0; i < 2000; ++i) {
        store.put(item(integer_text(i), i, 1000), 1s);
    }
    const auto grown = item("a");
    store.put(grown, 1s);
    store.recount(KeyView("a"), *grown, 200'000);
    store.clear();
    store.each_limit([](runtime::Limit& limit) { EXPECT_EQ(limit.used(), 0U) << limit.name(); });
}

TEST(MemoryStore, ManyThreadsAgreeOnWhatIsThere) {
    MemoryStore store({.bytes = 4 << 20, .shards = 4});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&store, t] {
            Random random(static_cast<std::uint64_t>(t));
            for (int i = 0; i < 20'000; ++i) {
                const auto number = static_cast<int>(random.below(5000));
                const std::string key = integer_text(number);
                switch (random.below(8)) {
                    case 0: store.drop(KeyView(key)); break;
                    case 1: store.sweep(1s, 10); break;
                    case 2: store.put(item(key, number, random.below(2000)), 1s); break;
                    default:
                        if (const auto found = store.find(KeyView(key), 1s)) {
                            EXPECT_EQ(static_cast<const Number&>(*found).value, number);
                        }
                }
            }
        });
    }
    threads.emplace_back([&store] {
        for (int i = 0; i < 20; ++i) {
            store.drop_if([](const Item& each) { return static_cast<const Number&>(each).value % 7 == 0; });
        }
    });
    for (auto& thread : threads) {
        thread.join();
    }
    std::uint64_t items = 0;
    store.each([&](const Item& each) {
        ++items;
        EXPECT_NE(store.peek(KeyView(each.key)), nullptr);
    });
    EXPECT_EQ(items, store.counts().items);
    store.clear();
    EXPECT_EQ(store.counts().bytes, 0);
}

}  // namespace

}  // namespace brio::cache
