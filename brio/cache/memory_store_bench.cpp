#include <benchmark/benchmark.h>

#include <map>
#include <mutex>

#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/cache/key.hpp>
#include <brio/cache/memory_store.hpp>

namespace brio::cache {

namespace {

constexpr std::chrono::nanoseconds now{1};

std::shared_ptr<Item> item(std::string key) {
    auto made = std::make_shared<Item>();
    made->key = std::move(key);
    made->bytes = 1000;
    made->fresh_until = made->stale_until = std::chrono::nanoseconds::max();
    return made;
}

std::string key_of(std::uint64_t number) { return Key::of("GET /api/resources", number, true, "id").bytes(); }

/// Filled, with so many shards; one for all benchmarks of the number.
MemoryStore& a_store(std::size_t shards) {
    static std::map<std::size_t, std::unique_ptr<MemoryStore>> stores;
    static std::mutex mutex;
    const std::scoped_lock lock(mutex);
    auto& store = stores[shards];
    if (store == nullptr) {
        store = std::make_unique<MemoryStore>(MemoryStoreOptions{.bytes = 256u << 20, .shards = shards});
        for (std::uint64_t i = 0; i < 100'000; ++i) {
            store->put(item(key_of(i)), now);
        }
    }
    return *store;
}

/// Each thread asks for keys among so many, of a store of so many shards.
void hit(benchmark::State& state) {
    MemoryStore& store = a_store(static_cast<std::size_t>(state.range(1)));
    const auto among = static_cast<std::uint64_t>(state.range(0));
    std::vector<std::string> keys;
    Random random(static_cast<std::uint64_t>(state.thread_index()) + 1);
    for (int i = 0; i < 4096; ++i) {
        keys.push_back(key_of(random.below(among)));
    }
    std::size_t at = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(store.find(KeyView(keys[at++ & 4095]), now));
    }
}
BENCHMARK(hit)
    ->ArgNames({"keys", "shards"})
    ->ArgsProduct({{1, 100, 100'000}, {1, 8, 64}})
    ->ThreadRange(1, 2)
    ->UseRealTime();

/// The same with as much work between as a request takes in user space.
void hit_and_work(benchmark::State& state) {
    MemoryStore& store = a_store(static_cast<std::size_t>(state.range(1)));
    std::vector<std::string> keys;
    Random random(static_cast<std::uint64_t>(state.thread_index()) + 1);
    for (int i = 0; i < 4096; ++i) {
        keys.push_back(key_of(random.below(static_cast<std::uint64_t>(state.range(0)))));
    }
    std::size_t at = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(store.find(KeyView(keys[at++ & 4095]), now));
        for (int i = 0; i < 500; ++i) {
            benchmark::DoNotOptimize(i);
        }
    }
}
BENCHMARK(hit_and_work)
    ->ArgNames({"keys", "shards"})
    ->ArgsProduct({{1, 100}, {1, 8, 64}})
    ->ThreadRange(1, 2)
    ->UseRealTime();

void write_key(benchmark::State& state) {
    Buffer buffer;
    std::uint64_t number = 0;
    for (auto _ : state) {
        buffer.clear();
        KeyWriter(buffer).add("GET /api/resources").add(number++).add(true).add("id");
        benchmark::DoNotOptimize(KeyView(buffer.view()));
    }
}
BENCHMARK(write_key);

void put(benchmark::State& state) {
    MemoryStore& store = a_store(8);
    std::uint64_t number = 1'000'000;
    for (auto _ : state) {
        store.put(item(key_of(number++)), now);
    }
}
BENCHMARK(put);

}  // namespace

}  // namespace brio::cache
