#include <bench/generator/cpu_clock.hpp>

#include <algorithm>
#include <brio/load/server_cpu.hpp>
#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <unordered_map>

namespace bench {
namespace {

std::optional<pid_t> number_of(const std::filesystem::path& entry) {
    const std::string name = entry.filename().string();
    pid_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    return error == std::errc() && *end == '\0' ? std::optional(number) : std::nullopt;
}

pid_t parent_of(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string text;
    std::getline(file, text, '\0');  // empty when the process is gone
    const std::size_t after_name = text.rfind(')');
    if (after_name == std::string::npos) {
        return 0;
    }
    std::istringstream fields(text.substr(after_name + 1));
    std::string state;
    pid_t parent = 0;
    fields >> state >> parent;
    return parent;
}

std::uint64_t clock_ns(clockid_t clock) noexcept {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
}

}  // namespace

std::vector<pid_t> process_tree(std::span<const pid_t> roots) {
    std::vector<pid_t> tree(roots.begin(), roots.end());
    if (tree.empty()) {
        return tree;
    }
    std::unordered_map<pid_t, std::vector<pid_t>> children;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        if (const auto process = number_of(entry.path())) {
            children[parent_of(*process)].push_back(*process);
        }
    }
    for (std::size_t i = 0; i < tree.size(); ++i) {
        const auto& below = children[tree[i]];
        tree.insert(tree.end(), below.begin(), below.end());
    }
    return tree;
}

std::uint64_t cpu_ns_of(std::span<const pid_t> processes) {
    std::chrono::nanoseconds used{0};
    for (const pid_t& each : processes) {
        used += brio::load::cpu_time_of({&each, 1}).value_or(std::chrono::nanoseconds(0));
    }
    return static_cast<std::uint64_t>(used.count());
}

std::uint64_t own_cpu_ns() { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }

std::uint64_t now_ns() noexcept { return clock_ns(CLOCK_MONOTONIC); }

std::uint64_t busy_ns_of_core(int core) {
    std::ifstream file("/proc/stat");
    const std::string wanted = "cpu" + std::to_string(core);
    for (std::string line; std::getline(file, line);) {
        std::istringstream fields(line);
        std::string name;
        std::uint64_t user = 0, nice = 0, system = 0, idle = 0, waiting = 0, interrupts = 0, soft = 0,
                      stolen = 0;
        fields >> name >> user >> nice >> system >> idle >> waiting >> interrupts >> soft >> stolen;
        if (name == wanted) {
            return (user + nice + system + interrupts + soft + stolen) * 10'000'000;
        }
    }
    return 0;
}

CoreUseMeter::CoreUseMeter(Accounted accounted)
    : accounted_(std::move(accounted)),
      began_(now_ns()),
      server_before_(cpu_ns_of(accounted_.server)),
      database_before_(cpu_ns_of(accounted_.database)),
      own_before_(own_cpu_ns()),
      server_core_before_(busy_ns_of_core(accounted_.server_core)),
      generator_core_before_(busy_ns_of_core(accounted_.generator_core)) {}

double CoreUseMeter::other(int core, std::uint64_t before, std::uint64_t known, double elapsed) const {
    if (core < 0) {
        return 0;
    }
    const auto busy = static_cast<double>(busy_ns_of_core(core) - before);
    return std::max(0.0, (busy - static_cast<double>(known)) / elapsed);
}

CoreUse CoreUseMeter::use() const {
    const auto elapsed = static_cast<double>(now_ns() - began_);
    const std::uint64_t server = server_cpu_ns();
    const std::uint64_t own = generator_cpu_ns();
    const std::uint64_t database = database_cpu_ns();
    return {.server = static_cast<double>(server) / elapsed,
            .generator = static_cast<double>(own) / elapsed,
            .database = static_cast<double>(database) / elapsed,
            .other_on_server_core = other(accounted_.server_core, server_core_before_, server, elapsed),
            .other_on_generator_core =
                other(accounted_.generator_core, generator_core_before_, own + database, elapsed)};
}

const char* limit_of(const CoreUse& use) noexcept {
    const bool server = use.server >= full_core;
    const bool generator = use.generator + use.database >= full_core;
    return server && generator ? "both" : server ? "server" : generator ? "generator" : "neither";
}

}  // namespace bench
