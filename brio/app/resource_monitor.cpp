#include <brio/app/resource_monitor.hpp>

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>
#include <brio/base/text.hpp>
#include <brio/db/database.hpp>

namespace brio::app {

namespace {

constexpr std::chrono::minutes trouble_lasts{5};

std::string seconds_text(std::chrono::nanoseconds time) {
    return concat({integer_text(std::chrono::duration_cast<std::chrono::seconds>(time).count()), " s"});
}

std::uint64_t bytes_of(const std::string& path) noexcept {
    struct stat about{};
    return ::stat(path.c_str(), &about) == 0 ? static_cast<std::uint64_t>(about.st_size) : 0;
}

/// What a problem is of, as a label of few values: what stands before its colon.
std::string_view subject_of(std::string_view problem) { return problem.substr(0, problem.find(':')); }

}  // namespace

ResourceMonitor::ResourceMonitor(const Parts& parts)
    : parts_(parts),
      lags_(parts.registry.gauge({.name = "loop_lag_seconds",
                                  .help = "The longest that work held up an event loop within the last "
                                          "reading of 5 s.",
                                  .labels = {"loop"}})),
      free_(parts.registry.gauge({.name = "db_disk_free_bytes",
                                  .help = "Free space of the file system that the database is in.",
                                  .labels = {}})),
      readings_(parts.registry
                    .counter({.name = "resource_readings_total",
                              .help = "Readings of what the process uses, one every 5 s.",
                              .labels = {}})
                    .with({})),
      failures_(parts.registry.counter({.name = "resource_reading_failures_total",
                                        .help = "Readings that lacked something, by what could not be read.",
                                        .labels = {"what"},
                                        .most_series = 10})),
      read_at_(parts.registry
                   .gauge({.name = "resource_reading_timestamp_seconds",
                           .help = "When the last reading was taken, since 1970.",
                           .labels = {}})
                   .with({})) {
    if (parts.database != nullptr && !db::is_postgresql(parts.database->options().url)) {
        database_file_ = db::sqlite_path(parts.database->options().url);
    }
}

void ResourceMonitor::observe(runtime::Loop& loop, std::string_view name) {
    loops_.push_back({.loop = &loop, .name = std::string(name), .lag = lags_.with({name})});
}

watch::Usage ResourceMonitor::read() {
    auto usage = usage_of(parts_.process.sample());
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        auto const lag = loops_[i].loop->take_worst_turn();
        loops_[i].lag.set(std::chrono::duration<double>(lag).count());
        usage.loops[i].lag_ms = std::chrono::duration<double, std::milli>(lag).count();
    }
    if (usage.disk && usage.disk->free_bytes) {
        free_.with({}).set(static_cast<double>(*usage.disk->free_bytes));
    }
    note(usage.problems);
    readings_.add(parts_.registry.here());
    read_at_.set(usage.at);
    return usage;
}

watch::Usage ResourceMonitor::now() const { return usage_of(parts_.process.peek()); }

watch::Usage ResourceMonitor::usage_of(const metrics::ProcessCollector::Sample& sample) const {
    watch::Usage usage{.at = std::chrono::duration<double>(wall_now().time_since_epoch()).count()};
    auto const& its = sample.usage;
    usage.cpu.cores = its.cores;
    if (its.threads != 0) {  // of the same file as the processor time
        usage.cpu.percent = sample.cpu_percent;
        usage.threads = its.threads;
    }
    if (its.memory_bytes != 0) {
        usage.memory.bytes = its.memory_bytes;
    }
    usage.memory.limit_bytes = its.memory_limit_bytes;
    if (its.open_files != 0) {
        usage.files.open = its.open_files;
    }
    usage.files.most = its.most_open_files;
    if (!its.unreadable.empty()) {
        usage.problems.push_back(concat({"process: ", its.unreadable, " cannot be read"}));
    }
    for (auto const& each : loops_) {
        usage.loops.push_back(
            {.name = each.name,
             .lag_ms = std::chrono::duration<double, std::milli>(each.loop->worst_turn()).count()});
    }
    parts_.limits.each([&](const runtime::Limit& limit) {
        usage.bounds.push_back(
            {.name = limit.name(), .used = limit.used(), .most = limit.most(), .refused = limit.refused()});
    });
    if (parts_.database != nullptr) {
        add_database(usage);
    }
    return usage;
}

void ResourceMonitor::add_database(watch::Usage& usage) const {
    auto const its = parts_.database->engine().occupancy();
    usage.connections = watch::ConnectionUse{.in_use = its.in_use,
                                             .idle = its.idle,
                                             .waiting = its.waiting,
                                             .most = its.most,
                                             .is_judged = database_file_.empty()};
    if (database_file_.empty()) {
        parts_.limits.each([&usage](const runtime::Limit& limit) {
            if (limit.name() == "db_connections") {  // without the one that keeps house
                usage.connections->bound = limit.most() + 1;
            }
        });
        usage.connections->configured = parts_.database->options().connections;
    }
    auto const trouble = parts_.database->engine().pool_trouble();
    if (!trouble.away.empty()) {
        usage.problems.push_back(concat({"database: ", trouble.away}));
    }
    if (database_file_.empty()) {
        return;
    }
    watch::DiskUse disk{.database_bytes = bytes_of(database_file_) + bytes_of(database_file_ + "-wal")};
    auto const path = std::filesystem::path(database_file_).parent_path();
    auto const folder = path.empty() ? std::string(".") : path.native();
    struct statvfs about{};
    if (::statvfs(folder.c_str(), &about) == 0) {
        disk.free_bytes = std::uint64_t{about.f_bavail} * about.f_frsize;
        disk.total_bytes = std::uint64_t{about.f_blocks} * about.f_frsize;
    } else {
        usage.problems.push_back(concat({"disk: ", folder, ": ", ::strerror(errno)}));
    }
    usage.disk = disk;
}

void ResourceMonitor::note(const std::vector<std::string>& problems) {
    for (auto const& problem : problems) {
        failures_.with({subject_of(problem)}).add(parts_.registry.here());
        if (!said_.contains(problem)) {
            log_warning("what the process uses cannot be read whole", {{"what", problem}});
        }
    }
    if (problems.empty() && !said_.empty()) {
        log_info("what the process uses is read whole again", {});
    }
    said_ = {problems.begin(), problems.end()};
}

std::string ResourceMonitor::pool_words() const {
    if (parts_.database == nullptr) {
        return {};
    }
    auto const trouble = parts_.database->engine().pool_trouble();
    auto const ago = monotonic_now() - trouble.at;
    if (trouble.words.empty() || ago > trouble_lasts) {
        return {};
    }
    return concat({seconds_text(ago), " ago ", trouble.words});
}

}  // namespace brio::app
