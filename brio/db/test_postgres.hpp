// Test-only: empty PostgreSQL databases. The server is the one that ctest's fixture keeps (tests/postgres),
// or one that this program starts at first need and that ends with it.
#pragma once
#include <unistd.h>

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>

#include <brio/base/test_server.hpp>
#include <brio/base/text.hpp>

namespace brio::db::test {

/// `postgresql://user@host:port/`: a database's name follows. Throws std::runtime_error where PostgreSQL is
/// not installed.
inline const std::string& postgres_server() {
    static const std::string url = brio::test::server_url("BRIO_TEST_POSTGRES", "tests/postgres/cluster.py");
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
