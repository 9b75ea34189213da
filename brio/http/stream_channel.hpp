// Between a stream's producer and its connection: the bytes that are made and not yet taken. One loop.
//
// The memory is lent by the connection when there is something to hold, and goes back with the bytes: a
// stream that waits for news holds none.
#pragma once
#include <cstddef>

#include <brio/base/buffer.hpp>
#include <brio/ledger/ledger.hpp>
#include <brio/runtime/awaitables.hpp>

namespace brio::http {

class StreamChannel {
public:
    /// Lends an empty buffer with memory of its own, and sees to it that take() follows within the turn, or
    /// as soon as the client accepts what was taken before.
    using Lend = Buffer (*)(void* context);

    StreamChannel(runtime::Work& work, std::size_t most, Lend lend, void* context) noexcept
        : work_(work),
          most_(most),
          lend_(lend),
          context_(context) {}

    /// Where a producer appends. What is made for a stream that was stopped is dropped.
    Buffer& bytes() {
        if (made_.capacity() == 0) {
            made_ = lend_(context_);
        } else if (work_.stopped != runtime::StopReason::none) {
            made_.clear();
        }
        return made_;
    }
    std::size_t size() const noexcept { return made_.size(); }
    bool is_full() const noexcept { return made_.size() >= most_; }

    /// What was made so far, with its memory.
    Buffer take() noexcept { return std::exchange(made_, Buffer()); }
    bool has_waiting() const noexcept { return waiting_.size() != 0; }
    /// Lets producers go on until the channel is full again.
    void let_go_on() {
        for (auto most = waiting_.size(); most > 0 && !is_full() && waiting_.notify_one(); --most) {
        }
    }

    /// `co_await channel.room()`: at once, or when the client has taken what is there. Ends with Cancelled
    /// when the stream was stopped.
    class Room : public runtime::WaitList::Awaiter {
    public:
        explicit Room(StreamChannel& channel) noexcept : Awaiter(channel.waiting_), channel_(channel) {}
        bool await_ready() const noexcept { return !channel_.is_full(); }
        template <std::derived_from<runtime::PromiseBase> P>
        bool await_suspend(std::coroutine_handle<P> handle) {
            before_ = ledger::enter(channel_.work_.ledger, ledger::Phase::write);
            return Awaiter::await_suspend(handle);
        }
        void await_resume() const {
            if (work != nullptr) {
                ledger::enter(channel_.work_.ledger, before_);
                work->check();
            }
            channel_.work_.check();
        }

    private:
        StreamChannel& channel_;
        ledger::Phase before_ = ledger::Phase::handler;
    };
    Room room() noexcept { return Room(*this); }

private:
    friend class Room;
    runtime::Work& work_;
    std::size_t most_;
    Lend lend_;
    void* context_;
    Buffer made_;
    runtime::WaitList waiting_;
};

}  // namespace brio::http
