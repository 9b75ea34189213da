// What the database broker does in a second: tasks pushed, claimed and settled with their results kept, in
// batches of 32 by as many coroutines; and how long a task that is pushed while its worker waits takes to be
// claimed. PostgreSQL where BRIO_BENCH_POSTGRES names a database, which is left with empty tables of tasks.
#include <algorithm>
#include <cstdlib>
#include <thread>

#include <benchmark/benchmark.h>

#include <brio/db/test_model.hpp>
#include <brio/runtime/run.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/tasks/database_broker.hpp>

namespace brio::tasks {
namespace {

constexpr std::size_t batch = 32;
constexpr int coroutines = 16;

struct Place {
    explicit Place(bool postgresql) {
        const char* url = std::getenv("BRIO_BENCH_POSTGRES");
        database.emplace(
            db::DatabaseOptions{.url = postgresql ? std::string(url == nullptr ? "" : url) : folder.url()});
        broker.emplace(*database);
    }
    db::test::Folder folder;
    runtime::Loop loop;
    std::optional<db::Database> database;
    std::optional<DatabaseBroker> broker;
};

Message message(std::uint64_t number) {
    return {.id = "0190c2a4-0000-7000-8000-" + std::to_string(100'000'000'000 + number),
            .name = "app.worker.process",
            .queue = "q",
            .kwargs = R"({"resource_id":1234567})",
            .root_id = "0190c2a4-0000-7000-8000-000000000000",
            .trace = {.parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}};
}

Async<void> push_batch(DatabaseBroker* broker, std::uint64_t from) {
    std::vector<Message> messages;
    for (std::size_t i = 0; i < batch; ++i) {
        messages.push_back(message(from + i));
    }
    co_await broker->push(std::move(messages));
}

Async<void> work(DatabaseBroker* broker, std::uint64_t* done) {
    const std::vector<std::string> queues{"q"};
    for (;;) {
        const auto claims = co_await broker->claim({.worker = "w", .queues = queues, .most = batch});
        if (claims.empty()) {
            co_return;
        }
        std::vector<Settlement> settlements;
        for (const Claim& each : claims) {
            settlements.push_back({.held = {each.message.id, each.fence}, .result = "null"});
        }
        co_await broker->settle("w", std::move(settlements));
        *done += claims.size();
    }
}

void enqueue_and_execute(benchmark::State& state, bool postgresql) {
    if (postgresql && std::getenv("BRIO_BENCH_POSTGRES") == nullptr) {
        state.SkipWithError("BRIO_BENCH_POSTGRES names no database");
        return;
    }
    Place place(postgresql);
    DatabaseBroker& broker = *place.broker;
    runtime::run(place.loop, broker.beat({.id = "w"}));
    auto number = static_cast<std::uint64_t>(monotonic_now().count() % 1'000'000) * 10'000;
    std::uint64_t done = 0;
    for (auto _ : state) {
        runtime::Scope scope(place.loop);
        for (int i = 0; i < coroutines; ++i, number += batch) {
            scope.start(push_batch(&broker, number));
        }
        runtime::run(place.loop, scope.join());
        runtime::Scope workers(place.loop);
        for (int i = 0; i < coroutines; ++i) {
            workers.start(work(&broker, &done));
        }
        runtime::run(place.loop, workers.join());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(done));
}
BENCHMARK_CAPTURE(enqueue_and_execute, sqlite, false)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(enqueue_and_execute, postgresql, true)->UseRealTime()->Unit(benchmark::kMillisecond);

/// From the push of another process' broker to the claim, while the worker waits.
void idle_latency(benchmark::State& state, bool postgresql) {
    if (postgresql && std::getenv("BRIO_BENCH_POSTGRES") == nullptr) {
        state.SkipWithError("BRIO_BENCH_POSTGRES names no database");
        return;
    }
    Place place(postgresql);
    db::Database other{{.url = place.database->options().url}};
    DatabaseBroker pushing(other);
    DatabaseBroker& broker = *place.broker;
    runtime::run(place.loop, broker.beat({.id = "w"}));
    auto number = static_cast<std::uint64_t>(monotonic_now().count() % 1'000'000) * 10'000;
    std::atomic<std::int64_t> pushed_at{0};
    std::atomic<std::int64_t> push_ns{0};
    std::atomic<bool> ending{false};
    std::thread pusher([&] {
        runtime::Loop loop;
        while (!ending) {
            if (pushed_at == 0) {
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
                pushed_at = monotonic_now().count();
                std::vector<Message> single;
                single.push_back(message(++number));
                runtime::run(loop, pushing.push(std::move(single)));
                push_ns = monotonic_now().count() - pushed_at;
            }
            std::this_thread::sleep_for(std::chrono::microseconds(100));
        }
    });
    const std::vector<std::string> queues{"q"};
    std::vector<double> times;
    std::vector<double> pushes;
    for (auto _ : state) {
        for (;;) {
            const auto claims =
                runtime::run(place.loop, broker.claim({.worker = "w", .queues = queues, .most = 1}));
            if (!claims.empty()) {
                times.push_back(static_cast<double>(monotonic_now().count() - pushed_at));
                std::vector<Settlement> done;
                done.push_back({.held = {claims.front().message.id, claims.front().fence}});
                runtime::run(place.loop, broker.settle("w", std::move(done)));
                while (push_ns == 0) {
                    std::this_thread::yield();
                }
                pushes.push_back(static_cast<double>(push_ns.exchange(0)));
                pushed_at = 0;
                break;
            }
            runtime::run(place.loop, broker.wait(queues, std::chrono::seconds(1)));
        }
    }
    ending = true;
    pusher.join();
    std::ranges::sort(times);
    std::ranges::sort(pushes);
    state.counters["p50_us"] = times[times.size() / 2] / 1000;
    state.counters["p99_us"] = times[times.size() * 99 / 100] / 1000;
    state.counters["most_us"] = times.back() / 1000;
    state.counters["push_most_us"] = pushes.back() / 1000;
    state.counters["push_p50_us"] = pushes[pushes.size() / 2] / 1000;
    state.counters["push_p99_us"] = pushes[pushes.size() * 99 / 100] / 1000;
}
BENCHMARK_CAPTURE(idle_latency, sqlite, false)->Iterations(300)->UseRealTime();
BENCHMARK_CAPTURE(idle_latency, postgresql, true)->Iterations(300)->UseRealTime();

}  // namespace
}  // namespace brio::tasks
