#include <brio/http/connection.hpp>

#include <brio/http/problem.hpp>

#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

namespace brio::http {
namespace {

constexpr std::size_t read_size = 16 * 1024;  // of the buffers that a loop lends
constexpr std::size_t small_partial =
    2 * 1024;  // what a slow client may hold of them: less than this is copied out
constexpr std::size_t most_unsent = 64 * 1024;  // of answers that are made before they are written

// Bytes that the kernel has taken and the client has not.
int unaccepted_bytes(int socket) noexcept {
    int bytes = 0;
    return ::ioctl(socket, SIOCOUTQ, &bytes) == 0 ? bytes : 0;
}

}  // namespace

Connection::Connection(ServerLoop& owner, runtime::File socket, std::unique_ptr<TlsSession> session)
    : Watch([](Watch& watch, std::uint32_t events) { static_cast<Connection&>(watch).on_ready(events); }),
      Timer([](Timer& timer) { static_cast<Connection&>(timer).on_timer(); }),
      TurnHook([](TurnHook& hook) {
          auto& self = static_cast<Connection&>(hook);
          if (self.state_ == State::closed) {
              self.owner_.connection_ended(self);
          } else if (self.gone_) {
              self.close();
          } else {
              self.answered_in_turn_ = 0;
              if (self.streaming_ != nullptr && !self.blocked_) {
                  self.streaming_->channel.let_go_on();
              }
              self.advance();
          }
      }),
      owner_(owner),
      socket_(std::move(socket)),
      session_(std::move(session)),
      transport_(session_.get()) {
    if (socket_) {
        loop().add(*this, socket_.fd(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    }
    set_deadline(loop().now() + limits().keep_alive_idle);
}

Connection::Connection(ServerLoop& owner, MemoryLink& link) : Connection(owner, runtime::File()) {
    transport_ = &link;
    link.connection_ = this;
}

Connection::~Connection() { loop().remove(*this); }

Exchange& Connection::exchange() {
    if (!exchange_) {
        exchange_ = owner_.take_exchange();
        exchange_->connection_ = this;
        exchange_->over_tls = session_ != nullptr;
    }
    return *exchange_;
}

void Connection::on_ready(std::uint32_t events) {
    if (state_ == State::closed) {
        return;
    }
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
        close();
        return;
    }
    if ((events & (EPOLLIN | EPOLLRDHUP)) != 0) {
        readable_ = true;
        end_of_input_ = end_of_input_ || (events & EPOLLRDHUP) != 0;
        if (end_of_input_ && state_ == State::calling) {
            // FIN alone may be a client that only has no more to ask: its work goes on for a moment.
            set_deadline(std::min(deadline_, loop().now() + server().options().half_closed_grace));
        } else if (state_ == State::streaming) {
            set_stream_deadline();
        }
    }
    if ((events & EPOLLOUT) != 0 && blocked_) {
        blocked_ = false;
        if (!flush()) {
            return;
        }
        if (state_ == State::calling && !end_of_input_) {  // it was the stall's deadline
            set_deadline(exchange().work.deadline);
        }
    }
    advance();
}

// Answers what can be answered, then writes once; returns when input, output or a handler has to be waited
// for.
void Connection::advance() {
    if (advancing_ || blocked_ || state_ == State::closed) {
        return;
    }
    advancing_ = true;
    for (;;) {
        if (state_ == State::lingering) {
            linger();
            break;
        }
        if (answered_in_turn_ >= limits().pipelined) {  // others get their turn
            if (flush()) {
                loop().at_turn_end(*this);
            }
            break;
        }
        // A handler that waited may have left one: its bytes come before those of the next answer.
        if (!static_tail_.empty() && !flush()) {
            break;
        }
        if (step() && static_tail_.empty() && (out_.size() < most_unsent || state_ != State::idle)) {
            continue;
        }
        if (!flush() || state_ == State::calling) {
            break;
        }
        if (state_ == State::streaming) {
            if (go_on_streaming()) {
                continue;
            }
            break;
        }
        if (close_after_) {
            start_lingering();
            continue;
        }
        if (unread().size() > seen_ && state_ == State::idle) {  // stopped for long answers: go on
            continue;
        }
        if (!readable_ || !fill()) {
            wait_for_input();
            break;
        }
    }
    advancing_ = false;
    if (state_ == State::closed) {
        loop().at_turn_end(*this);
    }
}

// As recv() and send(), with errno.
std::ptrdiff_t Connection::receive(char* to, std::size_t room) noexcept {
    if (transport_ == nullptr) [[likely]] {
        return ::recv(socket_.fd(), to, room, 0);
    }
    auto const received = transport_->receive(to, room);
    end_of_input_ = end_of_input_ || transport_->has_ended();
    return received;
}

std::ptrdiff_t Connection::transmit(std::string_view first, std::string_view second) {
    if (transport_ != nullptr) [[unlikely]] {
        return transport_->transmit(first, second);
    }
    if (second.empty()) {
        return ::send(socket_.fd(), first.data(), first.size(), MSG_NOSIGNAL);
    }
    iovec parts[2] = {{const_cast<char*>(first.data()), first.size()},
                      {const_cast<char*>(second.data()), second.size()}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    return ::sendmsg(socket_.fd(), &message, MSG_NOSIGNAL);
}

// Reads once. False when there is nothing to go on with.
bool Connection::fill() {
    if (in_.capacity() == 0) {
        in_ = owner_.take_buffer();
        in_at_ = 0;
    } else if (in_at_ > 0) {
        in_.consume(in_at_);
        in_at_ = 0;
        if (exchange_) {
            exchange_->head.rebase(in_.data());
        }
    }
    auto const* before = in_.data();
    auto* to = in_.prepare(in_.capacity() - in_.size() >= small_partial ? small_partial : read_size / 2);
    if (exchange_ && in_.data() != before) {
        exchange_->head.rebase(in_.data());
    }
    auto const room = in_.capacity() - in_.size();
    for (;;) {
        auto const received = receive(to, room);
        if (received > 0) {
            in_.commit(static_cast<std::size_t>(received));
            readable_ =
                static_cast<std::size_t>(received) == room || end_of_input_;  // a short read drained it
            body_received_ += static_cast<std::size_t>(received);
            return true;
        }
        if (received < 0 && errno == EINTR) {
            continue;
        }
        readable_ = false;
        if (received < 0 && errno == EAGAIN) {
            return false;
        }
        // The end of input, or a reset: an unfinished request gets no answer.
        end_of_input_ = true;
        close();
        return false;
    }
}

// True when everything answered so far is written (or the connection ended for good: see state_).
bool Connection::flush() {
    if (streaming_ != nullptr) {
        take_from_stream();
    }
    while (out_at_ < out_.size() || !static_tail_.empty()) {
        auto const of_buffer = out_.view().substr(out_at_);
        auto const sent = transmit(of_buffer, static_tail_);
        if (sent < 0) {
            if (errno == EINTR) {
                continue;
            }
            if (errno == EAGAIN) {
                blocked_ = true;
                unaccepted_ = unaccepted_bytes(socket_.fd());
                set_deadline(stall_deadline());
                return false;
            }
            close();
            return false;
        }
        auto const of_out = std::min(static_cast<std::size_t>(sent), of_buffer.size());
        out_at_ += of_out;
        static_tail_.remove_prefix(static_cast<std::size_t>(sent) - of_out);
    }
    if (out_.capacity() != 0) {
        out_.clear();
        out_at_ = 0;
        owner_.give_buffer(std::exchange(out_, Buffer()));
    }
    tail_owner_.reset();
    tail_body_.reset();
    finish_written(true);
    return true;
}

// The requests whose answers were written, or were not because the client is gone, are over.
void Connection::finish_written(bool whole) {
    if (answered_.empty()) {
        return;
    }
    auto const now = ticks();
    std::int64_t measured = 0;
    for (auto& each : answered_) {
        each.ledger.finish(now);
        if (!whole) {
            each.record.status = 499;
            each.entry.status = 499;
        }
        if (server().black_box() != nullptr && each.metrics != nullptr) {
            keep_slow(each);
        }
        if (server().spans() != nullptr && each.metrics != nullptr) {
            keep_span(each);
        }
        if (each.metrics != nullptr) {
            ++measured;
            each.metrics->record(owner_.shard_, each.record, each.ledger);
        }
        if (each.logged && owner_.sink_ != nullptr) {
            owner_.sink_->write([&](Buffer& line) {
                append_access_line(line, server().options().access_log, each.entry, each.ledger);
            });
        }
    }
    if (server().metrics() != nullptr) {
        server().metrics()->in_flight().add(owner_.shard_, -measured);
    }
    owner_.give_answered(std::exchange(answered_, {}));
}

void Connection::wait_for_input() {
    if (state_ == State::idle) {
        auto const idle = draining_ ? server().options().drain_idle : limits().keep_alive_idle;
        set_deadline(loop().now() + idle);
        if (unread().empty()) {
            release_input();
        }
    } else if (state_ == State::body) {
        set_body_deadline();
    }
    shrink_input();
}

// A slow client keeps no more memory than it has sent.
void Connection::shrink_input() {
    if (in_.size() == 0 && in_.capacity() != 0) {
        owner_.give_buffer(std::exchange(in_, Buffer()));
        in_at_ = 0;
    }
    if (in_.capacity() >= read_size && unread().size() < small_partial / 2 && in_.size() > 0) {
        Buffer small(small_partial);
        small.append(unread());
        owner_.give_buffer(std::exchange(in_, std::move(small)));
        in_at_ = 0;
        if (exchange_) {
            exchange_->head.rebase(in_.data());
        }
    }
}

void Connection::release_input() {
    in_.clear();
    in_at_ = 0;
    if (in_.capacity() != 0) {
        owner_.give_buffer(std::exchange(in_, Buffer()));
    }
    if (exchange_) {
        owner_.give_exchange(std::move(exchange_));
    }
    if (chunk_body_.capacity() != 0) {
        chunk_body_.reset();
    }
    if (decoded_body_.capacity() != 0) {
        decoded_body_.reset();
    }
}

// When a client that takes nothing now is left.
runtime::Nanoseconds Connection::stall_deadline() const {
    auto const waits = streaming_ != nullptr && streaming_->plan.when_slow == WhenSlow::wait;
    return waits ? exchange_->work.deadline : loop().now() + limits().write_stall;
}

// Only an earlier deadline touches the timer; a later one is seen when the timer fires.
void Connection::set_deadline(runtime::Nanoseconds due) {
    deadline_ = due;
    if (!is_armed() || due < Timer::due()) {
        loop().arm_at(*this, due);
    }
}

// The moment at which the body's average rate falls below the least, if nothing more comes.
void Connection::set_body_deadline() {
    auto const earned = std::chrono::nanoseconds(std::chrono::seconds(body_received_)) /
                        static_cast<std::int64_t>(limits().body_min_rate);
    set_deadline(body_since_ + limits().body_grace + earned);
}

void Connection::on_timer() {
    if (loop().now() < deadline_) {
        loop().arm_at(*this, deadline_);
        return;
    }
    if (blocked_) {
        // The kernel tells of room only when much of its buffer is free: a slow client may well have read
        // some.
        auto const held = unaccepted_bytes(socket_.fd());
        if (held < unaccepted_) {
            unaccepted_ = held;
            set_deadline(stall_deadline());
            return;
        }
        leave_slow_client();
    } else if (state_ == State::streaming) {
        on_stream_timer();
        return;
    } else if (state_ == State::calling) {
        deadline_ = runtime::Nanoseconds::max();
        auto const late = loop().now() >= exchange().work.deadline;
        stop_work(late ? runtime::StopReason::deadline : runtime::StopReason::disconnected);
        return;
    } else if (state_ == State::head || state_ == State::body) {
        refuse(Rejection{408, "request_timeout", "the request did not arrive in time"});
        if (flush()) {
            start_lingering();
        }
    } else if (state_ == State::idle && fill()) {  // a request that came in the last moment is answered
        advance();
        return;
    } else {
        close();
    }
    if (state_ == State::closed) {
        loop().at_turn_end(*this);
    }
}

}  // namespace brio::http
