#include <brio/app/certificate_keeper.hpp>

#include <sys/stat.h>

#include <brio/base/buffer.hpp>
#include <brio/base/log.hpp>

namespace brio::app {
namespace {

constexpr std::chrono::seconds looks_every{1};

std::string text_of(WallTime time) {
    Buffer text;
    append_time(text, time);
    return std::string(text.view());
}

}  // namespace

CertificateKeeper::CertificateKeeper(runtime::Loop& loop, metrics::Registry& registry,
                                     http::TlsOptions options)
    : read_(stamps_of(options)),
      changing_(read_),
      tls_(std::move(options)),
      not_after_(registry
                     .gauge({.name = "tls_certificate_not_after_seconds",
                             .help = "When the certificate in use expires, in seconds since 1970.",
                             .labels = {}})
                     .with({})),
      registry_(registry),
      looks_again_(loop, *this, &CertificateKeeper::look_again) {
    auto const renewals = registry.counter({.name = "tls_certificate_renewals_total",
                                            .help = "Times that changed files were read: done, or failed, "
                                                    "after which the certificate before stays in use.",
                                            .labels = {"result"}});
    renewed_ = renewals.with({"done"});
    failed_ = renewals.with({"failed"});
    auto const certificate = tls_.certificate();
    show(certificate);
    auto const until = text_of(certificate.not_after);
    if (certificate.not_after <= wall_now()) {
        log_error("the certificate has expired: clients will refuse it",
                  {{"file", tls_.options().certificate}, {"not_after", until}});
    } else {
        log_info("speaking TLS", {{"certificate", certificate.subject},
                                  {"names", certificate.names},
                                  {"key", certificate.key},
                                  {"not_after", until}});
    }
}

std::vector<CertificateKeeper::Stamp> CertificateKeeper::stamps_of(const http::TlsOptions& options) {
    std::vector<Stamp> stamps;
    for (auto const* file : {&options.certificate, &options.key, &options.client_authorities}) {
        struct stat found{};
        auto const is_there = !file->empty() && ::stat(file->c_str(), &found) == 0;
        stamps.push_back(is_there ? Stamp{.inode = found.st_ino,
                                          .size = found.st_size,
                                          .written = std::chrono::seconds(found.st_mtim.tv_sec) +
                                                     std::chrono::nanoseconds(found.st_mtim.tv_nsec)}
                                  : Stamp{});
    }
    return stamps;
}

void CertificateKeeper::start() { looks_again_.in(looks_every); }

void CertificateKeeper::look_again() {
    look();
    looks_again_.in(looks_every);
}

// Files of one pair are written one after the other: they are read once two looks find them the same.
void CertificateKeeper::look() {
    auto stamps = stamps_of(tls_.options());
    if (stamps == read_) {
        changing_ = std::move(stamps);
    } else if (stamps != changing_) {
        changing_ = std::move(stamps);
    } else {
        read_ = std::move(stamps);
        renew();
    }
}

void CertificateKeeper::renew() {
    auto const renewed = tls_.renew(wall_now());
    if (!renewed) {
        failed_.add(registry_.here());
        log_error("the changed certificate is not used, the one before stays", {{"error", renewed.error()}});
        return;
    }
    renewed_.add(registry_.here());
    show(*renewed);
    log_info("the certificate was renewed", {{"certificate", renewed->subject},
                                             {"names", renewed->names},
                                             {"not_after", text_of(renewed->not_after)}});
}

void CertificateKeeper::show(const http::TlsCertificate& certificate) const {
    not_after_.set(std::chrono::duration<double>(certificate.not_after.time_since_epoch()).count());
}

}  // namespace brio::app
