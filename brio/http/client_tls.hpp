// TLS for the client: one session as a state machine over bytes in memory; sockets are somebody else's
// (OpenSSL with memory BIOs).
//
// TLS 1.2 and later. The peer's certificate must lead to a known authority and name the host that was asked
// for (RFC 9110 §4.3.4); there is no way to leave that out.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <brio/base/buffer.hpp>

struct ssl_ctx_st;
struct ssl_st;

namespace brio::http {

/// What all sessions share: authorities and settings. Thread-safe after construction.
class ClientTls {
public:
    /// `certificates`: a PEM file of authorities, or empty for the system's. Throws std::runtime_error that
    /// names the file.
    explicit ClientTls(const std::string& certificates);

private:
    friend class ClientTlsSession;
    struct Free {
        void operator()(ssl_ctx_st* context) const noexcept;
    };
    std::unique_ptr<ssl_ctx_st, Free> context_;
};

/// One connection's. Not thread-safe. After failed, only error() is of use.
class ClientTlsSession {
public:
    enum class State : std::uint8_t {
        wants_more,  // bytes of the peer
        ready,
        ended,  // the peer has said that no more comes
        failed,
    };

    /// `host`: the name or numeric address that the certificate must have.
    ClientTlsSession(const ClientTls& shared, const std::string& host);

    /// Goes on with the handshake with what was received so far.
    State shake_hands();
    /// Bytes from the peer. False when there is no memory for them.
    bool receive(std::string_view encrypted);
    /// Decrypts all of what was received, behind `to`.
    State read(Buffer& to);
    /// Encrypts. After the handshake only.
    State write(std::string_view plain);
    /// Moves what must be sent to the peer behind `to`; call it after each of the above.
    void take_output(Buffer& to);
    /// What failed, for a log.
    const std::string& error() const noexcept { return error_; }

private:
    State fail(std::string_view during, int result);

    struct Free {
        void operator()(ssl_st* session) const noexcept;
    };
    std::unique_ptr<ssl_st, Free> session_;
    std::string error_;
};

}  // namespace brio::http
