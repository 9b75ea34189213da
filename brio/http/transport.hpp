// Between a connection and its bytes where that is no plain socket: a client in this process, or TLS. A
// connection without one reads and writes its socket itself, which costs it one comparison.
#pragma once
#include <cstddef>
#include <string_view>

namespace brio::http {

/// Used on the connection's thread.
class Transport {
public:
    /// As recv(2), with errno. Fewer bytes than there was room for mean that the kernel has no more for now,
    /// and will tell when it has.
    virtual std::ptrdiff_t receive(char* to, std::size_t room) noexcept = 0;
    /// As sendmsg(2) of both parts, with errno. After EAGAIN the same bytes come again, or they and more.
    virtual std::ptrdiff_t transmit(std::string_view first, std::string_view second) noexcept = 0;
    /// After what was received nothing comes any more: the next receive() says so.
    virtual bool has_ended() const noexcept { return false; }
    /// Nothing will be sent any more, and what was is all: says so to the peer, once.
    virtual void end_sending() noexcept {}
    /// What was sent is not all, and nothing will tell the peer that it were.
    virtual void break_off() noexcept {}
    /// The connection is over: the last call. Its socket is still open.
    virtual void leave() noexcept = 0;

protected:
    ~Transport() = default;
};

}  // namespace brio::http
