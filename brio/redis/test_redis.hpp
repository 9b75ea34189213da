// Test-only: a real redis-server on a free port of this machine, without persistence, that ends with its
// object.
#pragma once
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <brio/base/temporary_folder.hpp>
#include <brio/base/text.hpp>
#include <brio/redis/url.hpp>
#include <brio/runtime/file.hpp>
#include <brio/runtime/socket.hpp>
#include <brio/runtime/turn_harness.hpp>

namespace brio::redis::test {

using runtime::test::turn_until;

class RedisServer {
public:
    /// With further options, as `--maxmemory 1mb`. Throws std::runtime_error where redis-server is not
    /// installed.
    explicit RedisServer(std::vector<std::string> options = {}) : options_(std::move(options)) {
        port_ = runtime::port_of(runtime::listen_on({.host = "127.0.0.1", .port = 0}));
        start();
    }
    ~RedisServer() { kill(); }
    RedisServer(const RedisServer&) = delete;
    RedisServer& operator=(const RedisServer&) = delete;

    std::uint16_t port() const noexcept { return port_; }
    std::string url() const { return concat({"redis://127.0.0.1:", integer_text(port_)}); }
    std::string socket_path() const { return folder_.file("socket"); }
    Address address() const { return *parse_url(url()); }

    void start() {
        using namespace std::string_literals;
        std::vector<std::string> words{"redis-server", "--port", integer_text(port_), "--bind", "127.0.0.1"};
        for (const std::string& each :
             {"--dir"s, folder_.path().string(), "--unixsocket"s, socket_path(), "--logfile"s, "log"s,
              "--save"s, ""s, "--appendonly"s, "no"s, "--enable-debug-command"s, "local"s}) {
            words.push_back(each);
        }
        words.insert(words.end(), options_.begin(), options_.end());
        std::vector<char*> arguments;
        for (auto& word : words) {
            arguments.push_back(word.data());
        }
        arguments.push_back(nullptr);
        const pid_t parent = ::getpid();
        process_ = ::fork();
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (::getppid() == parent) {
                ::execvp(arguments[0], arguments.data());
                std::perror("redis-server (apt-get install redis-server, or ./dev setup test)");
            }
            ::_exit(127);
        }
        wait_until_open();
    }
    /// SIGKILL, and waits for its end.
    void kill() noexcept {
        if (process_ > 0) {
            ::kill(process_, SIGKILL);
            ::waitpid(process_, nullptr, 0);
            process_ = -1;
        }
    }
    void pause() const noexcept { ::kill(process_, SIGSTOP); }
    void go_on() const noexcept { ::kill(process_, SIGCONT); }

    /// `cli("SET a b")`: what redis-cli prints.
    std::string cli(std::string_view words) const {
        FILE* const pipe =
            ::popen(concat({"redis-cli -p ", integer_text(port_), " ", words, " 2>&1"}).c_str(), "re");
        if (pipe == nullptr) {
            throw std::runtime_error("cannot run redis-cli");
        }
        std::string said;
        char bytes[4096];
        for (std::size_t size = 0; (size = std::fread(bytes, 1, sizeof bytes, pipe)) != 0;) {
            said.append(bytes, size);
        }
        ::pclose(pipe);
        return said.ends_with('\n') ? said.substr(0, said.size() - 1) : said;
    }

private:
    void wait_until_open() {
        sockaddr_in place{};
        place.sin_family = AF_INET;
        place.sin_port = htons(port_);
        place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        for (int tries = 0; tries < 2000; ++tries) {
            const runtime::File socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
            if (::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0) {
                return;
            }
            if (::waitpid(process_, nullptr, WNOHANG) == process_) {
                process_ = -1;
                throw std::runtime_error("redis-server ended at once; it may have said why above");
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        throw std::runtime_error("redis-server accepts no connections");
    }

    std::vector<std::string> options_;
    TemporaryFolder folder_;
    std::uint16_t port_ = 0;
    pid_t process_ = -1;
};

}  // namespace brio::redis::test
