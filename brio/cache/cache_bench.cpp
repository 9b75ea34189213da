// What a hit of the query cache costs, coroutine and copy included.
#include <benchmark/benchmark.h>

#include <brio/cache/cache.hpp>
#include <brio/db/test_model.hpp>

namespace brio::cache {

namespace {

using namespace std::chrono_literals;
using namespace db::test;

/// `call()` gives an Async that ends at once.
template <class Call>
void repeat(benchmark::State& state, runtime::Loop& loop, Call call) {
    runtime::Work work;
    work.loop = &loop;
    for (auto _ : state) {
        auto one = call();
        one.start(work, [](void*) {}, nullptr);
        benchmark::DoNotOptimize(one.result());
    }
}

void hit_of_find(benchmark::State& state) {
    Fixture fixture;
    Caches caches;
    const Cache cache(caches);
    const auto user = a_user(fixture);
    fixture.run(cache.find(fixture.db(), users, user.id, 1h));
    repeat(state, fixture.loop, [&] { return cache.find(fixture.db(), users, user.id, 1h); });
}
BENCHMARK(hit_of_find);

void find_without_cache(benchmark::State& state) {
    Fixture fixture;
    const auto user = a_user(fixture);
    for (auto _ : state) {
        benchmark::DoNotOptimize(fixture.run(fixture.db().find(users, user.id)));
    }
}
BENCHMARK(find_without_cache);

void hit_of_a_value(benchmark::State& state) {
    runtime::Loop loop;
    Caches caches;
    const Cache cache(caches);
    const auto load = []() -> Async<int> { co_return 1; };
    repeat(state, loop, [&] { return cache.get_or_set(Key::of("value", 1), 1h, load); });
}
BENCHMARK(hit_of_a_value);

}  // namespace

}  // namespace brio::cache
