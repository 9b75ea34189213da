#include <brio/load/server_cpu.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <thread>

#include <brio/runtime/socket.hpp>

namespace brio::load {
namespace {

TEST(LoadServerCpu, ProcessThatListensIsFound) {
    auto const listener = runtime::listen_on({"127.0.0.1", 0});
    auto const found = processes_listening_on(runtime::port_of(listener));
    EXPECT_NE(std::ranges::find(found, ::getpid()), found.end());
    EXPECT_GT(cpu_time_of(found), std::chrono::nanoseconds(0));
}

TEST(LoadServerCpu, ThreadThatHasEndedIsCounted) {
    pid_t const own[] = {::getpid()};
    auto const before = cpu_time_of(own);
    std::thread([] {
        timespec used{};
        while (used.tv_sec == 0 && used.tv_nsec < 50'000'000) {
            ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
        }
    }).join();
    ASSERT_TRUE(before.has_value());
    EXPECT_GE(cpu_time_of(own).value() - *before, std::chrono::milliseconds(50));
}

TEST(LoadServerCpu, ProcessThatHasEndedIsNotKnown) {
    auto const child = ::fork();
    if (child == 0) {
        ::_exit(0);
    }
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    pid_t const both[] = {::getpid(), child};
    EXPECT_EQ(cpu_time_of(both), std::nullopt);
    EXPECT_EQ(cpu_time_of({}), std::nullopt);
}

// What listens on the same port here has nothing to do with a server elsewhere.
TEST(LoadServerCpu, AddressElsewhereIsNotOfThisMachine) {
    EXPECT_TRUE(is_of_this_machine(runtime::numeric_endpoint("127.0.0.1", 80)->front()));
    EXPECT_FALSE(is_of_this_machine(runtime::numeric_endpoint("192.0.2.1", 80)->front()));
    EXPECT_FALSE(is_of_this_machine(runtime::numeric_endpoint("2001:db8::1", 80)->front()));
}

}  // namespace
}  // namespace brio::load
