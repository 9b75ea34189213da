#include <brio/http/client_connection.hpp>

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include <brio/runtime/connect.hpp>

namespace brio::http {
namespace {

constexpr std::size_t read_size = 16 * 1024;
constexpr std::size_t most_received = 256 * 1024;  // in one go: others get their turn

}  // namespace

Async<bool> ClientConnection::secure(const ClientTls& shared, std::string host) {
    tls_.emplace(shared, host);
    for (;;) {
        auto const state = tls_->shake_hands();
        tls_->take_output(out_);
        auto sent = send();
        while (sent == Sent::blocked) {
            co_await runtime::ready(fd(), EPOLLOUT);
            sent = send();
        }
        if (state == ClientTlsSession::State::ready) {
            co_return sent == Sent::all;
        }
        if (state != ClientTlsSession::State::wants_more) {
            error_ =
                state == ClientTlsSession::State::failed ? tls_->error() : "TLS handshake: the peer ended it";
            co_return false;
        }
        co_await runtime::ready(fd(), EPOLLIN);
        auto const came = receive_raw(raw_);
        auto const is_silent = raw_.empty();
        if (!tls_->receive(raw_.view()) || (came != Came::more && is_silent)) {
            error_ = "TLS handshake: " + (error_.empty() ? "the connection ended" : error_);
            co_return false;
        }
        raw_.clear();
    }
}

bool ClientConnection::queue(std::string_view bytes) {
    if (!tls_) {
        out_.append(bytes);
        return true;
    }
    auto const state = tls_->write(bytes);
    tls_->take_output(out_);
    if (state != ClientTlsSession::State::ready) {
        error_ = tls_->error();
        return false;
    }
    return true;
}

ClientConnection::Sent ClientConnection::send() {
    while (out_at_ < out_.size()) {
        auto const sent = ::send(fd(), out_.data() + out_at_, out_.size() - out_at_, MSG_NOSIGNAL);
        if (sent >= 0) {
            out_at_ += static_cast<std::size_t>(sent);
        } else if (errno == EAGAIN) {
            return Sent::blocked;
        } else if (errno != EINTR) {
            error_ = std::system_category().message(errno);
            return Sent::broken;
        }
    }
    out_at_ = 0;
    out_.capacity() > read_size ? out_.reset() : out_.clear();
    return Sent::all;
}

ClientConnection::Came ClientConnection::receive_raw(Buffer& to) {
    auto const before = to.size();
    while (to.size() - before < most_received) {
        auto* into = to.prepare(read_size);
        auto const room = to.capacity() - to.size();
        auto const received = ::recv(fd(), into, room, 0);
        if (received > 0) {
            to.commit(static_cast<std::size_t>(received));
            if (static_cast<std::size_t>(received) < room) {
                return Came::more;
            }
        } else if (received == 0) {
            return Came::end;
        } else if (errno == EAGAIN) {
            return Came::more;
        } else if (errno != EINTR) {
            error_ = std::system_category().message(errno);
            return Came::broken;
        }
    }
    return Came::more;
}

ClientConnection::Came ClientConnection::decrypt(Buffer& to) {
    auto const came = receive_raw(raw_);
    auto const taken = tls_->receive(raw_.view());
    raw_.clear();
    auto const state = tls_->read(to);
    tls_->take_output(out_);  // as answers to key updates: sent with what follows
    switch (state) {
        case ClientTlsSession::State::ended: return Came::end;
        case ClientTlsSession::State::failed: error_ = tls_->error(); return Came::broken;
        default: break;
    }
    if (!taken || came == Came::end) {
        error_ = "TLS: the connection was cut off";
        return Came::broken;
    }
    return came;
}

ClientConnection::Came ClientConnection::receive(Buffer& to) { return tls_ ? decrypt(to) : receive_raw(to); }

bool ClientConnection::is_usable() {
    Buffer unasked;
    return receive(unasked) == Came::more && unasked.empty();
}

}  // namespace brio::http
