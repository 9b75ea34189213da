#include <brio/app/worker_board.hpp>

namespace brio::app {

namespace {
constexpr auto relaxed = std::memory_order_relaxed;
}

void WorkerBoard::Cell::tell(const WorkerReport& report) noexcept {
    pid.store(report.pid, relaxed);
    wait_ns.store(report.wait.count(), relaxed);
    ready.store(report.ready, relaxed);
    taken.store(report.taken, relaxed);
    kept.store(report.kept, relaxed);
    slots.store(report.slots, relaxed);
    most.store(report.most, relaxed);
    cores_used.store(report.cores_used, relaxed);
    cores.store(report.cores, relaxed);
    free_cores.store(report.free_cores, relaxed);
    at_ns.store(report.at.count(), std::memory_order_release);
}

WorkerReport WorkerBoard::Cell::read() const noexcept {
    const auto at = at_ns.load(std::memory_order_acquire);
    return {.pid = pid.load(relaxed),
            .at = std::chrono::nanoseconds(at),
            .wait = std::chrono::nanoseconds(wait_ns.load(relaxed)),
            .ready = ready.load(relaxed),
            .taken = taken.load(relaxed),
            .kept = kept.load(relaxed),
            .slots = slots.load(relaxed),
            .most = most.load(relaxed),
            .cores_used = cores_used.load(relaxed),
            .cores = cores.load(relaxed),
            .free_cores = free_cores.load(relaxed)};
}

std::vector<metrics::Callback> worker_gauges(metrics::Registry& registry, const WorkerBoard& board) {
    std::vector<metrics::Callback> gauges;
    const auto number = [&](const char* is, const std::atomic<std::uint64_t>& value) {
        gauges.push_back(registry.gauge_of(
            {.name = "worker_processes",
             .help = "Worker processes beside this server process: wanted now, the least and the most.",
             .labels = {"is"},
             .most_series = 3},
            {is}, [&value] { return static_cast<double>(value.load(relaxed)); }));
    };
    number("wanted", board.wanted);
    number("least", board.least);
    number("most", board.most);
    const auto changes = [&](const char* to, const std::atomic<std::uint64_t>& value) {
        gauges.push_back(
            registry.counter_of({.name = "worker_processes_changes_total",
                                 .help = "How often more worker processes were wanted, or fewer.",
                                 .labels = {"to"},
                                 .most_series = 2},
                                {to}, [&value] { return static_cast<double>(value.load(relaxed)); }));
    };
    changes("more", board.grown);
    changes("fewer", board.shrunk);
    return gauges;
}

}  // namespace brio::app
