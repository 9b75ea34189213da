#include <brio/bench/subject.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

#include <brio/base/text.hpp>
#include <brio/json/read.hpp>
#include <brio/json/write.hpp>

extern char** environ;

namespace brio::bench {

namespace {

constexpr std::size_t most_quoted = 200;  // bytes of a line

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

struct Ends {
    runtime::File read;
    runtime::File write;
};

Ends make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        fail("pipe");
    }
    return {runtime::File(ends[0]), runtime::File(ends[1])};
}

// A socket, so that writing to a program that has ended is an error and no signal.
Ends make_input() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        fail("socketpair");
    }
    return {runtime::File(ends[0]), runtime::File(ends[1])};
}

/// The environment of this process with that of the launch in place of what has the same names.
std::vector<std::string> environment_of(const Launch& launch) {
    std::vector<std::string> all;
    for (char** each = environ; *each != nullptr; ++each) {
        std::string_view const entry = *each;
        auto const is_named = [&](auto const& own) { return entry.starts_with(own.first + "="); };
        if (std::ranges::none_of(launch.environment, is_named)) {
            all.emplace_back(entry);
        }
    }
    for (auto const& [name, value] : launch.environment) {
        all.push_back(concat({name, "=", value}));
    }
    return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> found;
    for (auto& each : texts) {
        found.push_back(each.data());
    }
    found.push_back(nullptr);
    return found;
}

struct Streams {
    int input;
    int output;
    int errors;  // -1: this process' own
};

pid_t start(const Launch& launch, const Streams& streams) {
    auto environment = environment_of(launch);
    auto arguments = launch.arguments;
    arguments.insert(arguments.begin(), launch.program);
    auto const argv = pointers(arguments);
    auto const envp = pointers(environment);
    auto const pid = ::fork();
    if (pid < 0) {
        fail("fork");
    }
    if (pid == 0) {  // what is safe after a fork only
        ::dup2(streams.input, STDIN_FILENO);
        ::dup2(streams.output, STDOUT_FILENO);
        if (streams.errors >= 0) {
            ::dup2(streams.errors, STDERR_FILENO);
        }
        ::execve(launch.program.c_str(), argv.data(), envp.data());
        ::_exit(127);
    }
    return pid;
}

std::string read_all(int fd) {
    std::string text;
    char bytes[4096];
    for (;;) {
        auto const got = ::read(fd, bytes, sizeof bytes);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return text;
        }
        text.append(bytes, static_cast<std::size_t>(got));
    }
}

int wait_for(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

void run_to_end(const Launch& launch) {
    auto said = make_pipe();
    runtime::File const nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    auto const pid = start(launch, {nothing.fd(), said.write.fd(), said.write.fd()});
    said.write.close();
    auto const words = read_all(said.read.fd());
    if (auto const status = wait_for(pid); status != 0) {
        throw std::runtime_error(
            concat({launch.program, " ", launch.arguments.empty() ? "" : launch.arguments[0], " ended with ",
                    integer_text(status), ": ", trim(words)}));
    }
}

Subject::Subject(const Launch& launch) : program_(launch.program) {
    auto input = make_input();
    auto output = make_pipe();
    pid_ = start(launch, {input.read.fd(), output.write.fd(), -1});
    input_ = std::move(input.write);
    output_ = std::move(output.read);
    output.write.close();
    auto const line = read_line();
    auto const hello = json::read<Hello>(line);
    if (!hello) {
        throw std::runtime_error(concat(
            {program_, " prints \"", line.substr(0, most_quoted),
             "\" before it runs: standard output is for what it measures, so print to standard error"}));
    }
    if (hello->protocol != protocol) {
        throw std::runtime_error(concat(
            {program_, " is measured in another way: both programs have to be of one version of Brio"}));
    }
}

Subject::~Subject() {
    input_.close();
    output_.close();
    if (pid_ > 0) {
        wait_for(pid_);
    }
}

std::string Subject::read_line() {
    for (;;) {
        if (auto const end = received_.find('\n'); end != std::string::npos) {
            auto line = received_.substr(0, end);
            received_.erase(0, end + 1);
            return line;
        }
        char bytes[64 * 1024];
        auto const got = ::read(output_.fd(), bytes, sizeof bytes);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            throw std::runtime_error(concat({program_, " ended while it was measured"}));
        }
        received_.append(bytes, static_cast<std::size_t>(got));
    }
}

void Subject::tell(const Order& order) {
    auto const line = json::to_string(order) + "\n";
    std::string_view rest = line;
    while (!rest.empty()) {
        auto const sent = ::send(input_.fd(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR) {
            throw std::runtime_error(concat({program_, " hears no more"}));
        }
        rest.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : 0);
    }
}

Reading Subject::hear() {
    auto reading = json::read<Reading>(read_line());
    if (!reading) {
        throw std::runtime_error(
            concat({program_, " answers otherwise than it should: ", json::describe(reading.error())}));
    }
    if (!reading->error.empty()) {
        throw std::runtime_error(reading->error);
    }
    return std::move(*reading);
}

Reading Subject::ask(const Order& order) {
    tell(order);
    return hear();
}

}  // namespace brio::bench
