// Test-only: a server on an in-memory socket, driven turn by turn on the test's own thread.
#pragma once
#include <brio/http/parameters.hpp>
#include <brio/http/server.hpp>
#include <brio/runtime/awaitables.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>

namespace brio::http::test {

class Wire {
public:
    explicit Wire(void (*routes)(Router&), ServerOptions options = {},
                  std::vector<Middleware> middlewares = {}, Services with = {}, ServerTls* tls = nullptr)
        : services(std::move(with)),
          seat_(registry),
          metrics_(registry) {
        routes(router);
        server =
            std::make_unique<Server>(std::move(options), Server::Parts{.router = router,
                                                                       .services = services,
                                                                       .registry = registry,
                                                                       .metrics = &metrics_,
                                                                       .middlewares = std::move(middlewares),
                                                                       .tls = tls});
        on_loop = std::make_unique<ServerLoop>(*server, loop, seat_.shard(), -1);
    }
    ~Wire() {
        on_loop->stop_all();
        turn();
    }

    /// A new client connection; returns its descriptor. `held`: of answers by the kernel, in bytes; 0: as
    /// usual.
    int connect(int held = 0) {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) {
            return -1;
        }
        if (held != 0) {
            ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &held, sizeof held);
        }
        clients_.emplace_back(ends[1]);
        on_loop->adopt(runtime::File(ends[0]));
        return ends[1];
    }
    void turn(int times = 3) {
        for (int i = 0; i < times; ++i) {
            loop.turn(runtime::Nanoseconds::zero());
        }
    }
    void send(int client, std::string_view bytes) {
        while (!bytes.empty()) {
            auto const sent = ::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent > 0) {
                bytes.remove_prefix(static_cast<std::size_t>(sent));
            } else if (errno != EAGAIN) {
                return;
            }
            turn();
        }
    }
    /// What has come so far; `closed` tells whether the server has shut its side.
    std::string receive(int client) {
        turn();
        std::string got;
        char bytes[16 * 1024];
        closed = false;
        for (;;) {
            auto const size = ::recv(client, bytes, sizeof bytes, 0);
            if (size > 0) {
                got.append(bytes, static_cast<std::size_t>(size));
                turn();
            } else {
                closed = size == 0 || errno != EAGAIN;
                return got;
            }
        }
    }
    /// One request on a connection of its own.
    std::string ask(std::string_view bytes) {
        auto const client = connect();
        send(client, bytes);
        return receive(client);
    }

    runtime::Loop loop{runtime::Loop::Time::manual};
    metrics::Registry registry;
    Router router;
    Services services;
    std::unique_ptr<Server> server;
    std::unique_ptr<ServerLoop> on_loop;
    bool closed = false;

private:
    metrics::Seat seat_;
    ledger::RequestMetrics metrics_;
    std::vector<runtime::File> clients_;
};

inline int status_of(std::string_view answer) {
    return answer.size() > 12 && answer.starts_with("HTTP/1.1 ") ? std::stoi(std::string(answer.substr(9, 3)))
                                                                 : 0;
}
inline std::string_view body_of(std::string_view answer) {
    auto const at = answer.find("\r\n\r\n");
    return at == std::string_view::npos ? std::string_view{} : answer.substr(at + 4);
}
inline std::string header_of(std::string_view answer, std::string_view name) {
    auto const line = "\r\n" + std::string(name) + ": ";
    auto const at = answer.find(line);
    if (at == std::string_view::npos) {
        return "(absent)";
    }
    auto const from = at + line.size();
    return std::string(answer.substr(from, answer.find("\r\n", from) - from));
}

}  // namespace brio::http::test
