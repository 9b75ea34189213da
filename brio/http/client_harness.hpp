// Test-only: the client on a loop with a manual clock, and peers that do what a test tells them, over
// loopback sockets.
#pragma once
#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <string>

#include <brio/http/client.hpp>
#include <brio/http/client_pool.hpp>
#include <brio/ledger/ledger.hpp>
#include <brio/runtime/socket.hpp>

namespace brio::http::test {

/// A listener and at most one connection that was accepted from it.
class Peer {
public:
    explicit Peer(runtime::Loop& loop) : loop_(loop), listener_(runtime::listen_on({"127.0.0.1", 0})) {}

    std::string authority() const { return "127.0.0.1:" + std::to_string(runtime::port_of(listener_)); }
    std::string url(std::string_view target) const { return "http://" + authority() + std::string(target); }
    int listener() const noexcept { return listener_.fd(); }
    /// Nobody listens any more: the port refuses.
    void stop_listening() { listener_.close(); }
    /// Whether a client has come; its connection becomes the current one.
    bool accept() {
        for (int turns = 0; turns < 100; ++turns) {
            if (auto accepted = runtime::accept_from(listener_.fd())) {
                socket_ = std::move(accepted);
                return true;
            }
            loop_.turn(std::chrono::milliseconds(5));
        }
        return false;
    }
    bool nobody_waits() {
        loop_.turn(runtime::Nanoseconds::zero());
        return !runtime::accept_from(listener_.fd());
    }
    /// What the client has sent, up to the end of a head or, when given, up to `until`.
    std::string receive(std::string_view until = "\r\n\r\n") {
        std::string got;
        for (int turns = 0; turns < 2000 && got.find(until) == std::string::npos; ++turns) {
            char bytes[64 * 1024];
            auto const size = ::recv(socket_.fd(), bytes, sizeof bytes, 0);
            if (size > 0) {
                got.append(bytes, static_cast<std::size_t>(size));
            } else if (size == 0) {
                return got + "(end)";
            } else {
                loop_.turn(std::chrono::milliseconds(5));
            }
        }
        return got;
    }
    /// What has come after some turns of the loop, perhaps nothing.
    std::string receive_some() {
        std::string got(64 * 1024, '\0');
        for (int turns = 0; turns < 10; ++turns) {
            loop_.turn(std::chrono::milliseconds(1));
            if (auto const size = ::recv(socket_.fd(), got.data(), got.size(), 0); size > 0) {
                got.resize(static_cast<std::size_t>(size));
                return got;
            }
        }
        return {};
    }
    void send(std::string_view bytes) {
        for (int turns = 0; turns < 2000 && !bytes.empty(); ++turns) {
            auto const sent = ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            bytes.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : 0);
            loop_.turn(std::chrono::milliseconds(sent > 0 ? 0 : 5));
        }
    }
    void close() { socket_.close(); }
    void reset() {
        linger const at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(socket_.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        socket_.close();
    }
    /// Whether the client has closed its side.
    bool sees_end() {
        for (int turns = 0; turns < 100; ++turns) {
            char byte = 0;
            auto const size = ::recv(socket_.fd(), &byte, 1, 0);
            if (size >= 0 || errno != EAGAIN) {
                return size <= 0;
            }
            loop_.turn(std::chrono::milliseconds(5));
        }
        return false;
    }

private:
    runtime::Loop& loop_;
    runtime::File listener_;
    runtime::File socket_;
};

class ClientWire {
public:
    explicit ClientWire(ClientOptions options = {}) : client(std::move(options)) {}

    /// One unit of work that awaits one answer.
    struct Call {
        runtime::Work work;
        ledger::Ledger ledger;
        Async<OutboundAnswer> answer;
        bool has_ended() const { return answer.has_ended(); }
    };
    std::unique_ptr<Call> start(Async<OutboundAnswer> answer,
                                runtime::Nanoseconds deadline = runtime::Nanoseconds::max()) {
        auto call = std::make_unique<Call>();
        call->work.loop = &loop;
        call->work.ledger = &call->ledger;
        call->work.deadline = deadline;
        call->ledger.start(ledger::Phase::handler);
        call->answer = std::move(answer);
        call->answer.start(call->work, [](void*) {}, nullptr);
        return call;
    }
    OutboundAnswer finish(Call& call) {
        for (int turns = 0; turns < 1000 && !call.has_ended(); ++turns) {
            loop.turn(std::chrono::milliseconds(5));
        }
        return call.answer.result();
    }
    OutboundAnswer ask(Async<OutboundAnswer> answer) { return finish(*start(std::move(answer))); }
    /// What the call fails with; nothing when it does not.
    std::optional<OutboundFailed> failure(Call& call) {
        try {
            finish(call);
        } catch (const OutboundFailed& failed) {
            return failed;
        }
        return std::nullopt;
    }
    ClientPool& pool() { return client.pool_of(loop, offload); }
    Outbound outbound() { return {client, offload}; }
    void turn(int times = 5) {
        for (int i = 0; i < times; ++i) {
            loop.turn(runtime::Nanoseconds::zero());
        }
    }

    Client client;  // the order of destruction is a program's
    runtime::Loop loop{runtime::Loop::Time::manual};
    runtime::OffloadPool offload{{.threads = 1}};
};

}  // namespace brio::http::test
