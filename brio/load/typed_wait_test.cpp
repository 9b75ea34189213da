#include <brio/load/typed_wait.hpp>

#include <gtest/gtest.h>

namespace brio::load {
namespace {

using namespace std::chrono_literals;

TEST(TypedWait, IsOneTimeOrTwoInOrder) {
    EXPECT_EQ(parse_wait("1s..3s")->least(), 1s);
    EXPECT_EQ(parse_wait("1s..3s")->longest(), 3s);
    EXPECT_EQ(parse_wait("20ms")->longest(), 20ms);
    EXPECT_EQ(parse_wait("3s..1s").error(),
              "\"3s..1s\" ends before it begins: the shorter time stands first");
    EXPECT_FALSE(parse_wait("1s.."));
    EXPECT_FALSE(parse_wait("..1s"));
}

}  // namespace
}  // namespace brio::load
