// Keeps the API's certificate as its files have it: looks at them every second and, once they have
// changed and rest, reads them. What cannot be used, as a key that is not the certificate's or one that has
// expired, is said in the log, and what was in use stays.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <brio/http/server_tls.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/runtime/later.hpp>

namespace brio::app {

/// tls_certificate_not_after_seconds (since 1970) · tls_certificate_renewals_total{result}
class CertificateKeeper {
public:
    /// Throws std::runtime_error with what http::examine_tls() says.
    CertificateKeeper(runtime::Loop& loop, metrics::Registry& registry, http::TlsOptions options);
    CertificateKeeper(const CertificateKeeper&) = delete;
    CertificateKeeper& operator=(const CertificateKeeper&) = delete;

    http::ServerTls& tls() noexcept { return tls_; }
    /// From now on it looks.
    void start();
    /// One look.
    void look();

private:
    // Of one file: what moves when it is written or replaced.
    struct Stamp {
        std::uint64_t inode = 0;
        std::int64_t size = 0;
        std::chrono::nanoseconds written{};
        bool operator==(const Stamp&) const = default;
    };
    static std::vector<Stamp> stamps_of(const http::TlsOptions& options);
    void look_again();
    void renew();
    void show(const http::TlsCertificate& certificate) const;

    std::vector<Stamp> read_;  // when the pair in use, or one that cannot be, was read; before it is
    std::vector<Stamp> changing_;
    http::ServerTls tls_;
    metrics::Gauge not_after_;
    metrics::Counter renewed_;
    metrics::Counter failed_;
    metrics::Registry& registry_;
    runtime::Later<CertificateKeeper> looks_again_;
};

}  // namespace brio::app
