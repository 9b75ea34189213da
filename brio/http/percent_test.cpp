#include <brio/http/percent.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace brio::http {
namespace {

std::optional<std::string> decoded(std::string_view text, Plus plus = Plus::literal) {
    Buffer scratch;
    const auto result = percent_decode(text, plus, scratch);
    return result ? std::optional(std::string(*result)) : std::nullopt;
}

TEST(Percent, DecodesBothCasesOfHexDigits) {
    EXPECT_EQ(decoded("a%20b%c3%A9%2F"), "a b\xC3\xA9/");
    EXPECT_EQ(decoded(""), "");
    EXPECT_EQ(decoded("%2541"), "%41") << "once";
}

TEST(Percent, APlusIsASpaceOnlyWhereAsked) {
    EXPECT_EQ(decoded("a+b%2B", Plus::literal), "a+b+");
    EXPECT_EQ(decoded("a+b%2B", Plus::space), "a b+");
}

TEST(Percent, BadEscapesAndNulAreRefused) {
    for (const auto* bad : {"%", "%1", "a%", "a%4", "%g1", "%1g", "%%41", "%-1", "% 1", "%00", "a%00b"}) {
        EXPECT_EQ(decoded(bad), std::nullopt) << bad;
    }
}

TEST(Percent, PlainTextIsNotCopied) {
    Buffer scratch;
    const std::string_view plain = "plain+text";
    EXPECT_EQ(percent_decode(plain, Plus::literal, scratch)->data(), plain.data());
    EXPECT_TRUE(scratch.empty());
}

TEST(Percent, ARefusedTextLeavesTheScratchAsItWas) {
    Buffer scratch;
    scratch.append("kept");
    EXPECT_EQ(percent_decode("%41%zz", Plus::literal, scratch), std::nullopt);
    EXPECT_EQ(scratch.view(), "kept");
}

TEST(Percent, WhatIsEncodedDecodesToItself) {
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        std::string text(random() % 40, 'x');
        for (auto& c : text) {
            c = static_cast<char>(1 + random() % 255);
        }
        Buffer encoded;
        percent_encode(text, encoded);
        EXPECT_EQ(decoded(encoded.view(), Plus::space), text);
        EXPECT_EQ(encoded.view().find_first_not_of(
                      "%-._~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
                  std::string_view::npos);
    }
}

}  // namespace
}  // namespace brio::http
