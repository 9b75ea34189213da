// Test-only: a client of a server over TLS, by OpenSSL, whose bytes the test carries.
#pragma once
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <string>

#include <brio/http/certificate_harness.hpp>
#include <brio/http/server_tls.hpp>
#include <brio/http/wire_harness.hpp>

namespace brio::http::test {

struct TlsClientOptions {
    int most_version = TLS1_3_VERSION;
    const char* suites = nullptr;  // of TLS 1.2
    std::string_view protocols;    // in ALPN's form
    SSL_SESSION* session = nullptr;
    std::size_t piece = 1 << 20;  // bytes that leave at a time
    const Certificate* own = nullptr;
};

// A client whose bytes the test carries.
class TlsClient {
public:
    TlsClient(Wire& wire, TlsClientOptions options = {})
        : wire_(wire),
          fd_(wire.connect()),
          piece_(options.piece),
          context_(SSL_CTX_new(TLS_client_method())) {
        SSL_CTX_set_security_level(context_, 0);
        SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
        SSL_CTX_set_max_proto_version(context_, options.most_version);
        SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT);
        if (options.suites != nullptr) {
            SSL_CTX_set_cipher_list(context_, options.suites);
        }
        if (options.own != nullptr) {
            SSL_CTX_use_certificate(context_, options.own->certificate());
            SSL_CTX_use_PrivateKey(context_, options.own->key());
        }
        ssl_ = SSL_new(context_);
        SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_connect_state(ssl_);
        if (!options.protocols.empty()) {
            SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(options.protocols.data()),
                                static_cast<unsigned>(options.protocols.size()));
        }
        if (options.session != nullptr) {
            SSL_set_session(ssl_, options.session);
        }
    }
    TlsClient(const TlsClient&) = delete;
    TlsClient& operator=(const TlsClient&) = delete;
    ~TlsClient() {
        SSL_free(ssl_);
        SSL_CTX_free(context_);
    }

    bool shake_hands() {
        for (int flights = 0; flights < 10; ++flights) {
            ERR_clear_error();
            auto const result = SSL_do_handshake(ssl_);
            auto const error = SSL_get_error(ssl_, result);
            send_output();
            if (result == 1) {
                return true;
            }
            if (error != SSL_ERROR_WANT_READ) {
                return false;
            }
            take_input();
        }
        return false;
    }
    void send(std::string_view plain) {
        SSL_write(ssl_, plain.data(), static_cast<int>(plain.size()));
        send_output();
    }
    /// All that comes until nothing does.
    std::string receive() {
        std::string got;
        for (int quiet = 0; quiet < 3;) {
            take_input();
            char bytes[16 * 1024];
            ERR_clear_error();
            auto const size = SSL_read(ssl_, bytes, sizeof bytes);
            if (size > 0) {
                got.append(bytes, static_cast<std::size_t>(size));
                quiet = 0;
                continue;
            }
            was_told_of_end = SSL_get_error(ssl_, size) == SSL_ERROR_ZERO_RETURN;
            ++quiet;
        }
        return got;
    }
    std::string ask(std::string_view request) {
        send(request);
        return receive();
    }
    int fd() const { return fd_; }
    SSL* ssl() const { return ssl_; }

    bool was_told_of_end = false;  // by close_notify

private:
    void send_output() {
        char bytes[4096];
        for (;;) {
            auto const room = std::min(sizeof bytes, piece_);
            auto const size = BIO_read(SSL_get_wbio(ssl_), bytes, static_cast<int>(room));
            if (size <= 0) {
                return;
            }
            wire_.send(fd_, {bytes, static_cast<std::size_t>(size)});
            if (piece_ < sizeof bytes) {
                wire_.turn(1);
            }
        }
    }
    void take_input() {
        auto const bytes = wire_.receive(fd_);
        BIO_write(SSL_get_rbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
    }

    Wire& wire_;
    int fd_;
    std::size_t piece_;
    SSL_CTX* context_;
    SSL* ssl_;
};

}  // namespace brio::http::test
