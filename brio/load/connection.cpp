#include <brio/load/connection.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include <brio/base/clock.hpp>

namespace brio::load {

using TlsState = http::ClientTlsSession::State;

Connection::Connection(Connections& owner)
    : Watch([](Watch& watch, std::uint32_t events) { static_cast<Connection&>(watch).ready(events); }),
      owner_(owner) {}

bool Connection::open() {
    auto const& endpoint = owner_.options_.endpoint;
    fd_ = ::socket(endpoint.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) {
        return false;
    }
    int const on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto const connected =
        ::connect(fd_, reinterpret_cast<const sockaddr*>(&endpoint.storage), endpoint.size) == 0;
    if (!connected && errno != EINPROGRESS) {
        ::close(std::exchange(fd_, -1));
        return false;
    }
    is_connecting_ = !connected;
    is_shaking_hands_ = false;
    was_used_ = has_excess_ = peer_has_ended_ = false;
    unsent_.clear();
    owner_.loop_.add(*this, fd_, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    if (owner_.options_.tls != nullptr) {
        tls_ = std::make_unique<http::ClientTlsSession>(*owner_.options_.tls, owner_.options_.host);
        is_shaking_hands_ = true;
    }
    ++owner_.opened_;
    ++owner_.open_;
    return true;
}

void Connection::close() noexcept {
    if (fd_ < 0) {
        return;
    }
    owner_.loop_.remove(*this);
    ::close(std::exchange(fd_, -1));
    tls_.reset();
    exchange_ = nullptr;
    --owner_.open_;
}

void Connection::begin(Exchange& exchange) {
    exchange_ = &exchange;
    exchange.connection_ = this;
    reader_.begin(exchange.to_head, exchange.keeps);
    if (!is_connecting_ && !is_shaking_hands_) {
        write(exchange.request);
    }
}

void Connection::ready(std::uint32_t events) {
    if (is_connecting_) {
        if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) == 0) {
            return;
        }
        if (!finish_connecting()) {
            return;
        }
    } else if ((events & EPOLLOUT) != 0 && !unsent_.empty()) {
        flush();
    }
    if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0 && fd_ >= 0) {
        peer_has_ended_ = peer_has_ended_ || (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
        read();
    }
}

bool Connection::finish_connecting() {
    int failure = 0;
    socklen_t size = sizeof failure;
    if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &failure, &size) != 0 || failure != 0) {
        broke(Missing::connect);
        return false;
    }
    is_connecting_ = false;
    if (is_shaking_hands_) {
        return shake_hands();
    }
    if (exchange_ != nullptr) {
        write(exchange_->request);
    }
    return fd_ >= 0;
}

// A recv that does not fill its buffer has emptied the socket (epoll(7)), so the next edge will come; none
// comes behind the end.
void Connection::read() {
    auto& input = owner_.input_;
    for (;;) {
        auto const count = ::recv(fd_, input.data(), input.size(), 0);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (count <= 0) {
            if (exchange_ != nullptr && count == 0 && reader_.end() == AnswerReader::State::whole) {
                return ended();
            }
            return broke(is_shaking_hands_ ? Missing::tls : Missing::broken);
        }
        auto const size = static_cast<std::size_t>(count);
        auto const bytes = std::string_view(input).substr(0, size);
        if (!(tls_ ? take_encrypted(bytes) : take(bytes)) || (size < input.size() && !peer_has_ended_)) {
            return;
        }
    }
}

// False when the connection was given back or closed.
bool Connection::take(std::string_view bytes) {
    if (exchange_ == nullptr) {
        broke(Missing::protocol);  // nobody asked for anything
        return false;
    }
    exchange_->bytes_received += bytes.size();
    return answer(bytes);
}

bool Connection::answer(std::string_view& bytes) {
    switch (reader_.feed(bytes)) {
        case AnswerReader::State::more: return true;
        case AnswerReader::State::broken: broke(Missing::protocol); return false;
        case AnswerReader::State::whole: break;
    }
    if (!bytes.empty()) {
        has_excess_ = true;  // the connection is of no more use, the answer is
    }
    ended();
    return false;
}

bool Connection::take_encrypted(std::string_view bytes) {
    if (!tls_->receive(bytes)) {
        broke(Missing::tls);
        return false;
    }
    if (is_shaking_hands_) {
        return shake_hands();
    }
    plain_.clear();
    auto const state = tls_->read(plain_);
    put_tls_output();
    if (state == TlsState::failed) {
        broke(Missing::tls);
        return false;
    }
    if (!plain_.empty() && !take(plain_.view())) {
        return false;
    }
    if (state == TlsState::ended) {
        if (exchange_ != nullptr && reader_.end() == AnswerReader::State::whole) {
            ended();
        } else {
            broke(Missing::broken);
        }
        return false;
    }
    return true;
}

bool Connection::shake_hands() {
    auto const state = tls_->shake_hands();
    put_tls_output();
    if (state == TlsState::failed || state == TlsState::ended) {
        broke(Missing::tls);
        return false;
    }
    if (state == TlsState::ready) {
        is_shaking_hands_ = false;
        if (exchange_ != nullptr) {
            write(exchange_->request);
        }
    }
    return fd_ >= 0;
}

// The answer is whole.
void Connection::ended() {
    auto& exchange = *std::exchange(exchange_, nullptr);
    exchange.connection_ = nullptr;
    exchange.status = reader_.status();
    if (exchange.keeps) {
        exchange.head = reader_.take_head();
        exchange.body = reader_.take_body();
    }
    was_used_ = true;
    if (reader_.closes() || has_excess_ || peer_has_ended_ || !unsent_.empty()) {
        close();
    }
    owner_.give_back(*this);
    owner_.finish(exchange);
}

void Connection::broke(Missing why) {
    auto* const exchange = std::exchange(exchange_, nullptr);
    auto const was_idle = exchange == nullptr;
    auto const may_repeat = !was_idle && was_used_ && why == Missing::broken && !reader_.has_begun() &&
                            exchange->may_repeat && !exchange->was_repeated_;
    close();
    owner_.give_back(*this);
    if (was_idle) {
        return;
    }
    exchange->connection_ = nullptr;
    if (may_repeat) {
        exchange->was_repeated_ = true;
        return owner_.place_again(*exchange);
    }
    exchange->missing = why;
    owner_.finish(*exchange);
}

void Connection::write(std::string_view bytes) {
    exchange_->sent = monotonic_now();
    if (!tls_) {
        return put(bytes);
    }
    if (tls_->write(bytes) == TlsState::failed) {
        ::shutdown(fd_, SHUT_RDWR);  // as with put(): the next event tells
        return;
    }
    put_tls_output();
}

void Connection::put_tls_output() {
    encrypted_.clear();
    tls_->take_output(encrypted_);
    if (!encrypted_.empty()) {
        put(encrypted_.view());
    }
}

// What the socket does not take, or refuses because it broke, is kept: the next event tells which.
void Connection::put(std::string_view bytes) {
    std::size_t done = 0;
    if (unsent_.empty()) {
        auto const sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        done = sent > 0 ? static_cast<std::size_t>(sent) : 0;
    }
    if (done < bytes.size()) [[unlikely]] {
        unsent_.append(bytes.substr(done));
    }
}

void Connection::flush() {
    auto const sent = ::send(fd_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    unsent_.erase(0, sent > 0 ? static_cast<std::size_t>(sent) : 0);
}

}  // namespace brio::load
