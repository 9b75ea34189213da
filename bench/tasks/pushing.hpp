// Clients that push no-op tasks, each the next batch once its last is acknowledged.
#pragma once
#include <bench/tasks/noop.hpp>
#include <brio/runtime/run.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/tasks/queue.hpp>
#include <cstdint>
#include <utility>
#include <vector>

namespace bench {

struct PushLoad {
    std::int64_t count = 50'000;
    std::int64_t batch = 1;  // tasks of one push
    std::int64_t clients = 64;
};

inline brio::Async<void> push_batches(brio::Queue queue, std::int64_t* next, PushLoad load) {
    while (*next < load.count) {
        std::vector<Noop> batch;
        for (; *next < load.count && std::ssize(batch) < load.batch; ++*next) {
            batch.push_back({*next});
        }
        if (batch.size() == 1) {
            co_await queue.push(batch.front());
        } else {
            co_await queue.push_all(std::move(batch));
        }
    }
}

/// Returns once all are acknowledged.
inline void push_on(brio::runtime::Loop& loop, brio::tasks::Tasks& tasks, const PushLoad& load) {
    std::int64_t next = 0;
    brio::runtime::Scope clients(loop);
    for (std::int64_t i = 0; i < load.clients; ++i) {
        clients.start(push_batches(brio::Queue(tasks), &next, load));
    }
    brio::runtime::run(loop, clients.join());
}

}  // namespace bench
