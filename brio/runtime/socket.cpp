#include <brio/runtime/socket.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace brio::runtime {
namespace {

struct Native {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

Native native_of(const Address& address) {
    Native native;
    auto* v4 = reinterpret_cast<sockaddr_in*>(&native.storage);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&native.storage);
    if (inet_pton(AF_INET, address.host.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(address.port);
        native.size = sizeof *v4;
    } else if (inet_pton(AF_INET6, address.host.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(address.port);
        native.size = sizeof *v6;
    } else {
        throw std::system_error(
            EINVAL, std::generic_category(),
            "cannot listen on host '" + address.host + "': give a numeric address such as 127.0.0.1 or ::1");
    }
    return native;
}

[[noreturn]] void fail(const Address& address, const char* call) {
    auto what = std::string("cannot listen on ") + address.host + ":" + std::to_string(address.port);
    if (errno == EADDRINUSE) {
        what += ": another program has this port; choose another";
    } else {
        what += std::string(" (") + call + ")";
    }
    throw std::system_error(errno, std::generic_category(), what);
}

File listen_with(const Address& address, int backlog, bool shares_port) {
    auto const native = native_of(address);
    File listener(socket(native.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!listener) {
        fail(address, "socket");
    }
    int const on = 1;
    setsockopt(listener.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shares_port) {
        setsockopt(listener.fd(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    }
    setsockopt(listener.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // inherited by what it accepts
    // What a client does not read waits here, where it counts, and not in the kernel's send buffer.
    int const most_unsent = 128 * 1024;
    setsockopt(listener.fd(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most_unsent, sizeof most_unsent);
    if (bind(listener.fd(), reinterpret_cast<const sockaddr*>(&native.storage), native.size) != 0) {
        fail(address, "bind");
    }
    if (listen(listener.fd(), backlog) != 0) {
        fail(address, "listen");
    }
    return listener;
}

}  // namespace

File listen_on(const Address& address, int backlog) { return listen_with(address, backlog, true); }

File listen_alone(const Address& address, int backlog) { return listen_with(address, backlog, false); }

std::uint16_t port_of(const File& listener) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (getsockname(listener.fd(), reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
        throw std::system_error(errno, std::generic_category(), "getsockname");
    }
    auto const port = storage.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port
                                                    : reinterpret_cast<sockaddr_in*>(&storage)->sin_port;
    return ntohs(port);
}

File accept_from(int listener) {
    for (;;) {
        File accepted(accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (accepted) {
            return accepted;
        }
        switch (errno) {
            case EINTR:
            case ECONNABORTED:
            case EPROTO: continue;
            case EAGAIN: return {};
            default: throw std::system_error(errno, std::generic_category(), "accept");
        }
    }
}

}  // namespace brio::runtime
