#include <brio/http/jwt_base64url.hpp>

#include <gtest/gtest.h>

namespace brio::http::jwt {
namespace {

TEST(Base64Url, WritesEveryLengthWithoutPadding) {
    EXPECT_EQ(encode_base64url(""), "");
    EXPECT_EQ(encode_base64url("f"), "Zg");
    EXPECT_EQ(encode_base64url("fo"), "Zm8");
    EXPECT_EQ(encode_base64url("foo"), "Zm9v");
    EXPECT_EQ(encode_base64url("\xfb\xff"), "-_8");
}

TEST(Base64Url, ReadsWhatItWrites) {
    std::string bytes;
    for (int c = 0; c < 256; ++c) {
        bytes.push_back(static_cast<char>(c));
        EXPECT_EQ(decode_base64url(encode_base64url(bytes)), bytes);
    }
}

TEST(Base64Url, RefusesPaddingSpacesAndTheOtherAlphabet) {
    for (const auto* text : {"Zg==", "Zm8=", "Zm 8", "Zm8\n", "+/8", "Zm9v.", "Zm9\x80"}) {
        EXPECT_FALSE(decode_base64url(text)) << text;
    }
}

TEST(Base64Url, RefusesLengthsThatNoBytesHave) {
    EXPECT_FALSE(decode_base64url("Z"));
    EXPECT_FALSE(decode_base64url("Zm9vY"));
}

TEST(Base64Url, RefusesBitsLeftOver) {
    EXPECT_EQ(decode_base64url("Zg"), "f");
    EXPECT_FALSE(decode_base64url("Zh"));
    EXPECT_FALSE(decode_base64url("Zm9"));
}

}  // namespace
}  // namespace brio::http::jwt
