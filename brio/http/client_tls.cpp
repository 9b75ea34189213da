#include <brio/http/client_tls.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <limits>
#include <new>
#include <stdexcept>

#include <brio/http/detail/tls_reason.hpp>
#include <brio/runtime/resolve.hpp>

namespace brio::http {
namespace {

constexpr std::size_t read_size = 16 * 1024;  // the most that one TLS record holds
constexpr unsigned char only_http[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

}  // namespace

void ClientTls::Free::operator()(ssl_ctx_st* context) const noexcept { SSL_CTX_free(context); }
void ClientTlsSession::Free::operator()(ssl_st* session) const noexcept { SSL_free(session); }

ClientTls::ClientTls(const std::string& certificates) : context_(SSL_CTX_new(TLS_client_method())) {
    if (!context_) {
        throw std::runtime_error("TLS cannot be set up: " + detail::take_tls_reason());
    }
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(context_.get(), SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_protos(context_.get(), only_http, sizeof only_http);
    auto const loaded = certificates.empty()
                            ? SSL_CTX_set_default_verify_paths(context_.get())
                            : SSL_CTX_load_verify_locations(context_.get(), certificates.c_str(), nullptr);
    if (loaded != 1) {
        throw std::runtime_error("the certificates of " +
                                 (certificates.empty() ? "the system" : certificates) +
                                 " cannot be read: " + detail::take_tls_reason());
    }
}

ClientTlsSession::ClientTlsSession(const ClientTls& shared, const std::string& host)
    : session_(SSL_new(shared.context_.get())) {
    auto* input = BIO_new(BIO_s_mem());
    auto* output = BIO_new(BIO_s_mem());
    if (!session_ || input == nullptr || output == nullptr) {
        BIO_free(input);
        BIO_free(output);
        throw std::bad_alloc();
    }
    SSL_set_bio(session_.get(), input, output);
    SSL_set_connect_state(session_.get());
    auto* wanted = SSL_get0_param(session_.get());
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    auto const is_address = runtime::numeric_endpoint(host, 0).has_value();
    auto const set = is_address ? X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str())
                                : X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size());
    if (set != 1 || (!is_address && SSL_set_tlsext_host_name(session_.get(), host.c_str()) != 1)) {
        throw std::bad_alloc();
    }
}

ClientTlsSession::State ClientTlsSession::fail(std::string_view during, int result) {
    switch (SSL_get_error(session_.get(), result)) {
        case SSL_ERROR_WANT_READ: return State::wants_more;
        case SSL_ERROR_ZERO_RETURN: return State::ended;
        default: break;
    }
    auto const verified = SSL_get_verify_result(session_.get());
    error_ = std::string(during) + ": ";
    if (verified != X509_V_OK) {
        error_ += "the certificate does not hold: ";
        error_ += X509_verify_cert_error_string(verified);
        ERR_clear_error();
    } else {
        error_ += detail::take_tls_reason();
    }
    return State::failed;
}

ClientTlsSession::State ClientTlsSession::shake_hands() {
    ERR_clear_error();
    auto const result = SSL_do_handshake(session_.get());
    return result == 1 ? State::ready : fail("TLS handshake", result);
}

bool ClientTlsSession::receive(std::string_view encrypted) {
    while (!encrypted.empty()) {
        auto const piece = std::min<std::size_t>(encrypted.size(), std::numeric_limits<int>::max());
        auto const taken = BIO_write(SSL_get_rbio(session_.get()), encrypted.data(), static_cast<int>(piece));
        if (taken <= 0) {
            return false;
        }
        encrypted.remove_prefix(static_cast<std::size_t>(taken));
    }
    return true;
}

ClientTlsSession::State ClientTlsSession::read(Buffer& to) {
    for (;;) {
        ERR_clear_error();
        auto const result = SSL_read(session_.get(), to.prepare(read_size), read_size);
        if (result <= 0) {
            return fail("TLS", result);
        }
        to.commit(static_cast<std::size_t>(result));
    }
}

ClientTlsSession::State ClientTlsSession::write(std::string_view plain) {
    while (!plain.empty()) {
        ERR_clear_error();
        auto const piece = std::min<std::size_t>(plain.size(), std::numeric_limits<int>::max());
        auto const result = SSL_write(session_.get(), plain.data(), static_cast<int>(piece));
        if (result <= 0) {
            return fail("TLS", result);
        }
        plain.remove_prefix(static_cast<std::size_t>(result));
    }
    return State::ready;
}

void ClientTlsSession::take_output(Buffer& to) {
    auto* output = SSL_get_wbio(session_.get());
    for (auto pending = BIO_ctrl_pending(output); pending > 0; pending = BIO_ctrl_pending(output)) {
        auto const size = static_cast<int>(std::min<std::size_t>(pending, std::numeric_limits<int>::max()));
        auto const taken = BIO_read(output, to.prepare(static_cast<std::size_t>(size)), size);
        if (taken <= 0) {
            return;
        }
        to.commit(static_cast<std::size_t>(taken));
    }
}

}  // namespace brio::http
