#include <brio/runtime/connect.hpp>
#include <brio/runtime/run.hpp>
#include <brio/runtime/socket.hpp>

#include <gtest/gtest.h>

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

namespace brio::runtime {
namespace {

Async<std::uint32_t> wait_for(int fd, std::uint32_t events) { co_return co_await ready(fd, events); }

struct Pair {
    Pair() {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
        one = File(ends[0]);
        other = File(ends[1]);
    }
    File one;
    File other;
};

TEST(Connect, ToAListenerGivesASocketThatCarriesBytes) {
    Loop loop;
    auto const listener = listen_on({"127.0.0.1", 0});
    auto const connected = run(loop, connect_to(numeric_endpoint("127.0.0.1", port_of(listener))->front()));
    ASSERT_TRUE(connected);
    auto const accepted = accept_from(listener.fd());
    ASSERT_TRUE(accepted);
    EXPECT_EQ(::send(connected->fd(), "x", 1, 0), 1);
    char byte = 0;
    run(loop, wait_for(accepted.fd(), EPOLLIN));
    EXPECT_EQ(::recv(accepted.fd(), &byte, 1, 0), 1);
    EXPECT_EQ(byte, 'x');
}

TEST(Connect, ToNobodyGivesTheReason) {
    Loop loop;
    auto listener = listen_on({"127.0.0.1", 0});
    auto const port = port_of(listener);
    listener.close();
    auto const connected = run(loop, connect_to(numeric_endpoint("127.0.0.1", port)->front()));
    ASSERT_FALSE(connected);
    EXPECT_EQ(connected.error(), ECONNREFUSED);
}

TEST(Ready, ComesWhenThereIsSomethingToRead) {
    Loop loop;
    Pair const pair;
    Work work;
    work.loop = &loop;
    auto waiting = wait_for(pair.one.fd(), EPOLLIN);
    waiting.start(work, [](void*) {}, nullptr);
    loop.turn(Nanoseconds::zero());
    EXPECT_FALSE(waiting.has_ended());
    EXPECT_EQ(::send(pair.other.fd(), "x", 1, 0), 1);
    loop.turn(Nanoseconds::zero());
    EXPECT_EQ(waiting.result() & EPOLLIN, static_cast<std::uint32_t>(EPOLLIN));
}

TEST(Ready, EndsWithItsWork) {
    Loop loop;
    Pair const pair;
    Work work;
    work.loop = &loop;
    auto waiting = wait_for(pair.one.fd(), EPOLLIN);
    waiting.start(work, [](void*) {}, nullptr);
    work.stop(StopReason::shutdown);
    EXPECT_TRUE(waiting.has_ended());
    EXPECT_THROW(waiting.result(), Cancelled);
}

TEST(Ready, AnAbandonedWaitWatchesNoLonger) {
    Loop loop;
    Pair const pair;
    Work work;
    work.loop = &loop;
    auto waiting = wait_for(pair.one.fd(), EPOLLIN);
    waiting.start(work, [](void*) {}, nullptr);
    waiting.reset();
    EXPECT_EQ(::send(pair.other.fd(), "x", 1, 0), 1);
    loop.turn(Nanoseconds::zero());
    run(loop, wait_for(pair.one.fd(), EPOLLIN));  // may be watched again
}

}  // namespace
}  // namespace brio::runtime
