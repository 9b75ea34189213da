// A real program of Brio, started by a test on free ports with a folder of its own, and ended with the test.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include <brio/base/temporary_folder.hpp>

namespace brio::testing {

struct ProcessOptions {
    std::string program;                      // its file
    std::vector<std::string> arguments = {};  // after `serve --port … --admin-port …`
    std::vector<std::pair<std::string, std::string>> environment = {};  // beside the test's own
    std::vector<std::vector<std::string>> before =
        {};  // commands of the program run first, as {"migrate", "upgrade"}
    std::chrono::milliseconds patience{20'000};  // until it is ready
};

/// A port that nobody listens on now.
std::uint16_t free_port();

class ServerProcess {
public:
    /// Starts `serve` in its folder and waits until /readyz says 200. Throws std::runtime_error with what it
    /// printed when it does not.
    explicit ServerProcess(ProcessOptions options);
    /// SIGKILL when it still runs.
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    std::uint16_t port() const noexcept { return port_; }
    std::uint16_t admin_port() const noexcept { return admin_port_; }
    /// Of the supervisor.
    pid_t pid() const noexcept { return pid_; }
    /// Of the server processes under it, as the kernel lists them.
    std::vector<pid_t> children() const;
    void signal(int signal) const;
    /// Its exit status, or minus the signal that ended it; nothing when it still runs after `most`.
    std::optional<int> wait(std::chrono::milliseconds most = std::chrono::seconds(20));
    const TemporaryFolder& folder() const noexcept { return folder_; }
    /// What it printed so far, both streams.
    std::string output() const;

private:
    void run_before(const ProcessOptions& options) const;
    void wait_until_ready(std::chrono::milliseconds patience);

    TemporaryFolder folder_;
    std::uint16_t port_;
    std::uint16_t admin_port_;
    pid_t pid_ = -1;
};

/// Runs a program to its end. `folder` is where it works and where its output is kept.
struct Finished {
    int status;  // minus the signal that ended it
    std::string output;
};
Finished run_program(const TemporaryFolder& folder, const std::vector<std::string>& command,
                     const std::vector<std::pair<std::string, std::string>>& environment);

}  // namespace brio::testing
