#include <brio/redis/call.hpp>

#include <brio/base/text.hpp>
#include <brio/redis/connection.hpp>

namespace brio::redis {

Call::Call(Sender& sender, std::span<const Command> commands, std::span<Reply> replies,
           CallOptions options) noexcept
    : Timer([](Timer& timer) { static_cast<Call&>(timer).time_out(); }),
      StopCallback([](StopCallback& stop, runtime::StopReason) { static_cast<Call&>(stop).stop_waiting(); }),
      sender_(sender),
      commands_(commands),
      replies_(replies),
      options_(options) {}

Call::~Call() {
    if (is_under_way_) {
        connection_->abandon(*this);
    }
    Connection::unlink(*this);
}

bool Call::begin(runtime::Work& work, runtime::Waiting waiting) {
    work_ = &work;
    if (work.stopped != runtime::StopReason::none) {
        return false;
    }
    sender_.submit(*this, *work.loop);
    if (has_ended_) {
        return false;
    }
    waiting_ = waiting;
    work.on_stop(*this);
    const auto timeout = options_.timeout.value_or(sender_.timeout());
    if (timeout < std::chrono::nanoseconds::max()) {
        work.loop->arm(*this, timeout);
    }
    return true;
}

void Call::stop_waiting() {
    if (is_under_way_) {
        connection_->abandon(*this);
    }
    resume();
}

void Call::time_out() {
    if (is_under_way_) {
        connection_->time_out(*this);
    }
    fail({.cause = Cause::timed_out,
          .what = concat(
              {"Redis: no answer within ", duration_text(options_.timeout.value_or(sender_.timeout()))})});
    resume();
}

void Call::resume() {
    cancel();
    leave();
    Connection::unlink(*this);
    std::exchange(waiting_, {}).resume();
}

Outcome Attempt::await_resume() {
    if (auto& failure = outcome()) [[unlikely]] {
        return std::unexpected(std::move(*failure));
    }
    if (reply_.is_error()) [[unlikely]] {
        return std::unexpected(Failure{.cause = Cause::error_reply,
                                       .kind = error_kind(reply_.text()),
                                       .what = concat({"Redis: ", reply_.text()})});
    }
    return std::move(reply_);
}

Reply ThrowingAttempt::await_resume() {
    auto outcome = Attempt::await_resume();
    if (!outcome) [[unlikely]] {
        throw_failure(outcome.error());
    }
    return std::move(*outcome);
}

std::expected<std::vector<Reply>, Failure> BatchCall::await_resume() {
    if (auto& failure = outcome()) [[unlikely]] {
        return std::unexpected(std::move(*failure));
    }
    return std::move(replies_);
}

}  // namespace brio::redis
