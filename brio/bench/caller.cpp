#include <brio/bench/caller.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

#include <brio/base/text.hpp>
#include <brio/bench/answer_end.hpp>
#include <brio/http/memory_link.hpp>

namespace brio::bench {

namespace {

std::runtime_error no_answer(std::string_view request, std::string_view received) {
    return std::runtime_error(concat({"no answer to ", request.substr(0, request.find('\r')), ", but: \"",
                                      received.substr(0, 200), "\""}));
}

bool is_to_head(std::string_view request) { return request.starts_with("HEAD "); }

class MemoryCaller final : public Caller {
public:
    MemoryCaller(runtime::Loop& loop, http::ServerLoop& server) : loop_(loop), server_(server) {}

    Called call(std::string_view request) override {
        if (!link_ || !link_->is_open()) {
            link_.emplace(server_);
        }
        auto& received = link_->received();
        auto const begun = ticks();
        link_->send(request);
        auto ended = ticks();
        auto end = answer_end(received, is_to_head(request));
        for (auto const last = monotonic_now() + patience; !end;
             end = answer_end(received, is_to_head(request))) {
            loop_.turn(std::chrono::milliseconds(1));
            ended = ticks();
            if (monotonic_now() > last || !link_->is_open()) {
                throw no_answer(request, received);
            }
        }
        received.clear();
        return {.status = end->status, .bytes = end->size, .took = ended - begun};
    }
    void rest() override { loop_.turn({}); }

private:
    runtime::Loop& loop_;
    http::ServerLoop& server_;
    std::optional<http::MemoryLink> link_;
};

class SocketCaller final : public Caller {
public:
    explicit SocketCaller(std::uint16_t port) : port_(port) { connect(); }

    Called call(std::string_view request) override {
        if (!socket_) {
            connect();
        }
        received_.clear();
        auto const begun = ticks();
        if (::send(socket_.fd(), request.data(), request.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(request.size())) {
            throw no_answer(request, "");
        }
        for (;;) {
            char bytes[64 * 1024];
            auto const got = ::recv(socket_.fd(), bytes, sizeof bytes, 0);
            auto const ended = ticks();
            if (got <= 0) {
                throw no_answer(request, received_);
            }
            received_.append(bytes, static_cast<std::size_t>(got));
            if (auto const end = answer_end(received_, is_to_head(request))) {
                if (received_.find("\r\nConnection: close\r\n") < received_.find("\r\n\r\n")) {
                    socket_.close();
                }
                return {.status = end->status, .bytes = end->size, .took = ended - begun};
            }
        }
    }

private:
    void connect() {
        socket_ = runtime::File(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port_);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        timeval const limit{.tv_sec = patience.count(), .tv_usec = 0};
        int const on = 1;
        ::setsockopt(socket_.fd(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(socket_.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (::connect(socket_.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            throw std::system_error(errno, std::generic_category(),
                                    concat({"connect to port ", integer_text(port_)}));
        }
    }

    std::uint16_t port_;
    runtime::File socket_;
    std::string received_;
};

}  // namespace

std::unique_ptr<Caller> memory_caller(runtime::Loop& loop, http::ServerLoop& server) {
    return std::make_unique<MemoryCaller>(loop, server);
}

std::unique_ptr<Caller> socket_caller(std::uint16_t port) { return std::make_unique<SocketCaller>(port); }

}  // namespace brio::bench
