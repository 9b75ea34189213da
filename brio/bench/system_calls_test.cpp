#include <brio/bench/system_calls.hpp>

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

namespace brio::bench {
namespace {

// A child that waits for a byte, then does what it is there for between the marks.
struct Child {
    explicit Child(void (*work)()) {
        EXPECT_EQ(::pipe(ends), 0);
        pid = ::fork();
        if (pid == 0) {
            char byte = 0;
            while (::read(ends[0], &byte, 1) < 0) {
            }
            ::getppid();
            work();
            mark_end();
            ::getppid();
            ::_exit(7);
        }
    }
    ~Child() {
        ::close(ends[0]);
        ::close(ends[1]);
    }
    void go() const { EXPECT_EQ(::write(ends[1], "x", 1), 1); }
    int status() const {
        int status = 0;
        ::waitpid(pid, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    int ends[2];
    pid_t pid;
};

TEST(SystemCalls, TheUsualPieceCounts) {
    Child const child([] {
        for (int piece = 0; piece < 20; ++piece) {
            mark_begin();
            for (int i = 0; i < (piece % 5 == 0 ? 100 : 10); ++i) {
                ::getppid();
            }
        }
    });
    auto const count = count_system_calls(child.pid, false, [&] { child.go(); });
    if (!count) {
        ::kill(child.pid, SIGKILL);
        child.status();
        GTEST_SKIP() << count.error();
    }
    EXPECT_EQ(*count, 10);
    EXPECT_EQ(child.status(), 7) << "it goes on when nobody watches any more";
}

TEST(SystemCalls, OtherThreadsMayBeCountedAlone) {
    Child const child([] {
        mark_begin();
        std::thread other([] {
            for (int i = 0; i < 100; ++i) {
                ::getppid();
            }
        });
        other.join();
        for (int i = 0; i < 1000; ++i) {
            ::getppid();
        }
    });
    auto const count = count_system_calls(child.pid, true, [&] { child.go(); });
    if (!count) {
        ::kill(child.pid, SIGKILL);
        child.status();
        GTEST_SKIP() << count.error();
    }
    EXPECT_GE(*count, 100);
    EXPECT_LT(*count, 150);  // what a thread does to begin and to end
    EXPECT_EQ(child.status(), 7);
}

TEST(SystemCalls, AProcessThatEndsIsSaid) {
    Child const child([] { ::_exit(3); });
    auto const count = count_system_calls(child.pid, false, [&] { child.go(); });
    EXPECT_FALSE(count);
}

}  // namespace
}  // namespace brio::bench
