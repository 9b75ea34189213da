#include <brio/base/terminal_text.hpp>

#include <gtest/gtest.h>

namespace brio {
namespace {

TEST(WithoutControls, HasASpaceForEach) {
    EXPECT_EQ(without_controls("a\x1b[2J\r\n\tb\x7f"), "a [2J   b ");
    EXPECT_EQ(without_controls("\xc2\x9b\x31m \xc2\xa0\xc3\x9b \xc2"), " 1m \xc2\xa0\xc3\x9b \xc2");
}

}  // namespace
}  // namespace brio
