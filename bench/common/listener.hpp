// Loopback TCP sockets as every program of this folder opens them: non-blocking, without Nagle's delay.
#pragma once
#include <cstdint>

namespace bench {

/// A non-blocking socket that listens on 127.0.0.1:`port`. Throws std::system_error.
int listen_on(std::uint16_t port);

/// The next connection waiting on `listener`, non-blocking, TCP_NODELAY; -1 when none waits.
int accept_one(int listener) noexcept;

/// A non-blocking socket connected to 127.0.0.1:`port` (the connect itself blocks). Throws std::system_error.
int connect_to(std::uint16_t port);

}  // namespace bench
