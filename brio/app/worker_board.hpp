// Where the worker processes of `serve` say what they do, and the supervisor says how many of them it wants:
// memory that all share, made before any of them is forked.
//
// Each cell has one writer, the process in that place. Its figures are read one by one, so that some may be a
// report newer than others, which harms no decision.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <brio/app/worker_scale.hpp>
#include <brio/metrics/registry.hpp>

namespace brio::app {

struct WorkerBoard {
    static constexpr std::size_t most_workers = 64;

    struct Cell {
        std::atomic<std::int64_t> at_ns;  // 0: nobody has said anything
        std::atomic<int> pid;
        std::atomic<std::int64_t> wait_ns;
        std::atomic<std::uint64_t> ready, taken, kept, slots, most;
        std::atomic<double> cores_used, cores, free_cores;

        void tell(const WorkerReport& report) noexcept;
        WorkerReport read() const noexcept;
    };
    std::array<Cell, most_workers> cells;  // by place

    // Of the supervisor.
    std::atomic<std::uint64_t> wanted, least, most;
    std::atomic<std::uint64_t> grown, shrunk;  // how often
};

/// worker_processes{is} (wanted, least, most) and worker_processes_changes_total{to} (more, fewer), of
/// `serve` as its supervisor says it. `board` outlives them.
std::vector<metrics::Callback> worker_gauges(metrics::Registry& registry, const WorkerBoard& board);

}  // namespace brio::app
