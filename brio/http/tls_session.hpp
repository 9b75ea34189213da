// The server's end of one TLS connection over a non-blocking socket (OpenSSL; RFC 8446, RFC 5246).
//
// Bytes go from the socket into OpenSSL's buffer and from there, decrypted, into the caller's; answers are
// encrypted into OpenSSL's buffer and sent from there. An idle session holds neither buffer. What waits in a
// socket is read with as few calls as without TLS.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include <brio/http/transport.hpp>

struct ssl_ctx_st;
struct ssl_st;

namespace brio::http {

/// Not thread-safe.
class TlsSession final : public Transport {
public:
    enum class State : std::uint8_t { wants_read, wants_write, ready, failed };
    /// Why hands could not be shaken.
    enum class Failure : std::uint8_t {
        none,
        left,         // the client went away
        version,      // none that both speak
        cipher,       // no cipher, group or kind of signature that both take
        protocol,     // by ALPN it speaks no HTTP/1.1
        refused,      // the client says that it does not take the certificate, or whatever its alert says
        certificate,  // the client has none that is asked for
        other,        // what came is no TLS, or against its rules
    };

    /// The socket outlives the session. Throws std::bad_alloc.
    TlsSession(ssl_ctx_st& context, int socket);
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;
    ~TlsSession();

    /// Goes on as far as it can; when not ready, again once the socket is what is wanted.
    State shake_hands();
    /// After State::failed.
    Failure failure() const noexcept { return failure_; }
    /// Of the failure, for a log.
    const std::string& reason() const noexcept { return reason_; }

    /// Of a session that is ready: "1.2" or "1.3".
    std::string_view version() const noexcept;
    /// By a ticket of an earlier one.
    bool is_resumed() const noexcept;

    std::ptrdiff_t receive(char* to, std::size_t room) noexcept override;
    std::ptrdiff_t transmit(std::string_view first, std::string_view second) noexcept override;
    bool has_ended() const noexcept override { return has_ended_; }
    void end_sending() noexcept override;
    void break_off() noexcept override { is_over_ = true; }
    void leave() noexcept override { end_sending(); }

private:
    friend struct TlsSocket;
    void note_failure(int result);
    std::ptrdiff_t send_record(std::string_view plain) noexcept;

    struct Free {
        void operator()(ssl_st* session) const noexcept;
    };
    std::unique_ptr<ssl_st, Free> ssl_;
    int socket_;
    std::size_t may_read_ = SIZE_MAX;  // of the socket's bytes, until some are for the caller
    bool is_drained_ = false;          // the last read of the socket took all there was
    bool is_blocked_ = false;          // a record waits until the socket takes it
    bool has_ended_ = false;
    bool is_over_ = false;  // nothing may be sent any more
    Failure failure_ = Failure::none;
    std::string reason_;
};

}  // namespace brio::http
