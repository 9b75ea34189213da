// Outgoing TCP connections, and waiting until a descriptor can be read or written.
#pragma once
#include <coroutine>
#include <cstdint>
#include <expected>
#include <string>

#include <brio/runtime/async.hpp>
#include <brio/runtime/file.hpp>
#include <brio/runtime/loop.hpp>
#include <brio/runtime/resolve.hpp>

namespace brio::runtime {

/// `co_await ready(fd, EPOLLIN)`: the EPOLL* bits that came; EPOLLERR and EPOLLHUP come unasked. Cancelled
/// when the work is stopped. For a descriptor that no other Watch of the loop has. Cost: two epoll_ctl, so
/// try the call first.
class Ready {
public:
    Ready(int fd, std::uint32_t events) noexcept : fd_(fd), events_(events) {}

    class Awaiter : Watch, StopCallback {
    public:
        Awaiter(int fd, std::uint32_t events) noexcept
            : Watch([](Watch& watch, std::uint32_t came) { static_cast<Awaiter&>(watch).end(came); }),
              StopCallback([](StopCallback& stop, StopReason) { static_cast<Awaiter&>(stop).end(0); }),
              fd_(fd),
              events_(events) {}
        Awaiter(const Awaiter&) = delete;
        Awaiter& operator=(const Awaiter&) = delete;
        ~Awaiter() { ignore(); }

        bool await_ready() const noexcept { return false; }
        template <std::derived_from<PromiseBase> P>
        bool await_suspend(std::coroutine_handle<P> handle) {
            work_ = handle.promise().work;
            waiting_ = handle;
            if (work_->stopped != StopReason::none) {
                return false;
            }
            work_->loop->add(*this, fd_, events_);
            work_->on_stop(*this);
            return true;
        }
        std::uint32_t await_resume() const {
            work_->check();
            return came_;
        }

    private:
        void end(std::uint32_t came) {
            came_ = came;
            ignore();
            leave();
            waiting_.resume();
        }
        void ignore() noexcept {
            if (is_watching()) {
                work_->loop->remove(*this);
            }
        }

        int fd_;
        std::uint32_t events_;
        std::uint32_t came_ = 0;
        Work* work_ = nullptr;
        Waiting waiting_;
    };
    Awaiter operator co_await() const noexcept { return {fd_, events_}; }

private:
    int fd_;
    std::uint32_t events_;
};
inline Ready ready(int fd, std::uint32_t events) { return {fd, events}; }

/// A connected, non-blocking socket with TCP_NODELAY, or the errno of what failed. Without a deadline of its
/// own: see within().
Async<std::expected<File, int>> connect_to(Endpoint endpoint);

}  // namespace brio::runtime
