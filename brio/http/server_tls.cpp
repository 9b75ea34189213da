#include <brio/http/server_tls.hpp>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <new>
#include <stdexcept>

#include <unistd.h>

#include <brio/base/expect.hpp>
#include <brio/base/text.hpp>
#include <brio/http/detail/tls_reason.hpp>

namespace brio::http {
namespace {

// RFC 9325 §4.2: forward secrecy and AEAD alone. Of equals the cheaper one first.
constexpr auto suites_of_1_2 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr auto suites_of_1_3 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr auto groups = "X25519:P-256:P-384";
// The most wanted first. Either comes as HTTP/1.1 does: the request line says which it is.
constexpr unsigned char protocols[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1',
                                       8, 'h', 't', 't', 'p', '/', '1', '.', '0'};

std::string why_unreadable(const std::string& file) {
    return ::access(file.c_str(), R_OK) == 0 ? detail::take_tls_reason() : std::strerror(errno);
}

struct FreeCertificate {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};

std::string written_by(auto&& write) {
    std::unique_ptr<BIO, FreeCertificate> const out(BIO_new(BIO_s_mem()));
    if (!out) {
        throw std::bad_alloc();
    }
    write(out.get());
    char* text = nullptr;
    auto const size = BIO_get_mem_data(out.get(), &text);
    return std::string(trim({text, static_cast<std::size_t>(std::max(size, 0L))}));
}

WallTime time_of(const ASN1_TIME* time) {
    std::tm parts{};
    ASN1_TIME_to_tm(time, &parts);
    return std::chrono::sys_seconds(std::chrono::seconds(::timegm(&parts)));
}

std::string key_of(X509* certificate) {
    auto* key = X509_get0_pubkey(certificate);
    char group[64] = "";
    if (EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) == 1) {
        return concat({"ECDSA ", group});
    }
    auto const* type = EVP_PKEY_get0_type_name(key);
    return concat({type != nullptr ? type : "key", " ", integer_text(EVP_PKEY_get_bits(key))});
}

TlsCertificate facts_of(X509* certificate) {
    TlsCertificate facts{.key = key_of(certificate),
                         .not_before = time_of(X509_get0_notBefore(certificate)),
                         .not_after = time_of(X509_get0_notAfter(certificate))};
    facts.subject = written_by(
        [&](BIO* out) { X509_NAME_print_ex(out, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253); });
    if (auto const at = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1); at >= 0) {
        facts.names = written_by(
            [&](BIO* out) { X509V3_EXT_print(out, X509_get_ext(certificate, at), X509V3_EXT_DEFAULT, 0); });
    }
    ERR_clear_error();
    return facts;
}

// Who resumes a session is not verified again: it is good for as long as the authorities are the same.
bool set_session_context(SSL_CTX* context, const std::string& authorities) {
    std::ifstream file(authorities, std::ios::binary);
    std::string const text{std::istreambuf_iterator<char>(file), {}};
    std::array<unsigned char, SSL_MAX_SID_CTX_LENGTH> digest{};
    static_assert(digest.size() == 32);  // as SHA-256 makes it
    return EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1 &&
           SSL_CTX_set_session_id_context(context, digest.data(), digest.size()) == 1;
}

// Nobody is asked for a passphrase: a server starts alone.
int no_passphrase(char*, int, int, void*) { return -1; }

}  // namespace

struct TlsCallbacks {
    static int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                               const unsigned char* offered, unsigned int offered_size, void*) {
        auto* to = const_cast<unsigned char**>(chosen);
        return SSL_select_next_proto(to, size, protocols, sizeof protocols, offered, offered_size) ==
                       OPENSSL_NPN_NEGOTIATED
                   ? SSL_TLSEXT_ERR_OK
                   : SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301 §3.2
    }

    static ServerTls& owner_of(SSL* session) {
        return *static_cast<ServerTls*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(session)));
    }

    // Chooses the key to seal or to open a ticket with: SSL_CTX_set_tlsext_ticket_key_evp_cb(3).
    static int choose_key(SSL* session, unsigned char* name, unsigned char* vector, EVP_CIPHER_CTX* cipher,
                          EVP_MAC_CTX* mac, int seals) {
        auto& keys = owner_of(session).ticket_keys_;
        auto const now = monotonic_now();
        if (seals == 1) {
            auto key = keys.current(now);
            std::ranges::copy(key.name, name);
            auto const done =
                RAND_bytes(vector, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1 &&
                EVP_EncryptInit_ex2(cipher, EVP_aes_256_cbc(), key.cipher.data(), vector, nullptr) == 1 &&
                set_mac(mac, key);
            return done ? 1 : -1;
        }
        auto found = keys.find(std::span<const unsigned char, 16>(name, 16), now);
        if (!found) {
            return 0;  // a whole handshake
        }
        auto const done =
            EVP_DecryptInit_ex2(cipher, EVP_aes_256_cbc(), found->key.cipher.data(), vector, nullptr) == 1 &&
            set_mac(mac, found->key);
        return !done ? -1 : found->is_current ? 1 : 2;
    }

    // A client's certificate is verified when its session begins, and each ticket is followed by a new one:
    // who comes again in time would come for ever. Else what OpenSSL does without this.
    static SSL_TICKET_RETURN take_ticket(SSL* session, SSL_SESSION* resumed, const unsigned char*,
                                         std::size_t, SSL_TICKET_STATUS status, void*) {
        if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW) {
            return SSL_TICKET_RETURN_IGNORE_RENEW;
        }
        auto const* certificate = SSL_SESSION_get0_peer(resumed);
        if (certificate != nullptr && time_of(X509_get0_notAfter(certificate)) <= owner_of(session).now_()) {
            return SSL_TICKET_RETURN_IGNORE_RENEW;  // a whole handshake
        }
        return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
    }

    static bool set_mac(EVP_MAC_CTX* mac, TicketKey& key) {
        char digest[] = "sha256";
        OSSL_PARAM const parameters[] = {
            OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
        return EVP_MAC_CTX_set_params(mac, parameters) == 1;
    }
};

void ServerTls::Free::operator()(ssl_ctx_st* context) const noexcept { SSL_CTX_free(context); }

std::expected<ServerTls::Context, std::string> ServerTls::load(const TlsOptions& options) {
    ERR_clear_error();
    Context context(SSL_CTX_new(TLS_server_method()));
    if (!context) {
        return std::unexpected(concat({"TLS cannot be set up: ", detail::take_tls_reason()}));
    }
    auto* made = context.get();
    SSL_CTX_set_default_passwd_cb(made, &no_passphrase);
    if (SSL_CTX_use_certificate_chain_file(made, options.certificate.c_str()) != 1) {
        return std::unexpected(concat({"the certificate in ", options.certificate,
                                       " cannot be read: ", why_unreadable(options.certificate)}));
    }
    auto const& key = options.key.empty() ? options.certificate : options.key;
    if (SSL_CTX_use_PrivateKey_file(made, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(made) != 1) {
        auto const code = ERR_peek_last_error();
        if (ERR_GET_LIB(code) == ERR_LIB_X509 && ERR_GET_REASON(code) == X509_R_KEY_VALUES_MISMATCH) {
            ERR_clear_error();
            return std::unexpected(concat(
                {"the key in ", key, " is not that of the first certificate in ", options.certificate}));
        }
        return std::unexpected(concat({"the key in ", key, " cannot be read: ", why_unreadable(key),
                                       "; it must be PEM, without a passphrase"}));
    }
    SSL_CTX_set_min_proto_version(made, options.least == TlsVersion::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_options(made, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                  SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                  SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(
        made, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(made, 1);
    SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_timeout(made, std::chrono::seconds(TicketKeys::ticket_life).count());
    SSL_CTX_set_num_tickets(made, 1);
    SSL_CTX_set_alpn_select_cb(made, &TlsCallbacks::choose_protocol, nullptr);
    auto const is_set = SSL_CTX_set_cipher_list(made, suites_of_1_2) == 1 &&
                        SSL_CTX_set_ciphersuites(made, suites_of_1_3) == 1 &&
                        SSL_CTX_set1_groups_list(made, groups) == 1 &&
                        set_session_context(made, options.client_authorities);
    if (!is_set) {
        return std::unexpected(concat({"TLS cannot be set up: ", detail::take_tls_reason()}));
    }
    if (!options.client_authorities.empty()) {
        auto const& file = options.client_authorities;
        auto* names = SSL_load_client_CA_file(file.c_str());
        SSL_CTX_set_client_CA_list(made, names);  // which owns them
        if (names == nullptr || SSL_CTX_load_verify_file(made, file.c_str()) != 1) {
            return std::unexpected(
                concat({"the authorities in ", file, " cannot be read: ", why_unreadable(file)}));
        }
        SSL_CTX_set_verify(made, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    return context;
}

std::expected<TlsCertificate, std::string> examine_tls(const TlsOptions& options) {
    auto const context = ServerTls::load(options);
    if (!context) {
        return std::unexpected(context.error());
    }
    return facts_of(SSL_CTX_get0_certificate(context->get()));
}

ServerTls::ServerTls(TlsOptions options, WallTime (*now)() noexcept)
    : options_(std::move(options)),
      now_(now),
      ticket_keys_([](std::span<unsigned char> bytes) {
          expect(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1, "OpenSSL gives random bytes");
      }) {
    auto context = load(options_);
    if (!context) {
        throw std::runtime_error(context.error());
    }
    context_ = std::move(*context);
    certificate_ = facts_of(SSL_CTX_get0_certificate(context_.get()));
    set_tickets(context_.get());
}

ServerTls::~ServerTls() = default;

void ServerTls::set_tickets(ssl_ctx_st* context) {
    SSL_CTX_set_app_data(context, this);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, &TlsCallbacks::choose_key);
    SSL_CTX_set_session_ticket_cb(context, nullptr, &TlsCallbacks::take_ticket, nullptr);
}

std::expected<TlsCertificate, std::string> ServerTls::renew(WallTime now) {
    auto context = load(options_);
    if (!context) {
        return std::unexpected(context.error());
    }
    auto facts = facts_of(SSL_CTX_get0_certificate(context->get()));
    if (facts.not_after <= now) {
        return std::unexpected(concat({"the certificate in ", options_.certificate, " has expired"}));
    }
    set_tickets(context->get());
    std::lock_guard const lock(mutex_);
    context_ = std::move(*context);
    certificate_ = facts;
    return facts;
}

TlsCertificate ServerTls::certificate() const {
    std::lock_guard const lock(mutex_);
    return certificate_;
}

std::unique_ptr<TlsSession> ServerTls::accept(int socket) {
    Context shared;
    {
        std::lock_guard const lock(mutex_);
        SSL_CTX_up_ref(context_.get());
        shared.reset(context_.get());
    }
    return std::make_unique<TlsSession>(*shared, socket);
}

}  // namespace brio::http
