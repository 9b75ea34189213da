// Test-only: a server that answers by the test's script, byte by byte, and goes wrong where the test says.
#pragma once
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <brio/base/text.hpp>
#include <brio/redis/url.hpp>
#include <brio/runtime/file.hpp>
#include <brio/runtime/socket.hpp>

namespace brio::redis::test {

/// One connection as the server has it. Blocks.
class Peer {
public:
    using Words = std::vector<std::string>;

    Peer(runtime::File socket, int number) : number_(number), socket_(std::move(socket)) {}

    /// How many connections came before.
    int number() const noexcept { return number_; }
    /// The next command; empty when the client has closed.
    Words read_command() {
        for (;;) {
            std::string_view rest = received_;
            Words words;
            if (take(rest, words)) {
                received_.erase(0, received_.size() - rest.size());
                return words;
            }
            if (receive() == 0) {
                return {};
            }
        }
    }
    /// Takes the client's name.
    void greet() {
        read_command();
        write("+OK\r\n");
    }
    /// What one read gives, the commands in it; whatever was received before is gone.
    std::size_t commands_in_one_read() {
        received_.clear();
        receive();
        std::size_t count = 0;
        std::string_view rest = received_;
        for (Words words; take(rest, words); words.clear()) {
            ++count;
        }
        return count;
    }
    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    /// So that the client sees each byte for itself, as far as the kernel lets it.
    void write_in_bytes(std::string_view bytes) {
        for (const char& byte : bytes) {
            write({&byte, 1});
            std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
    }
    void reset() {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(socket_.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        socket_ = {};
    }
    void wait_until_closed() {
        while (receive() != 0) {
        }
    }

private:
    static bool take_number(std::string_view& rest, char mark, std::size_t& number) {
        const auto end = rest.find("\r\n");
        if (end == std::string_view::npos || rest[0] != mark) {
            return false;
        }
        number = 0;
        std::from_chars(rest.data() + 1, rest.data() + end, number);
        rest.remove_prefix(end + 2);
        return true;
    }
    static bool take(std::string_view& rest, Words& words) {
        std::string_view left = rest;
        std::size_t count = 0;
        if (!take_number(left, '*', count)) {
            return false;
        }
        for (std::size_t size = 0; count > 0; --count) {
            if (!take_number(left, '$', size) || left.size() < size + 2) {
                return false;
            }
            words.emplace_back(left.substr(0, size));
            left.remove_prefix(size + 2);
        }
        rest = left;
        return true;
    }
    std::size_t receive() {
        char bytes[64 * 1024];
        pollfd wait{.fd = socket_.fd(), .events = POLLIN, .revents = 0};
        constexpr int patience_ms = 20'000;
        if (::poll(&wait, 1, patience_ms) <= 0) {
            return 0;
        }
        const auto got = ::recv(socket_.fd(), bytes, sizeof bytes, 0);
        received_.append(bytes, got > 0 ? static_cast<std::size_t>(got) : 0);
        return got > 0 ? static_cast<std::size_t>(got) : 0;
    }

    int number_;
    runtime::File socket_;
    std::string received_;
};

/// Serves its connections one after the other on a thread of its own; ends when it has served `connections`.
class PeerServer {
public:
    PeerServer(int connections, std::function<void(Peer&)> serve)
        : listener_(runtime::listen_on({.host = "127.0.0.1", .port = 0})),
          port_(runtime::port_of(listener_)),
          thread_([this, connections, serve = std::move(serve)] {
              for (int number = 0; number < connections; ++number) {
                  pollfd wait{.fd = listener_.fd(), .events = POLLIN, .revents = 0};
                  if (::poll(&wait, 1, 20'000) <= 0) {
                      return;
                  }
                  runtime::File socket(::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
                  Peer peer(std::move(socket), number);
                  serve(peer);
              }
          }) {}
    ~PeerServer() { join(); }
    PeerServer(const PeerServer&) = delete;
    PeerServer& operator=(const PeerServer&) = delete;

    Address address() const { return *parse_url(concat({"redis://127.0.0.1:", integer_text(port_)})); }
    void join() {
        if (thread_.joinable()) {
            thread_.join();
        }
    }

private:
    runtime::File listener_;
    std::uint16_t port_;
    std::thread thread_;
};

}  // namespace brio::redis::test
