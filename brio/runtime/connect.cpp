#include <brio/runtime/connect.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

namespace brio::runtime {

Async<std::expected<File, int>> connect_to(Endpoint endpoint) {
    File socket(::socket(endpoint.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) {
        co_return std::unexpected(errno);
    }
    int const on = 1;
    ::setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&endpoint.storage), endpoint.size) == 0) {
        co_return socket;
    }
    if (errno != EINPROGRESS && errno != EINTR) {  // after EINTR too the connection goes on being made
        co_return std::unexpected(errno);
    }
    co_await ready(socket.fd(), EPOLLOUT);
    int failure = 0;
    socklen_t size = sizeof failure;
    if (::getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &failure, &size) != 0) {
        failure = errno;
    }
    if (failure != 0) {
        co_return std::unexpected(failure);
    }
    co_return socket;
}

}  // namespace brio::runtime
