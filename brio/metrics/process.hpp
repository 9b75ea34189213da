// Metrics of the process: processor share, memory, descriptors, threads, start time, version.
//
// Shares are of what the process may use: cpu_usage_percent is 100 when it uses its whole allotment (the
// quota of its control group, else the cores it may run on), memory_limit_bytes is the control group's limit,
// else the machine's memory.
#pragma once
#include <brio/base/clock.hpp>
#include <brio/metrics/registry.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace brio::metrics {

/// Where the kernel's files are; tests give another root.
struct ProcessFiles {
    std::string root = "";  // in front of /proc and /sys
};

struct ProcessUsage {
    std::chrono::nanoseconds cpu_time{0};
    std::uint64_t memory_bytes = 0;
    std::uint64_t memory_limit_bytes = 0;
    double cores = 1;  // the allotment
    std::uint64_t open_files = 0;
    std::uint64_t most_open_files = 0;  // its limit; 0: none
    std::uint64_t threads = 0;
    double start_time_seconds = 0;    // since 1970
    std::chrono::nanoseconds age{0};  // since the start
    std::string unreadable;           // files that could not be read, "/proc/self/stat, …"; empty: none
};
/// A file that cannot be read leaves its figure zero (cores: the hardware's). Cost: some 60 µs of system
/// calls.
ProcessUsage read_process_usage(const ProcessFiles& files = {});

/// Of the cores that this process may run on, and of its control group, whoever uses them.
struct ProcessorUse {
    std::chrono::nanoseconds busy{0};        // of these cores, since the machine began
    double cores = 0;                        // how many; 0: they could not be read
    std::chrono::nanoseconds group_busy{0};  // of the group with the smallest quota
    double group_cores = 0;                  // its quota; 0: there is none
};
/// Cost: as of read_process_usage().
ProcessorUse read_processor_use(const ProcessFiles& files = {});
/// Cores that nobody used between two readings, of those that this process could have had.
double free_cores(const ProcessorUse& before, const ProcessorUse& after,
                  std::chrono::nanoseconds between) noexcept;

/// Percent of the allotment used between two readings, 0 to 100.
double cpu_percent(const ProcessUsage& before, const ProcessUsage& after,
                   std::chrono::nanoseconds between) noexcept;

/// Keeps the process' gauges of a registry. A scrape samples when the last sample is 5 s old; sample() does
/// at once. Thread-safe.
class ProcessCollector {
public:
    struct Options {
        std::string version;
        std::chrono::nanoseconds period = std::chrono::seconds(5);
        ProcessFiles files;
    };
    ProcessCollector(Registry& registry, Options options);
    ~ProcessCollector();
    ProcessCollector(const ProcessCollector&) = delete;
    ProcessCollector& operator=(const ProcessCollector&) = delete;

    struct Sample {
        double cpu_percent = 0;
        ProcessUsage usage;
    };
    /// Reads now and sets the gauges; the share of the processor is over the time since the sample before,
    /// the first since the process started. Within 0.1 s of a sample it is that one.
    Sample sample(std::chrono::nanoseconds now = monotonic_now());
    /// Reads now and leaves gauges and sample alone; the share of the processor is over the time since that
    /// sample.
    Sample peek(std::chrono::nanoseconds now = monotonic_now()) const;
    /// The latest sample, at most a period old.
    Sample latest(std::chrono::nanoseconds now = monotonic_now());

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace brio::metrics
