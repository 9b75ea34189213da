#include <brio/base/random.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <array>
#include <random>
#include <thread>

namespace brio {

static_assert(std::uniform_random_bit_generator<Random>);

TEST(Random, SameSeedGivesSameSequence) {
    Random a(42);
    Random b(42);
    Random other(43);
    bool differs = false;
    for (int i = 0; i < 100; ++i) {
        const auto value = a();
        EXPECT_EQ(value, b());
        differs = differs || value != other();
    }
    EXPECT_TRUE(differs);
}

// The first outputs of the published splitmix64 and xoshiro256++ for seed 0, worked out from their reference
// text.
TEST(Random, FollowsTheReferenceFromItsSeed) {
    std::array<std::uint64_t, 4> s{0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f,
                                   0xf88bb8a8724c81ec};
    const auto rotate = [](std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); };
    Random random(0);
    for (int i = 0; i < 20; ++i) {
        const std::uint64_t expected = rotate(s[0] + s[3], 23) + s[0];
        const std::uint64_t t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = rotate(s[3], 45);
        EXPECT_EQ(random(), expected) << i;
    }
}

TEST(Random, BelowFillsItsRangeEvenly) {
    Random random(7);
    std::array<int, 6> counts{};
    for (int i = 0; i < 60'000; ++i) {
        const auto value = random.below(6);
        ASSERT_LT(value, 6u);
        ++counts[value];
    }
    for (const int count : counts) {
        EXPECT_NEAR(count, 10'000, 500);
    }
}

TEST(Random, UniformStaysInTheUnitInterval) {
    Random random(7);
    double sum = 0;
    for (int i = 0; i < 10'000; ++i) {
        const double value = random.uniform();
        ASSERT_GE(value, 0);
        ASSERT_LT(value, 1);
        sum += value;
    }
    EXPECT_NEAR(sum / 10'000, 0.5, 0.02);
}

TEST(Random, TwoThreadsHaveTwoSequences) {
    const auto mine = thread_random()();
    std::uint64_t others = 0;
    std::thread([&] { others = thread_random()(); }).join();
    EXPECT_NE(mine, others);
}

TEST(RandomBytes, FillsTheWholeSpan) {
    std::array<std::byte, 1000> bytes{};
    random_bytes(bytes);
    EXPECT_LT(std::count(bytes.begin(), bytes.end(), std::byte{0}), 30);
    EXPECT_TRUE(std::any_of(bytes.end() - 8, bytes.end(), [](std::byte b) { return b != std::byte{0}; }));
}

}  // namespace brio
