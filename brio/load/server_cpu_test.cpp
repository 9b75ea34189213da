#include <brio/load/server_cpu.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include <brio/runtime/socket.hpp>

namespace brio::load {
namespace {

TEST(LoadServerCpu, ProcessThatListensIsFound) {
    auto const listener = runtime::listen_on({"127.0.0.1", 0});
    auto const found = processes_listening_on(runtime::port_of(listener));
    EXPECT_NE(std::ranges::find(found, ::getpid()), found.end());
    EXPECT_GT(cpu_time_of(found), std::chrono::nanoseconds(0));
}

// What listens on the same port here has nothing to do with a server elsewhere.
TEST(LoadServerCpu, AddressElsewhereIsNotOfThisMachine) {
    EXPECT_TRUE(is_of_this_machine(runtime::numeric_endpoint("127.0.0.1", 80)->front()));
    EXPECT_FALSE(is_of_this_machine(runtime::numeric_endpoint("192.0.2.1", 80)->front()));
    EXPECT_FALSE(is_of_this_machine(runtime::numeric_endpoint("2001:db8::1", 80)->front()));
}

}  // namespace
}  // namespace brio::load
