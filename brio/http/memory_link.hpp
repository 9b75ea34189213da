// A client's end of a connection that has no socket: its bytes go to the server and come back by calls. All
// else is as on a socket, so that what the framework and a handler cost can be told from what the kernel
// does.
//
//     MemoryLink link(server_loop);
//     link.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
//     while (link.received().empty()) {
//         loop.turn(std::chrono::milliseconds(1));
//     }
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include <brio/http/transport.hpp>

namespace brio::http {

class Connection;
class ServerLoop;

/// Used on the loop's thread; ends before the ServerLoop.
class MemoryLink final : private Transport {
public:
    explicit MemoryLink(ServerLoop& server);
    MemoryLink(const MemoryLink&) = delete;
    MemoryLink& operator=(const MemoryLink&) = delete;
    /// Leaves, as a client that resets its connection.
    ~MemoryLink();

    /// What can be answered without a wait is answered when this returns. To a closed link it does nothing.
    void send(std::string_view bytes);
    /// What has come back and the caller has not taken out. Bounded by what the caller asks for.
    std::string& received() noexcept { return received_; }
    /// The server has not closed it.
    bool is_open() const noexcept { return connection_ != nullptr; }

private:
    friend class Connection;
    std::ptrdiff_t receive(char* to, std::size_t room) noexcept override;
    std::ptrdiff_t transmit(std::string_view first, std::string_view second) noexcept override;
    void leave() noexcept override { connection_ = nullptr; }

    Connection* connection_ = nullptr;
    std::string sent_;
    std::size_t at_ = 0;  // of sent_, what the server has read
    std::string received_;
};

}  // namespace brio::http
