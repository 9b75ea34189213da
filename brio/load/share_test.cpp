#include <brio/load/share.hpp>

#include <gtest/gtest.h>

namespace brio::load {
namespace {

TEST(LoadShare, PartsDifferByOneAndAreTheWholeTogether) {
    for (std::size_t whole = 0; whole < 40; ++whole) {
        for (std::size_t of = 1; of < 9; ++of) {
            std::size_t sum = 0;
            for (std::size_t number = 0; number < of; ++number) {
                auto const mine = part(whole, {.number = number, .of = of});
                EXPECT_GE(mine, whole / of);
                EXPECT_LE(mine, whole / of + 1);
                sum += mine;
            }
            EXPECT_EQ(sum, whole) << of;
        }
    }
}

// As engines do: each of several generators has several threads.
TEST(LoadShare, PartsOfPartsAreTheWholeTogether) {
    std::size_t sum = 0;
    for (std::size_t thread = 0; thread < 3 * 4; ++thread) {
        sum += part(1'003, {.number = thread, .of = 3 * 4});
    }
    EXPECT_EQ(sum, 1'003U);
}

}  // namespace
}  // namespace brio::load
