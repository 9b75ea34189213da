#include <brio/http/request_id.hpp>

#include <gtest/gtest.h>

#include <string>

namespace brio::http {
namespace {

TEST(RequestId, TakesTokensOfUpTo128Characters) {
    EXPECT_TRUE(is_valid_request_id("a"));
    EXPECT_TRUE(is_valid_request_id("0b0f6e1c-6a3d-4c9e-9d3a-1f2e3d4c5b6a"));
    EXPECT_TRUE(is_valid_request_id(std::string(128, 'x')));
    EXPECT_FALSE(is_valid_request_id(std::string(129, 'x')));
}

TEST(RequestId, RefusesWhatWouldHarmALogOrAHeader) {
    for (const auto* bad :
         {"", " ", "a b", "a\tb", "a\"b", "a\nb", "a\x1b[31m", "a,b", "a=b", "<a>", "\xC3\xA9"}) {
        EXPECT_FALSE(is_valid_request_id(bad)) << bad;
    }
    EXPECT_FALSE(is_valid_request_id(std::string_view("a\0b", 3)));
}

TEST(RequestId, AGeneratedOneIsTheTwoNumbersInHexAndValid) {
    const auto id = generate_request_id(0x0123456789abcdef, 0xfedcba9876543210);
    const std::string_view text(id.data(), id.size());
    EXPECT_EQ(text, "0123456789abcdeffedcba9876543210");
    EXPECT_TRUE(is_valid_request_id(text));
}

}  // namespace
}  // namespace brio::http
