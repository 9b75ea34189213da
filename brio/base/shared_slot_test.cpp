#include <brio/base/shared_memory.hpp>
#include <brio/base/shared_slot.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

namespace brio {
namespace {

struct Pair {
    std::uint64_t one = 0;
    std::uint64_t same[40] = {};
};

Pair pair_of(std::uint64_t number) {
    Pair pair{.one = number};
    std::ranges::fill(pair.same, number);
    return pair;
}

TEST(SharedSlot, AnEmptyOneGivesNothing) {
    const SharedMemory<SharedSlot<Pair>> slot;
    Pair pair;
    EXPECT_FALSE(slot->read(pair));
}

TEST(SharedSlot, WhatIsReadIsNeverHalfOfTwo) {
    SharedSlot<Pair> slot;
    constexpr std::uint64_t writes = 20'000;
    std::thread writer([&] {
        for (std::uint64_t i = 1; i <= writes; ++i) {
            slot.write(pair_of(i));
        }
    });
    Pair pair;
    for (std::uint64_t last = 0; last < writes;) {
        if (slot.read(pair)) {
            ASSERT_GE(pair.one, last);
            for (const auto each : pair.same) {
                ASSERT_EQ(each, pair.one);
            }
            last = pair.one;
        }
    }
    writer.join();
}

TEST(SharedSlot, AChildsWriteIsReadByItsParent) {
    const SharedMemory<SharedSlot<Pair>> slot;
    const auto child = ::fork();
    if (child == 0) {
        ::_exit(slot->write(pair_of(7)) ? 0 : 1);
    }
    int status = 1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    Pair pair;
    ASSERT_TRUE(slot->read(pair));
    EXPECT_EQ(pair.one, 7U);
}

}  // namespace
}  // namespace brio
