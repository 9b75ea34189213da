#include <brio/testing/server_process.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <brio/base/clock.hpp>
#include <brio/runtime/socket.hpp>
#include <brio/testing/connection.hpp>

namespace brio::testing {
namespace {

using Variables = std::vector<std::pair<std::string, std::string>>;

constexpr std::chrono::milliseconds look_again{5};

std::string read_all(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Both streams go to the end of `output`.
pid_t start(const std::string& folder, const std::vector<std::string>& command, const Variables& environment,
            const std::string& output) {
    auto const parent = ::getpid();
    auto const pid = ::fork();
    if (pid < 0) {
        throw std::system_error(errno, std::generic_category(), "fork");
    }
    if (pid > 0) {
        return pid;
    }
    int const log = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    if (::chdir(folder.c_str()) != 0 || ::getppid() != parent) {
        ::_exit(126);
    }
    for (auto const& [name, value] : environment) {
        ::setenv(name.c_str(), value.c_str(), 1);
    }
    std::vector<char*> arguments;
    for (auto const& word : command) {
        arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    ::execv(arguments.front(), arguments.data());
    ::_exit(127);
}

int status_of(int status) { return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status); }

}  // namespace

std::uint16_t free_port() { return runtime::port_of(runtime::listen_on({"127.0.0.1", 0})); }

Finished run_program(const TemporaryFolder& folder, const std::vector<std::string>& command,
                     const Variables& environment) {
    auto const output = folder.file("output");
    std::filesystem::remove(output);
    auto const pid = start(folder.path().string(), command, environment, output);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return {status_of(status), read_all(output)};
}

ServerProcess::ServerProcess(ProcessOptions options) : port_(free_port()), admin_port_(free_port()) {
    for (auto const& arguments : options.before) {
        std::vector<std::string> command{options.program};
        command.insert(command.end(), arguments.begin(), arguments.end());
        auto const finished = run_program(folder_, command, options.environment);
        if (finished.status != 0) {
            throw std::runtime_error(options.program + " " + arguments.front() +
                                     " failed: " + finished.output);
        }
    }
    std::vector<std::string> command{options.program,       "serve",        "--port",
                                     std::to_string(port_), "--admin-port", std::to_string(admin_port_)};
    command.insert(command.end(), options.arguments.begin(), options.arguments.end());
    pid_ = start(folder_.path().string(), command, options.environment, folder_.file("output"));
    wait_until_ready(options.patience);
}

ServerProcess::~ServerProcess() {
    if (pid_ > 0) {
        auto const servers = children();
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        for (auto const server : servers) {
            ::kill(server, SIGKILL);
        }
    }
}

void ServerProcess::wait_until_ready(std::chrono::milliseconds patience) {
    auto const end = monotonic_now() + patience;
    while (monotonic_now() < end) {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) == pid_) {
            pid_ = -1;
            throw std::runtime_error("the server ended with " + std::to_string(status_of(status)) + ": " +
                                     output());
        }
        try {
            if (Connection(port_).get("/readyz", {{"Connection", "close"}}).status == 200) {
                return;
            }
        } catch (const std::system_error&) {
            // not yet
        }
        std::this_thread::sleep_for(look_again);
    }
    throw std::runtime_error("the server was not ready in time: " + output());
}

std::vector<pid_t> ServerProcess::children() const {
    auto const pid = std::to_string(pid_);
    std::istringstream list(read_all("/proc/" + pid + "/task/" + pid + "/children"));
    return {std::istream_iterator<pid_t>(list), std::istream_iterator<pid_t>()};
}

void ServerProcess::signal(int signal) const { ::kill(pid_, signal); }

std::optional<int> ServerProcess::wait(std::chrono::milliseconds most) {
    auto const end = monotonic_now() + most;
    while (monotonic_now() < end) {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) == pid_) {
            pid_ = -1;
            return status_of(status);
        }
        std::this_thread::sleep_for(look_again);
    }
    return std::nullopt;
}

std::string ServerProcess::output() const { return read_all(folder_.file("output")); }

}  // namespace brio::testing
