// Readings of /proc and of control groups, version 2 and 1.
#include <brio/metrics/process.hpp>

#include <brio/base/text.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <charconv>
#include <optional>
#include <thread>

namespace brio::metrics {

namespace {

/// A small file whole; empty when it cannot be read.
std::string contents(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return {};
    }
    std::string all;
    char bytes[4096];
    for (ssize_t got = 0; (got = ::read(file, bytes, sizeof bytes)) > 0 && all.size() < (1u << 20);) {
        all.append(bytes, static_cast<std::size_t>(got));
    }
    ::close(file);
    return all;
}

std::string_view next_word(std::string_view& text) {
    const std::size_t begin = std::min(text.find_first_not_of(" \t\n"), text.size());
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(" \t\n"), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
}

template <class Number>
std::optional<Number> number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} ? std::optional(value) : std::nullopt;
}

/// The number after `name` in a file of lines `name value`.
std::uint64_t field(std::string_view file, std::string_view name) {
    while (!file.empty()) {
        const std::size_t end = std::min(file.find('\n'), file.size());
        std::string_view line = file.substr(0, end);
        file.remove_prefix(std::min(end + 1, file.size()));
        if (next_word(line) == name) {
            return number<std::uint64_t>(next_word(line)).value_or(0);
        }
    }
    return 0;
}

/// proc(5), /proc/pid/stat: what follows the name in parentheses, which may itself hold blanks and
/// parentheses.
void read_stat(const ProcessFiles& files, ProcessUsage& usage) {
    const std::string stat = contents(files.root + "/proc/self/stat");
    std::string_view rest = stat;
    const std::size_t name_end = rest.rfind(')');
    if (name_end == std::string_view::npos) {
        return;
    }
    rest.remove_prefix(name_end + 1);
    const auto hertz = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    std::uint64_t start = 0;
    for (int at = 3; at <= 22; ++at) {
        const auto value = number<std::uint64_t>(next_word(rest)).value_or(0);
        if (at == 14 || at == 15) {  // utime, stime
            usage.cpu_time += std::chrono::nanoseconds(value * (1'000'000'000 / hertz));
        } else if (at == 20) {
            usage.threads = value;
        } else if (at == 22) {
            start = value;
        }
    }
    const double since_boot = static_cast<double>(start) / static_cast<double>(hertz);
    usage.start_time_seconds =
        static_cast<double>(field(contents(files.root + "/proc/stat"), "btime")) + since_boot;
    const std::string uptime = contents(files.root + "/proc/uptime");
    std::string_view words = uptime;
    const double age = number<double>(next_word(words)).value_or(since_boot) - since_boot;
    usage.age = std::chrono::nanoseconds(static_cast<std::int64_t>(std::max(age, 0.0) * 1e9));
}

/// Newer kernels say in the directory's size how many are open; elsewhere they are counted.
std::uint64_t count_open_files(const std::string& path) {
    struct stat about{};
    if (::stat(path.c_str(), &about) == 0 && about.st_size > 0 && path.starts_with("/proc/")) {
        return static_cast<std::uint64_t>(about.st_size);
    }
    DIR* directory = ::opendir(path.c_str());
    if (directory == nullptr) {
        return 0;
    }
    std::uint64_t count = 0;
    while (const dirent* entry = ::readdir(directory)) {
        count += entry->d_name[0] != '.' ? 1 : 0;
    }
    ::closedir(directory);
    return path.starts_with("/proc/") ? count - 1 : count;  // without the one that reads
}

/// Where this process stands in a hierarchy: the line of /proc/self/cgroup with an empty controller list
/// (version 2) or with `controller` in it.
std::optional<std::string> group_path(std::string_view groups, std::string_view controller) {
    while (!groups.empty()) {
        const std::size_t end = std::min(groups.find('\n'), groups.size());
        std::string_view line = groups.substr(0, end);
        groups.remove_prefix(std::min(end + 1, groups.size()));
        line.remove_prefix(std::min(line.find(':') + 1, line.size()));
        const std::size_t colon = std::min(line.find(':'), line.size());
        const std::string list = concat({",", line.substr(0, colon), ","});
        if (controller.empty() ? colon == 0
                               : list.find(concat({",", controller, ","})) != std::string::npos) {
            return std::string(line.substr(std::min(colon + 1, line.size())));
        }
    }
    return std::nullopt;
}

/// Calls `read` with the folder of the group and of each of its ancestors: each may limit.
template <class Read>
void each_group(const std::string& mount, std::string path, Read&& read) {
    for (;;) {
        while (path.ends_with('/')) {
            path.pop_back();
        }
        read(mount + path);
        if (path.empty()) {
            return;
        }
        path.resize(path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
    }
}

struct GroupLimits {
    double cores;
    std::uint64_t memory;
};

void read_groups(const ProcessFiles& files, GroupLimits& limits) {
    const std::string groups = contents(files.root + "/proc/self/cgroup");
    const std::string mount = files.root + "/sys/fs/cgroup";
    const auto limit_cores = [&](std::optional<double> quota, std::optional<double> period) {
        if (quota && period && *quota > 0 && *period > 0) {
            limits.cores = std::min(limits.cores, *quota / *period);
        }
    };
    const auto limit_memory = [&](const std::string& file) {
        limits.memory =
            std::min(limits.memory, number<std::uint64_t>(trim(contents(file))).value_or(UINT64_MAX));
    };
    if (const auto path = group_path(groups, "")) {
        each_group(mount, *path, [&](const std::string& folder) {
            const std::string cpu = contents(folder + "/cpu.max");  // `max 100000` or `50000 100000`
            std::string_view words = cpu;
            const auto quota = number<double>(next_word(words));
            limit_cores(quota, number<double>(next_word(words)));
            limit_memory(folder + "/memory.max");
        });
    }
    if (const auto path = group_path(groups, "cpu")) {
        for (const char* controller : {"/cpu", "/cpu,cpuacct"}) {
            each_group(mount + controller, *path, [&](const std::string& folder) {
                limit_cores(number<double>(trim(contents(folder + "/cpu.cfs_quota_us"))),
                            number<double>(trim(contents(folder + "/cpu.cfs_period_us"))));
            });
        }
    }
    if (const auto path = group_path(groups, "memory")) {
        each_group(mount + "/memory", *path,
                   [&](const std::string& folder) { limit_memory(folder + "/memory.limit_in_bytes"); });
    }
}

std::string unreadable_of(const ProcessUsage& usage, bool has_statm) {
    std::string names;
    const auto add = [&names](bool is_there, std::string_view name) {
        names += is_there ? "" : concat({names.empty() ? "" : ", ", name});
    };
    add(usage.threads != 0, "/proc/self/stat");
    add(has_statm, "/proc/self/statm");
    add(usage.open_files != 0, "/proc/self/fd");
    add(usage.memory_limit_bytes != 0, "/proc/meminfo");
    return names;
}

double own_cores() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) == 0) {
        return CPU_COUNT(&set);
    }
    return std::max(1u, std::thread::hardware_concurrency());
}

/// proc(5), /proc/stat: `cpu0 user nice system idle iowait irq softirq steal …`, in hundredths of a second.
void read_cores(const ProcessFiles& files, ProcessorUse& use) {
    cpu_set_t set;
    CPU_ZERO(&set);
    const bool knows_set = ::sched_getaffinity(0, sizeof set, &set) == 0;
    const std::string stat = contents(files.root + "/proc/stat");
    const auto hertz = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    for (std::string_view rest = stat; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const auto name = next_word(line);
        const auto core = name.starts_with("cpu") ? number<std::size_t>(name.substr(3)) : std::nullopt;
        if (!core || (knows_set && (*core >= CPU_SETSIZE || !CPU_ISSET(*core, &set)))) {
            continue;
        }
        use.cores += 1;
        for (int at = 0; at < 8; ++at) {
            const auto ticks = number<std::uint64_t>(next_word(line)).value_or(0);
            if (at != 3 && at != 4) {  // idle, iowait
                use.busy += std::chrono::nanoseconds(ticks * (1'000'000'000 / hertz));
            }
        }
    }
}

/// Of the group, or that one of its ancestors, that may use the fewest cores.
void read_group_use(const ProcessFiles& files, ProcessorUse& use) {
    const std::string groups = contents(files.root + "/proc/self/cgroup");
    const std::string mount = files.root + "/sys/fs/cgroup";
    const auto take = [&use](std::optional<double> quota, std::optional<double> period, auto busy) {
        if (quota && period && *quota > 0 && *period > 0 &&
            (use.group_cores == 0 || *quota / *period < use.group_cores)) {
            use.group_cores = *quota / *period;
            use.group_busy = busy();
        }
    };
    if (const auto path = group_path(groups, "")) {
        each_group(mount, *path, [&](const std::string& folder) {
            const std::string cpu = contents(folder + "/cpu.max");
            std::string_view words = cpu;
            const auto quota = number<double>(next_word(words));
            take(quota, number<double>(next_word(words)), [&] {
                return std::chrono::microseconds(field(contents(folder + "/cpu.stat"), "usage_usec"));
            });
        });
    }
    if (const auto path = group_path(groups, "cpu")) {
        for (const char* controller : {"/cpu", "/cpu,cpuacct"}) {
            each_group(mount + controller, *path, [&](const std::string& folder) {
                take(number<double>(trim(contents(folder + "/cpu.cfs_quota_us"))),
                     number<double>(trim(contents(folder + "/cpu.cfs_period_us"))), [&] {
                         return std::chrono::nanoseconds(
                             number<std::int64_t>(trim(contents(folder + "/cpuacct.usage"))).value_or(0));
                     });
            });
        }
    }
}

}  // namespace

ProcessorUse read_processor_use(const ProcessFiles& files) {
    ProcessorUse use;
    read_cores(files, use);
    read_group_use(files, use);
    return use;
}

ProcessUsage read_process_usage(const ProcessFiles& files) {
    ProcessUsage usage;
    read_stat(files, usage);
    const std::string statm = contents(files.root + "/proc/self/statm");
    std::string_view words = statm;
    next_word(words);
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    usage.memory_bytes = number<std::uint64_t>(next_word(words)).value_or(0) * page;
    usage.open_files = count_open_files(files.root + "/proc/self/fd");
    rlimit most{};
    if (::getrlimit(RLIMIT_NOFILE, &most) == 0 && most.rlim_cur != RLIM_INFINITY) {
        usage.most_open_files = most.rlim_cur;
    }
    GroupLimits limits{.cores = own_cores(), .memory = UINT64_MAX};
    const std::uint64_t machine = field(contents(files.root + "/proc/meminfo"), "MemTotal:") * 1024;
    if (machine != 0) {
        limits.memory = machine;
    }
    read_groups(files, limits);
    usage.cores = limits.cores;
    usage.memory_limit_bytes = limits.memory == UINT64_MAX ? 0 : limits.memory;
    usage.unreadable = unreadable_of(usage, !statm.empty());
    return usage;
}

}  // namespace brio::metrics
