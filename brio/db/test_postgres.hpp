// Test-only: empty PostgreSQL databases. The server is the one that ctest's fixture keeps (tests/postgres),
// or one that this program starts at first need and that ends with it.
#pragma once
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include <brio/base/text.hpp>

namespace brio::db::test {

namespace detail {

/// tests/postgres/cluster.py of the tree that this program was built in.
inline std::filesystem::path cluster_program() {
    constexpr std::string_view place = "tests/postgres/cluster.py";
    if (const char* source = std::getenv("BRIO_SOURCE")) {
        return std::filesystem::path(source) / place;
    }
    auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    while (!exists(folder / place)) {
        if (folder == folder.parent_path()) {
            throw std::runtime_error("set BRIO_SOURCE to Brio's source tree, which has tests/postgres");
        }
        folder = folder.parent_path();
    }
    return folder / place;
}

/// Starts a cluster that ends when this process does, and gives its URL.
inline std::string own_server() {
    const std::string program = cluster_program().string();
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
        throw std::runtime_error(program + " started no PostgreSQL; what it said stands above");
    }
    return url;
}

/// The URL in the file of ctest's fixture, if its keeper is alive.
inline std::string fixture_server() {
    const char* file = std::getenv("BRIO_TEST_POSTGRES");
    std::ifstream input(file == nullptr ? "" : file);
    std::string url;
    std::string keeper;
    return input >> url >> keeper && std::filesystem::exists("/proc/" + keeper) ? url : "";
}

}  // namespace detail

/// `postgresql://user@host:port/`: a database's name follows. Throws std::runtime_error where PostgreSQL is
/// not installed.
inline const std::string& postgres_server() {
    static const std::string url = [] {
        std::string of_fixture = detail::fixture_server();
        return of_fixture.empty() ? detail::own_server() : of_fixture;
    }();
    return url;
}

/// Runs a statement beside the program under test; gives its rows, a line each, columns parted by `|`.
inline std::string psql(const std::string& url, std::string_view sql) {
    std::string command =
        concat({"/usr/lib/postgresql/15/bin/psql -qXAt -v ON_ERROR_STOP=1 '", url, "' -c '"});
    for (const char byte : sql) {
        byte == '\'' ? command += "'\\''" : command += byte;
    }
    FILE* const pipe = ::popen((command + '\'').c_str(), "re");
    if (pipe == nullptr) {
        throw std::runtime_error("cannot run psql");
    }
    std::string rows;
    std::array<char, 4096> bytes{};
    for (std::size_t size = 0; (size = std::fread(bytes.data(), 1, bytes.size(), pipe)) != 0;) {
        rows.append(bytes.data(), size);
    }
    if (::pclose(pipe) != 0) {
        throw std::runtime_error(concat({"psql failed: ", sql}));
    }
    return rows.ends_with('\n') ? rows.substr(0, rows.size() - 1) : rows;
}

/// A new, empty database, dropped with this together with whoever is still connected.
class PostgresDatabase {
public:
    PostgresDatabase() {
        static int made = 0;
        name_ = concat({"test_", std::to_string(::getpid()), "_", std::to_string(++made)});
        psql(postgres_server() + "postgres", concat({"CREATE DATABASE ", name_, " TEMPLATE template0"}));
    }
    ~PostgresDatabase() {
        try {
            psql(postgres_server() + "postgres", concat({"DROP DATABASE ", name_, " WITH (FORCE)"}));
        } catch (const std::exception& failure) {
            std::fprintf(stderr, "%s\n", failure.what());  // the cluster goes with all that it has
        }
    }
    PostgresDatabase(const PostgresDatabase&) = delete;
    PostgresDatabase& operator=(const PostgresDatabase&) = delete;

    std::string url() const { return postgres_server() + name_; }

private:
    std::string name_;
};

}  // namespace brio::db::test
