#include <brio/load/server_cpu.hpp>

#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include <brio/runtime/file.hpp>

namespace brio::load {
namespace {

namespace fs = std::filesystem;

// Inodes of listening sockets, from the tables that proc(5) describes: the local address is the second
// column, "0A" in the fourth is LISTEN, the tenth is the inode.
void add_listening(const char* table, std::uint16_t port, std::set<std::string>& inodes) {
    std::ifstream file(table);
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
        std::istringstream columns(line);
        std::vector<std::string> column(10);
        for (auto& each : column) {
            columns >> each;
        }
        auto const colon = column[1].rfind(':');
        unsigned found = 0;
        if (colon != std::string::npos && column[3] == "0A" &&
            std::from_chars(column[1].data() + colon + 1, column[1].data() + column[1].size(), found, 16)
                    .ec == std::errc() &&
            found == port) {
            inodes.insert("socket:[" + column[9] + "]");
        }
    }
}

std::optional<pid_t> number_of(const fs::path& entry) {
    auto const name = entry.filename().string();
    pid_t number = 0;
    auto const read = std::from_chars(name.data(), name.data() + name.size(), number);
    return read.ec == std::errc() && *read.ptr == '\0' ? std::optional(number) : std::nullopt;
}

bool has_one_of(pid_t process, const std::set<std::string>& inodes) {
    std::error_code failed;
    for (fs::directory_iterator entry("/proc/" + std::to_string(process) + "/fd", failed), end;
         !failed && entry != end; entry.increment(failed)) {
        std::error_code gone;
        if (inodes.contains(fs::read_symlink(entry->path(), gone).string())) {
            return true;
        }
    }
    return false;
}

}  // namespace

// A socket can be bound to those only (ip(7)).
bool is_of_this_machine(const runtime::Endpoint& endpoint) {
    auto any_port = endpoint;
    if (endpoint.storage.ss_family == AF_INET6) {
        reinterpret_cast<sockaddr_in6*>(&any_port.storage)->sin6_port = 0;
    } else {
        reinterpret_cast<sockaddr_in*>(&any_port.storage)->sin_port = 0;
    }
    runtime::File const socket(::socket(endpoint.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return ::bind(socket.fd(), reinterpret_cast<const sockaddr*>(&any_port.storage), any_port.size) == 0;
}

std::vector<pid_t> processes_listening_on(std::uint16_t port) {
    std::set<std::string> inodes;
    add_listening("/proc/net/tcp", port, inodes);
    add_listening("/proc/net/tcp6", port, inodes);
    std::vector<pid_t> found;
    std::error_code failed;
    for (fs::directory_iterator entry("/proc", failed), end; !failed && !inodes.empty() && entry != end;
         entry.increment(failed)) {
        if (auto const process = number_of(entry->path()); process && has_one_of(*process, inodes)) {
            found.push_back(*process);
        }
    }
    return found;
}

std::optional<std::chrono::nanoseconds> cpu_time_of(std::span<const pid_t> processes) {
    std::chrono::nanoseconds total{};
    for (auto const process : processes) {
        clockid_t clock{};
        timespec used{};
        if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &used) != 0) {
            return std::nullopt;
        }
        total += std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
    }
    return processes.empty() ? std::nullopt : std::optional(total);
}

}  // namespace brio::load
