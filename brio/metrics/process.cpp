#include <brio/metrics/process.hpp>

#include <algorithm>
#include <mutex>
#include <optional>

namespace brio::metrics {

double cpu_percent(const ProcessUsage& before, const ProcessUsage& after,
                   std::chrono::nanoseconds between) noexcept {
    const double available = static_cast<double>(between.count()) * after.cores;
    const auto used = static_cast<double>((after.cpu_time - before.cpu_time).count());
    return available <= 0 ? 0 : std::clamp(100 * used / available, 0.0, 100.0);
}

double free_cores(const ProcessorUse& before, const ProcessorUse& after,
                  std::chrono::nanoseconds between) noexcept {
    const auto span = static_cast<double>(between.count());
    if (span <= 0) {
        return 0;
    }
    const auto left = [span](double cores, std::chrono::nanoseconds busy) {
        return std::clamp(cores - static_cast<double>(busy.count()) / span, 0.0, cores);
    };
    const double of_machine = left(after.cores, after.busy - before.busy);
    return after.group_cores > 0
               ? std::min(of_machine, left(after.group_cores, after.group_busy - before.group_busy))
               : of_machine;
}

struct ProcessCollector::State {
    State(Registry& registry, Options given) : options(std::move(given)) {
        cpu =
            registry
                .gauge({.name = "cpu_usage_percent",
                        .help =
                            "Share of the processor time that this process may use, 0 to 100, since the last "
                            "sample."})
                .with({});
        memory = registry.gauge({.name = "memory_usage_bytes", .help = "Resident memory of this process."})
                     .with({});
        limit =
            registry
                .gauge(
                    {.name = "memory_limit_bytes",
                     .help =
                         "Memory that this process may use: its control group's limit, else the machine's."})
                .with({});
        files = registry.gauge({.name = "process_open_fds", .help = "Open file descriptors."}).with({});
        most_files =
            registry.gauge({.name = "process_max_fds", .help = "Descriptors that may be open."}).with({});
        threads = registry.gauge({.name = "process_threads", .help = "Threads."}).with({});
        start = registry
                    .gauge({.name = "process_start_time_seconds",
                            .help = "When the process started, since 1970."})
                    .with({});
        registry
            .gauge({.name = "brio_build_info",
                    .help = "1, with the version of the program.",
                    .labels = {"version"}})
            .with({options.version})
            .set(1);
    }

    /// With the mutex held.
    Sample read(std::chrono::nanoseconds now) const;

    const Options options;
    Gauge cpu;
    Gauge memory;
    Gauge limit;
    Gauge files;
    Gauge most_files;
    Gauge threads;
    Gauge start;
    std::mutex mutex;
    std::optional<Sample> last;        // guarded by mutex
    std::chrono::nanoseconds taken{};  // guarded by mutex
    Callback callback;
};

ProcessCollector::ProcessCollector(Registry& registry, Options options)
    : state_(std::make_unique<State>(registry, std::move(options))) {
    state_->callback = registry.before_scrape([this] { (void)latest(); });
}

ProcessCollector::~ProcessCollector() = default;

ProcessCollector::Sample ProcessCollector::State::read(std::chrono::nanoseconds now) const {
    Sample sample{.usage = read_process_usage(options.files)};
    if (!last) {
        sample.cpu_percent = cpu_percent({}, sample.usage, sample.usage.age);
        return sample;
    }
    // Processor time is counted in hundredths of a second: over less than a few the share would be noise.
    const auto between = now - taken;
    sample.cpu_percent = between < std::chrono::milliseconds(100)
                             ? last->cpu_percent
                             : cpu_percent(last->usage, sample.usage, between);
    return sample;
}

ProcessCollector::Sample ProcessCollector::peek(std::chrono::nanoseconds now) const {
    const std::lock_guard lock(state_->mutex);
    return state_->read(now);
}

ProcessCollector::Sample ProcessCollector::sample(std::chrono::nanoseconds now) {
    const std::lock_guard lock(state_->mutex);
    if (state_->last && now - state_->taken < std::chrono::milliseconds(100)) {
        return *state_->last;
    }
    const Sample sample = state_->read(now);
    state_->last = sample;
    state_->taken = now;
    state_->cpu.set(sample.cpu_percent);
    state_->memory.set(static_cast<double>(sample.usage.memory_bytes));
    state_->limit.set(static_cast<double>(sample.usage.memory_limit_bytes));
    state_->files.set(static_cast<double>(sample.usage.open_files));
    state_->most_files.set(static_cast<double>(sample.usage.most_open_files));
    state_->threads.set(static_cast<double>(sample.usage.threads));
    state_->start.set(sample.usage.start_time_seconds);
    return sample;
}

ProcessCollector::Sample ProcessCollector::latest(std::chrono::nanoseconds now) {
    {
        const std::lock_guard lock(state_->mutex);
        if (state_->last && now - state_->taken < state_->options.period) {
            return *state_->last;
        }
    }
    return sample(now);
}

}  // namespace brio::metrics
