#include <brio/bench/system_calls.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <iterator>
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

// For the calling thread, as in a sandbox that knows ptrace() in part.
bool forbid_telling_calls() {
    sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PTRACE_GET_SYSCALL_INFO, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EIO),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    sock_fprog const program{.len = std::size(rules), .filter = rules};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST(SystemCalls, WhereTheyCannotBeToldApartTheChildGoesOn) {
    Child const child([] { mark_begin(); });
    std::expected<std::uint64_t, std::string> count;
    bool is_told = false;
    std::thread([&] {
        if (forbid_telling_calls()) {
            count = count_system_calls(child.pid, false, [&] {
                child.go();
                is_told = true;
            });
        }
    }).join();
    if (!is_told) {
        child.go();
    }
    EXPECT_EQ(child.status(), 7);
    if (!is_told) {
        GTEST_SKIP() << "neither ptrace() nor seccomp() is to be had";
    }
    EXPECT_THAT(count.error(), testing::StartsWith("ptrace"));
}

TEST(SystemCalls, AProcessThatEndsIsSaid) {
    Child const child([] { ::_exit(3); });
    auto const count = count_system_calls(child.pid, false, [&] { child.go(); });
    EXPECT_FALSE(count);
}

}  // namespace
}  // namespace brio::bench
