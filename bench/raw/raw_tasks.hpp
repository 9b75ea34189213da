// Background tasks without a framework, in batches of 32: the raw limits of `bench/run tasks`. Each keeps
// what Brio keeps of a task, blocks while it waits for its server, and does with a task what Brio's no-op
// does.
#pragma once
#include <cstdint>
#include <string>

namespace bench {

inline constexpr int task_batch = 32;

struct TaskLoad {
    std::int64_t count;
    int connections = 8;
};

/// Takes what Brio pushed to `main-queue` with Brio's own scripts, and settles it. For ever; says "ready".
[[noreturn]] void work_on_redis(const std::string& url);

/// Pushes, claims and settles `load.count` tasks, each batch in three durable transactions.
void work_on_sqlite(const std::string& path, const TaskLoad& load);
/// The same by as many threads as there are connections.
void work_on_postgres(const std::string& url, const TaskLoad& load);

}  // namespace bench
