#include <brio/http/compressor.hpp>

#include <brio/http/codings_harness.hpp>

#include <gtest/gtest.h>

#include <random>

namespace brio::http {
namespace {

std::string noise(std::size_t size) {
    std::mt19937 random(7);
    std::string bytes(size, '\0');
    for (auto& byte : bytes) {
        byte = static_cast<char>(random());
    }
    return bytes;
}

constexpr auto encodings = {Coding::gzip, Coding::zstd, Coding::br};

TEST(Compressor, WhatIsCompressedNowComesBackWhole) {
    for (auto const size : {0U, 1U, 999U, 4096U, 65'536U, 1U << 20U}) {
        for (auto const& body : {test::json_of_size(size), noise(size), std::string(size, 'a')}) {
            for (auto const coding : encodings) {
                for (auto const effort : {Effort::quick, Effort::usual}) {
                    Buffer out;
                    out.append("before");
                    compress_now(out, body, coding, effort);
                    EXPECT_EQ(test::decoded(coding, out.view().substr(6)), body)
                        << name_of(coding) << " of " << size;
                }
            }
        }
    }
}

TEST(Compressor, WhatIsKeptComesBackWholeAndIsSmaller) {
    auto const body = test::json_of_size(65'536);
    Buffer now;
    compress_now(now, body, Coding::gzip, Effort::usual);
    for (auto const coding : encodings) {
        auto const made = compress_well(body, coding);
        ASSERT_TRUE(made) << name_of(coding);
        EXPECT_EQ(test::decoded(coding, *made), body);
        EXPECT_LT(made->size(), now.size());
    }
}

TEST(Compressor, WhatDoesNotGetSmallerIsNotKept) {
    for (auto const coding : encodings) {
        EXPECT_FALSE(compress_well(noise(5000), coding)) << name_of(coding);
        EXPECT_FALSE(compress_well("", coding)) << name_of(coding);
    }
}

TEST(Compressor, EveryPieceOfAStreamCanBeReadAtOnce) {
    GzipStream stream;
    Buffer out;
    std::string whole;
    for (int i = 0; i < 50; ++i) {
        auto const piece = i % 2 == 0 ? test::json_of_size(static_cast<std::size_t>(i) * 400) : noise(77);
        stream.write(out, piece);
        whole += piece;
        // RFC 1951 §3.2.4: an empty stored block brings what came before to a byte's end.
        EXPECT_EQ(out.view().substr(out.size() - 4), std::string_view("\0\0\xff\xff", 4)) << "piece " << i;
    }
    stream.finish(out);
    EXPECT_EQ(test::gunzipped(out.view()), whole);
}

}  // namespace
}  // namespace brio::http
