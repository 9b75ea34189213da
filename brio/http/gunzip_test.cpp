#include <brio/http/gunzip.hpp>

#include <brio/http/codings_harness.hpp>
#include <brio/http/compressor.hpp>

#include <gtest/gtest.h>

#include <limits>

namespace brio::http {
namespace {

std::string gzipped(std::string_view body) {
    Buffer out;
    compress_now(out, body, Coding::gzip, Effort::usual);
    return std::string(out.view());
}

struct Read {
    Gunzipped result;
    std::string text;
};
Read read(std::string_view coded, const GunzipLimits& limits = {.size = 16 << 20}) {
    Buffer out;
    auto const result = gunzip(out, coded, limits);
    return {result, std::string(out.view())};
}

TEST(Gunzip, BringsBackWhatWasCompressed) {
    for (auto const size : {0U, 1U, 4096U, 300'000U}) {
        auto const text = test::json_of_size(size);
        auto const [result, out] = read(gzipped(text));
        EXPECT_EQ(result, Gunzipped::whole);
        EXPECT_EQ(out, text);
    }
    EXPECT_EQ(read(gzipped("")).text, "");
}

TEST(Gunzip, MembersFollowEachOther) {
    auto const [result, out] = read(gzipped("one ") + gzipped("") + gzipped("two"));
    EXPECT_EQ(result, Gunzipped::whole);
    EXPECT_EQ(out, "one two");
}

TEST(Gunzip, WhatEndsEarlyIsCorruptWhereverItEnds) {
    auto const coded = gzipped(test::json_of_size(3000));
    for (std::size_t size = 0; size < coded.size(); ++size) {
        EXPECT_EQ(read(std::string_view(coded).substr(0, size)).result, Gunzipped::corrupt) << size;
    }
}

TEST(Gunzip, AChangedByteIsSeen) {
    auto const coded = gzipped(test::json_of_size(3000));
    for (std::size_t at = 0; at < coded.size(); ++at) {
        if ((at > 2 && at < 10) || at == coded.size() - 9) {
            continue;  // flags, time and system of the header, the bits that fill the last byte
        }
        auto changed = coded;
        changed[at] = static_cast<char>(changed[at] ^ 0x10);
        EXPECT_NE(read(changed).result, Gunzipped::whole) << at;
    }
}

TEST(Gunzip, UnknownFlagsAreRefusedInEveryMember) {
    auto odd = gzipped("two");
    odd[3] = static_cast<char>(0x80);
    EXPECT_EQ(read(odd).result, Gunzipped::corrupt);
    EXPECT_EQ(read(gzipped("one") + odd).result, Gunzipped::corrupt);
}

TEST(Gunzip, OtherBytesBehindItAreCorrupt) {
    EXPECT_EQ(read(gzipped("one") + "two").result, Gunzipped::corrupt);
    EXPECT_EQ(read("this is no gzip at all").result, Gunzipped::corrupt);
}

TEST(Gunzip, TheSizeIsExact) {
    auto const text = test::json_of_size(200'000);
    auto const coded = gzipped(text);
    EXPECT_EQ(read(coded, {.size = text.size()}).result, Gunzipped::whole);
    EXPECT_EQ(read(coded, {.size = text.size() - 1}).result, Gunzipped::too_large);
    EXPECT_EQ(read(gzipped("a"), {.size = 0}).result, Gunzipped::too_large);
    EXPECT_EQ(read(gzipped(""), {.size = 0}).result, Gunzipped::whole);
}

TEST(Gunzip, ABombIsGivenUpEarly) {
    auto const bomb = gzipped(std::string(8 << 20, '\0'));
    auto const [result, out] = read(bomb, {.size = 1 << 30});
    EXPECT_EQ(result, Gunzipped::too_large);
    EXPECT_LE(out.size(), 256U * 1024);
    EXPECT_EQ(read(gzipped(std::string(64 << 10, '\0'))).result, Gunzipped::whole);  // small: no bomb
}

TEST(Gunzip, LimitsMayBeAsLowAndAsHighAsNumbersAre) {
    constexpr auto highest = std::numeric_limits<std::uint64_t>::max();
    auto const coded = gzipped(test::json_of_size(100'000));
    EXPECT_EQ(read(coded, {.size = highest, .ratio = highest}).result, Gunzipped::whole);
    EXPECT_EQ(read(coded, {.size = highest, .ratio = 0}).result, Gunzipped::too_large);
    EXPECT_EQ(read(gzipped(test::json_of_size(1000)), {.ratio = 0}).result, Gunzipped::whole);
}

}  // namespace
}  // namespace brio::http
