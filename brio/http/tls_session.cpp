#include <brio/http/tls_session.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>

#include <brio/http/detail/tls_reason.hpp>

namespace brio::http {
namespace {

constexpr std::size_t record_size = SSL3_RT_MAX_PLAIN_LENGTH;  // 16 kB
// What may come without a byte for the caller: two of the largest records. OpenSSL takes new keys (RFC 8446
// §4.6.3) and wishes to shake hands again for as long as they come, and other clients would wait.
constexpr std::size_t most_without_content = 32 * 1024;
constexpr int first_reason_of_alerts = SSL_AD_REASON_OFFSET;

TlsSession::Failure failure_of(int reason) noexcept {
    using enum TlsSession::Failure;
    if (reason >= first_reason_of_alerts && reason < first_reason_of_alerts + 256) {
        return refused;
    }
    switch (reason) {
        case SSL_R_UNSUPPORTED_PROTOCOL:
        case SSL_R_VERSION_TOO_LOW:
        case SSL_R_VERSION_TOO_HIGH:
        case SSL_R_INAPPROPRIATE_FALLBACK:
        case SSL_R_BAD_LEGACY_VERSION:
        case SSL_R_UNKNOWN_PROTOCOL: return version;
        case SSL_R_NO_SHARED_CIPHER:
        case SSL_R_NO_SHARED_GROUPS:
        case SSL_R_NO_SUITABLE_GROUPS:
        case SSL_R_NO_SUITABLE_KEY_SHARE:
        case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
        case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM: return cipher;
        case SSL_R_NO_APPLICATION_PROTOCOL: return protocol;
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
        case SSL_R_CERTIFICATE_VERIFY_FAILED: return certificate;
        case SSL_R_UNEXPECTED_EOF_WHILE_READING: return left;
        default: return other;
    }
}

}  // namespace

// OpenSSL's way to the socket: recv() and send(), and whether the last has taken all that waited.
struct TlsSocket {
    static TlsSession& session(BIO* bio) noexcept { return *static_cast<TlsSession*>(BIO_get_data(bio)); }

    static int read(BIO* bio, char* to, int room) {
        auto& self = session(bio);
        BIO_clear_retry_flags(bio);
        if (self.may_read_ == 0) {
            return -1;
        }
        for (;;) {
            auto const received = ::recv(self.socket_, to, static_cast<std::size_t>(room), 0);
            if (received < 0 && errno == EINTR) {
                continue;
            }
            if (received < 0 && errno == EAGAIN) {
                BIO_set_retry_read(bio);
            }
            self.is_drained_ = received < room;
            if (received > 0) {
                self.may_read_ -= std::min(self.may_read_, static_cast<std::size_t>(received));
            }
            return static_cast<int>(received);
        }
    }

    static int write(BIO* bio, const char* bytes, int size) {
        BIO_clear_retry_flags(bio);
        for (;;) {
            auto const sent =
                ::send(session(bio).socket_, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
            if (sent < 0 && errno == EINTR) {
                continue;
            }
            if (sent < 0 && errno == EAGAIN) {
                BIO_set_retry_write(bio);
            }
            return static_cast<int>(sent);
        }
    }

    static long control(BIO*, int command, long, void*) {
        return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP ? 1 : 0;
    }

    static int create(BIO* bio) {
        BIO_set_init(bio, 1);
        return 1;
    }

    static const BIO_METHOD* method() {
        static const std::unique_ptr<BIO_METHOD, void (*)(BIO_METHOD*)> made = [] {
            auto* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "brio socket");
            if (method == nullptr || BIO_meth_set_read(method, &TlsSocket::read) != 1 ||
                BIO_meth_set_write(method, &TlsSocket::write) != 1 ||
                BIO_meth_set_ctrl(method, &TlsSocket::control) != 1 ||
                BIO_meth_set_create(method, &TlsSocket::create) != 1) {
                throw std::bad_alloc();
            }
            return std::unique_ptr<BIO_METHOD, void (*)(BIO_METHOD*)>(method, &BIO_meth_free);
        }();
        return made.get();
    }
};

void TlsSession::Free::operator()(ssl_st* session) const noexcept { SSL_free(session); }

TlsSession::TlsSession(ssl_ctx_st& context, int socket) : ssl_(SSL_new(&context)), socket_(socket) {
    auto* bio = BIO_new(TlsSocket::method());
    if (!ssl_ || bio == nullptr) {
        BIO_free(bio);
        ERR_clear_error();
        throw std::bad_alloc();
    }
    BIO_set_data(bio, this);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_accept_state(ssl_.get());
}

TlsSession::~TlsSession() = default;

TlsSession::State TlsSession::shake_hands() {
    ERR_clear_error();
    auto const result = SSL_do_handshake(ssl_.get());
    if (result == 1) {
        return State::ready;
    }
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ: return State::wants_read;
        case SSL_ERROR_WANT_WRITE: return State::wants_write;
        default: note_failure(result); return State::failed;
    }
}

void TlsSession::note_failure(int result) {
    is_over_ = true;
    auto const code = ERR_peek_last_error();
    if (code == 0 || SSL_get_error(ssl_.get(), result) == SSL_ERROR_SYSCALL) {
        failure_ = Failure::left;
        reason_ = "the connection ended";
        ERR_clear_error();
        return;
    }
    failure_ = ERR_GET_LIB(code) == ERR_LIB_SSL ? failure_of(ERR_GET_REASON(code)) : Failure::other;
    reason_ = detail::take_tls_reason();
}

std::string_view TlsSession::version() const noexcept {
    return SSL_version(ssl_.get()) == TLS1_3_VERSION ? "1.3" : "1.2";
}

bool TlsSession::is_resumed() const noexcept { return SSL_session_reused(ssl_.get()) == 1; }

std::ptrdiff_t TlsSession::receive(char* to, std::size_t room) noexcept {
    std::size_t received = 0;
    while (received < room && !has_ended_) {
        std::size_t size = 0;
        may_read_ = most_without_content;
        ERR_clear_error();
        if (SSL_read_ex(ssl_.get(), to + received, room - received, &size) == 1) {
            received += size;
            if (is_drained_ && SSL_has_pending(ssl_.get()) == 0) {
                break;
            }
            continue;
        }
        auto const error = SSL_get_error(ssl_.get(), 0);
        if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
            break;
        }
        has_ended_ = true;
        is_over_ = is_over_ || error != SSL_ERROR_ZERO_RETURN;
        ERR_clear_error();
    }
    if (received == 0 && !has_ended_) {
        errno = EAGAIN;
        return -1;
    }
    return static_cast<std::ptrdiff_t>(received);
}

// A short answer whose tail stands elsewhere leaves in one record.
std::ptrdiff_t TlsSession::transmit(std::string_view first, std::string_view second) noexcept {
    if (second.empty() || first.size() >= record_size) {
        return send_record(first);
    }
    if (first.empty()) {
        return send_record(second);
    }
    std::array<char, record_size> record;
    auto const of_second = std::min(second.size(), record_size - first.size());
    std::memcpy(record.data(), first.data(), first.size());
    std::memcpy(record.data() + first.size(), second.data(), of_second);
    return send_record({record.data(), first.size() + of_second});
}

std::ptrdiff_t TlsSession::send_record(std::string_view plain) noexcept {
    std::size_t size = 0;
    ERR_clear_error();
    if (SSL_write_ex(ssl_.get(), plain.data(), std::min(plain.size(), record_size), &size) == 1) {
        is_blocked_ = false;
        return static_cast<std::ptrdiff_t>(size);
    }
    auto const error = SSL_get_error(ssl_.get(), 0);
    is_blocked_ = error == SSL_ERROR_WANT_WRITE;
    if (is_blocked_) {
        errno = EAGAIN;
        return -1;
    }
    is_over_ = true;
    ERR_clear_error();
    errno = EPIPE;
    return -1;
}

void TlsSession::end_sending() noexcept {
    if (is_over_ || is_blocked_) {
        return;
    }
    is_over_ = true;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

}  // namespace brio::http
