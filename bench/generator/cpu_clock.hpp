// CPU time of processes and of cores, as Linux accounts it: who used the cores while a load ran.
#pragma once
#include <sys/types.h>
#include <cstdint>
#include <span>
#include <vector>

namespace bench {

/// `roots` and every process descended from them now.
std::vector<pid_t> process_tree(std::span<const pid_t> roots);

/// Nanoseconds of CPU that `processes` have used, threads that have ended included; a process that is gone
/// counts nothing.
std::uint64_t cpu_ns_of(std::span<const pid_t> processes);

/// Nanoseconds of CPU that the calling process has used.
std::uint64_t own_cpu_ns();

/// Nanoseconds that `core` was not idle since the machine started (/proc/stat, in steps of 10 ms).
std::uint64_t busy_ns_of_core(int core);

/// Nanoseconds of the monotonic clock.
std::uint64_t now_ns() noexcept;

/// Shares of one core, over one interval.
struct CoreUse {
    double server = 0;     // the server's processes on its core
    double generator = 0;  // this process on its core
    double database = 0;   // a database server's processes, taken to run on the generator's core
    double other_on_server_core = 0;
    double other_on_generator_core = 0;
};

/// Whose CPU is accounted, and where they run.
struct Accounted {
    std::vector<pid_t> server;
    std::vector<pid_t> database;
    int server_core = -1;
    int generator_core = -1;
};

/// Takes the shares between its making and use(). The server is taken to run on `server_core` only.
class CoreUseMeter {
public:
    explicit CoreUseMeter(Accounted accounted);
    CoreUse use() const;
    std::uint64_t server_cpu_ns() const { return cpu_ns_of(accounted_.server) - server_before_; }
    std::uint64_t database_cpu_ns() const { return cpu_ns_of(accounted_.database) - database_before_; }
    std::uint64_t generator_cpu_ns() const { return own_cpu_ns() - own_before_; }

private:
    double other(int core, std::uint64_t before, std::uint64_t known, double elapsed) const;

    Accounted accounted_;
    std::uint64_t began_;
    std::uint64_t server_before_;
    std::uint64_t database_before_;
    std::uint64_t own_before_;
    std::uint64_t server_core_before_;
    std::uint64_t generator_core_before_;
};

/// From this share on a core counts as full.
inline constexpr double full_core = 0.97;

/// "server", "generator", "both" or "neither": whose core was full.
const char* limit_of(const CoreUse& use) noexcept;

}  // namespace bench
