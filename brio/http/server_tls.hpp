// TLS for a server's listeners: what all sessions share, and its renewal while they go on (OpenSSL).
//
// TLS 1.2 and 1.3; of 1.2 only suites with forward secrecy and AEAD (RFC 9325). No renegotiation, no
// compression, no early data. ALPN: http/1.1. Sessions are resumed by tickets alone, whose keys all threads
// share and which outlive a renewal of the certificate (ticket_keys.hpp).
#pragma once
#include <expected>
#include <memory>
#include <mutex>
#include <string>

#include <brio/base/clock.hpp>
#include <brio/http/ticket_keys.hpp>
#include <brio/http/tls_options.hpp>
#include <brio/http/tls_session.hpp>

struct ssl_ctx_st;

namespace brio::http {

/// What a server shows of itself.
struct TlsCertificate {
    std::string subject;  // "CN=shop.example"
    std::string names;    // "DNS:shop.example, IP Address:192.0.2.7"; empty: none, which clients refuse
    std::string key;      // "ECDSA prime256v1", "RSA 2048"
    WallTime not_before{};
    WallTime not_after{};
};

/// Reads the files as a server does. A failure says which file, what is wrong with it and what to do; that
/// the certificate has expired is none.
std::expected<TlsCertificate, std::string> examine_tls(const TlsOptions& options);

/// Thread-safe. Outlives its sessions.
class ServerTls {
public:
    /// Throws std::runtime_error with what examine_tls() says. `now`: by which clients' certificates expire
    /// that are not looked at again, since their sessions are resumed.
    explicit ServerTls(TlsOptions options, WallTime (*now)() noexcept = &wall_now);
    ServerTls(const ServerTls&) = delete;
    ServerTls& operator=(const ServerTls&) = delete;
    ~ServerTls();

    const TlsOptions& options() const noexcept { return options_; }

    /// Reads the files again: sessions that begin from now on use them. On a failure, as when the certificate
    /// expired before `now`, nothing has changed.
    std::expected<TlsCertificate, std::string> renew(WallTime now);
    /// The one in use.
    TlsCertificate certificate() const;

    /// A session over a socket that has just been accepted. Throws std::bad_alloc.
    std::unique_ptr<TlsSession> accept(int socket);

private:
    friend struct TlsCallbacks;
    struct Free {
        void operator()(ssl_ctx_st* context) const noexcept;
    };
    using Context = std::unique_ptr<ssl_ctx_st, Free>;
    static std::expected<Context, std::string> load(const TlsOptions& options);
    void set_tickets(ssl_ctx_st* context);
    friend std::expected<TlsCertificate, std::string> examine_tls(const TlsOptions& options);

    TlsOptions options_;
    WallTime (*now_)() noexcept;
    TicketKeys ticket_keys_;
    mutable std::mutex mutex_;
    Context context_;  // guarded by mutex_; sessions hold it too
    TlsCertificate certificate_;
};

}  // namespace brio::http
