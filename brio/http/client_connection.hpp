// One connection of the client, plain or TLS: moves bytes without waiting. Whoever uses it waits for its
// descriptor.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include <brio/base/buffer.hpp>
#include <brio/http/client_tls.hpp>
#include <brio/runtime/async.hpp>
#include <brio/runtime/file.hpp>

namespace brio::http {

class ClientConnection {
public:
    enum class Sent : std::uint8_t { all, blocked, broken };
    enum class Came : std::uint8_t { more, end, broken };

    explicit ClientConnection(runtime::File socket) noexcept : socket_(std::move(socket)) {}
    ClientConnection(const ClientConnection&) = delete;
    ClientConnection& operator=(const ClientConnection&) = delete;

    /// Makes the connection a TLS one; false when that failed: see error().
    Async<bool> secure(const ClientTls& shared, std::string host);

    /// Adds to what is to be sent; false when it cannot be encrypted.
    bool queue(std::string_view bytes);
    /// Sends what the kernel takes now.
    Sent send();
    /// Appends what has come, which may be nothing, and tells whether more can come. Over TLS an end that the
    /// peer has not announced is `broken`, since anybody could have cut the answer short there.
    Came receive(Buffer& to);
    /// For one that waits to be used: open, and nothing has come that nobody asked for.
    bool is_usable();

    int fd() const noexcept { return socket_.fd(); }
    /// Why it is broken.
    const std::string& error() const noexcept { return error_; }

private:
    Came receive_raw(Buffer& to);
    Came decrypt(Buffer& to);

    runtime::File socket_;
    std::optional<ClientTlsSession> tls_;
    Buffer out_;
    std::size_t out_at_ = 0;
    Buffer raw_;  // what came and is not decrypted
    std::string error_;
};

}  // namespace brio::http
