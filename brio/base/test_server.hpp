// Test-only: real servers that scripts of tests/ start (tests/network/kept_server.py): the one that ctest's
// fixture keeps, or one that this program starts at first need and that ends with it.
#pragma once
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace brio::test {

namespace detail {

/// A file of the tree that this program was built in.
inline std::filesystem::path source_file(std::string_view place) {
    if (const char* source = std::getenv("BRIO_SOURCE")) {
        return std::filesystem::path(source) / place;
    }
    auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    while (!exists(folder / place)) {
        if (folder == folder.parent_path()) {
            throw std::runtime_error("set BRIO_SOURCE to the tree of Brio that has " + std::string(place));
        }
        folder = folder.parent_path();
    }
    return folder / place;
}

/// Starts a server that ends when this process does, and gives its URL.
inline std::string own_server(std::string_view script) {
    const std::string program = source_file(script).string();
    std::array<int, 2> input{};
    std::array<int, 2> output{};
    if (::pipe2(input.data(), O_CLOEXEC) != 0 || ::pipe2(output.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error("cannot make a pipe");
    }
    if (::fork() == 0) {
        ::dup2(input[0], STDIN_FILENO);
        ::dup2(output[1], STDOUT_FILENO);
        ::execlp("python3", "python3", program.c_str(), "run", nullptr);
        ::_exit(127);
    }
    ::close(input[0]);  // input[1] stays open for as long as this process lives
    ::close(output[1]);
    std::string url;
    for (char byte = 0; ::read(output[0], &byte, 1) == 1 && byte != '\n';) {
        url += byte;
    }
    ::close(output[0]);
    if (url.empty()) {
        throw std::runtime_error(program + " started no server; what it said stands above");
    }
    return url;
}

/// The URL in the file of ctest's fixture, if its keeper is alive.
inline std::string fixture_server(const char* variable) {
    const char* file = std::getenv(variable);
    std::ifstream input(file == nullptr ? "" : file);
    std::string url;
    std::string keeper;
    return input >> url >> keeper && std::filesystem::exists("/proc/" + keeper) ? url : "";
}

}  // namespace detail

/// The URL of the server whose keeper is `script`; the fixture's file is named by `variable` of the
/// environment. Throws std::runtime_error where it is not installed.
inline std::string server_url(const char* variable, std::string_view script) {
    std::string of_fixture = detail::fixture_server(variable);
    return of_fixture.empty() ? detail::own_server(script) : of_fixture;
}

}  // namespace brio::test
