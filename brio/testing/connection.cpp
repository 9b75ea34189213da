#include <brio/testing/connection.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <system_error>

namespace brio::testing {

Connection::Connection(std::uint16_t port, std::chrono::milliseconds patience)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval const limit{.tv_sec = patience.count() / 1000, .tv_usec = patience.count() % 1000 * 1000};
    ::setsockopt(socket_.fd(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_.fd(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (::connect(socket_.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::system_error(errno, std::generic_category(), "connect to port " + std::to_string(port));
    }
}

void Connection::send(std::string_view bytes) {
    while (!bytes.empty()) {
        auto const sent = ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0) {
            throw std::system_error(errno, std::generic_category(), "send");
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

Answer Connection::receive(bool to_head) {
    for (;;) {
        if (auto answer = take_answer(received_, to_head)) {
            return std::move(*answer);
        }
        char bytes[16 * 1024];
        auto const got = ::recv(socket_.fd(), bytes, sizeof bytes, 0);
        if (got <= 0) {
            throw std::system_error(got == 0 ? ECONNRESET : errno, std::generic_category(),
                                    "the connection ended before an answer; so far: " + received_);
        }
        received_.append(bytes, static_cast<std::size_t>(got));
    }
}

std::optional<Answer> Connection::try_receive() {
    char first = 0;
    if (received_.empty() && ::recv(socket_.fd(), &first, 1, MSG_PEEK) <= 0) {
        return std::nullopt;
    }
    return receive();
}

}  // namespace brio::testing
