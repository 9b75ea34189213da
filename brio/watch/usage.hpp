// What a program uses of what it may use: processor, memory, files, loops, connections, queues, disk; and how
// that compares with its goals. Pure: who reads it is app/resource_monitor.hpp.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <brio/ledger/goals.hpp>

namespace brio::watch {

/// Nothing (null in JSON) stands for what could not be read.
struct CpuUse {
    std::optional<double> percent;  // of the allotment, since the last reading
    double cores = 0;               // the allotment: the control group's quota, else the cores it may run on
};
struct MemoryUse {
    std::optional<std::uint64_t> bytes;  // resident
    std::uint64_t limit_bytes = 0;       // the control group's, else the machine's; 0: unknown
};
struct FileUse {
    std::optional<std::uint64_t> open;
    std::uint64_t most = 0;  // 0: no limit
};
struct LoopUse {
    std::string name;
    double lag_ms = 0;  // the longest that work held it up since the last reading
};
/// Of the database's pool.
struct ConnectionUse {
    std::uint64_t in_use = 0;
    std::uint64_t idle = 0;
    std::uint64_t waiting = 0;  // work that wants one
    std::uint64_t most = 0;
    bool is_judged = false;  // SQLite's are the program's own threads
    // Of PostgreSQL: all connections that the process may have, and as many as its setting says. Fewer: the
    // server has no more.
    std::uint64_t bound = 0;
    std::uint64_t configured = 0;
};
/// Of a bound: a queue, a pool, connections.
struct BoundUse {
    std::string name;
    std::uint64_t used = 0;
    std::uint64_t most = 0;
    std::uint64_t refused = 0;  // since the program began
};
struct DiskUse {
    std::uint64_t database_bytes = 0;  // with its log
    std::optional<std::uint64_t> free_bytes;
    std::uint64_t total_bytes = 0;  // of its file system
};
struct Usage {
    double at = 0;  // seconds since 1970
    CpuUse cpu;
    MemoryUse memory;
    FileUse files;
    std::optional<std::uint64_t> threads;
    std::vector<LoopUse> loops;
    std::optional<ConnectionUse> connections;  // a program without a database has none
    std::vector<BoundUse> bounds;
    std::optional<DiskUse> disk;        // of a database in a file
    std::vector<std::string> problems;  // what could not be read, and why; empty: nothing
};

/// One of the goals of what a program uses, at a reading.
struct ResourceUse {
    std::string name;  // "cpu", "memory", "connections"
    double percent = 0;
    double limit = 0;   // percent
    std::string words;  // "83 % of 2 cores"
};
/// Those that are known.
std::vector<ResourceUse> compare(const Usage& usage, const Goals& goals);

}  // namespace brio::watch
