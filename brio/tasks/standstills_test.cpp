#include <brio/tasks/standstills.hpp>

#include <gtest/gtest.h>

namespace brio::tasks {
namespace {

using namespace std::chrono_literals;

TEST(Standstills, AreCountedFromTheFirstLook) {
    Standstills watch;
    EXPECT_EQ(watch.of("a", 5, 100s), 0s);
    EXPECT_EQ(watch.of("a", 5, 103s), 3s);
    EXPECT_EQ(watch.of("a", 5, 110s), 10s);
    EXPECT_EQ(watch.of("b", 5, 110s), 0s);
}

TEST(Standstills, EndWhenTheCounterMoves) {
    Standstills watch;
    watch.of("a", 5, 100s);
    EXPECT_EQ(watch.of("a", 6, 103s), 0s);
    EXPECT_EQ(watch.of("a", 6, 104s), 1s);
    EXPECT_EQ(watch.of("a", 5, 105s), 0s) << "any move is one";
}

TEST(Standstills, AWatcherThatWasStoppedHasSeenLittle) {
    Standstills watch;
    watch.of("a", 5, 100s, 3s);
    EXPECT_EQ(watch.of("a", 5, 102s, 3s), 2s);
    EXPECT_EQ(watch.of("a", 5, 900s, 3s), 5s);
}

TEST(Standstills, ForgetThoseThatAreGone) {
    Standstills watch;
    watch.of("a", 5, 100s);
    watch.of("b", 5, 110s);
    watch.forget_before(105s);
    EXPECT_EQ(watch.size(), 1u);
    EXPECT_EQ(watch.of("a", 5, 120s), 0s);
    EXPECT_EQ(watch.of("b", 5, 120s), 10s);
}

}  // namespace
}  // namespace brio::tasks
