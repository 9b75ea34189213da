// The part of Connection that ends it: with or without answers under way, drained, left or lost.
#include <brio/http/connection.hpp>

#include <sys/socket.h>

#include <cerrno>

namespace brio::http {
namespace {

constexpr std::uint64_t most_lingered = 4 << 20;  // bytes discarded after an error before the reset
constexpr std::chrono::seconds linger_time{2};

}  // namespace

void Connection::leave_slow_client() {
    if (streaming_ != nullptr) {
        streaming_->end = StreamEnd::slow;
    }
    close();
}

void Connection::start_lingering() {
    if (end_of_input_ && !readable_) {
        close();
        return;
    }
    state_ = State::lingering;
    if (transport_ != nullptr) {
        transport_->end_sending();
    }
    ::shutdown(socket_.fd(), SHUT_WR);
    release_input();
    readable_ = true;
    set_deadline(loop().now() + linger_time);
}

void Connection::linger() {
    char discarded[16 * 1024];
    for (;;) {
        auto const received = ::recv(socket_.fd(), discarded, sizeof discarded, 0);
        if (received < 0 && errno == EAGAIN) {
            return;
        }
        if (received < 0 && errno == EINTR) {
            continue;
        }
        lingered_ += received > 0 ? static_cast<std::uint64_t>(received) : most_lingered;
        if (lingered_ >= most_lingered) {
            close();
            return;
        }
    }
}

// The object ends at the end of the turn, when nothing of it is on the stack any more.
void Connection::close() noexcept {
    auto const is_working = state_ == State::calling || is_producing();
    if (state_ == State::closed || (gone_ && is_working)) {
        return;
    }
    finish_written(false);
    if (is_working) {  // nobody is left to answer: first the work ends, then the connection
        gone_ = true;
        loop().remove(*this);
        stop_work(runtime::StopReason::disconnected);
        return;
    }
    gone_ = false;
    if (state_ == State::streaming) {  // its last bytes were not taken
        streaming_->is_whole = false;
        if (streaming_->end == StreamEnd::completed) {
            streaming_->end = StreamEnd::disconnected;
        }
        finish_stream();
    }
    state_ = State::closed;
    cancel();
    loop().remove(*this);
    if (transport_ != nullptr) {
        std::exchange(transport_, nullptr)->leave();
    }
    socket_.close();
    loop().at_turn_end(*this);
}

void Connection::drain() {
    draining_ = true;
    if (state_ == State::idle && !blocked_) {
        set_deadline(std::min(deadline_, loop().now() + server().options().drain_idle));
    } else if (is_producing() && streaming_->plan.is_of_events) {
        stop_work(runtime::StopReason::shutdown);  // its client comes again, to who serves then
    }
}

void Connection::stop_work(runtime::StopReason reason) {
    if (state_ == State::calling || is_producing()) {
        exchange().work.stop(reason);
    }
}

}  // namespace brio::http
