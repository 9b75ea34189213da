#include <brio/base/byte_text.hpp>

#include <gtest/gtest.h>

namespace brio {
namespace {

TEST(BytesText, HasTheUnitThatReadsBest) {
    EXPECT_EQ(bytes_text(0), "0 B");
    EXPECT_EQ(bytes_text(999), "999 B");
    EXPECT_EQ(bytes_text(1000), "1 kB");
    EXPECT_EQ(bytes_text(1536), "1.5 kB");
    EXPECT_EQ(bytes_text(999'999), "1 MB");
    EXPECT_EQ(bytes_text(12'345'678), "12 MB");
    EXPECT_EQ(bytes_text(8'400'000'000), "8.4 GB");
}

}  // namespace
}  // namespace brio
