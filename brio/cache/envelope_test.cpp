// Envelopes: what comes from outside is believed only when it is exactly what was put there (T-C6).
#include <gtest/gtest.h>

#include <brio/base/random.hpp>
#include <brio/cache/envelope.hpp>

namespace brio::cache {

namespace {

using namespace std::chrono_literals;

constexpr Expected expected{.type = 7, .key = "the key"};

Envelope an_envelope() {
    return {.type = 7,
            .key = "the key",
            .made = WallTime(123456us),
            .fresh = 60s,
            .stale = 5s,
            .rebuild = 3ms,
            .statements = 2,
            .stamp = 99,
            .tables = {"resources", "users"},
            .tags = {"home"},
            .payload = std::string_view("pay\0load", 8)};
}

Refusal refusal_of(std::string_view bytes, const Expected& wanted = expected) {
    const auto opened = open(bytes, wanted);
    EXPECT_FALSE(opened.has_value());
    return opened ? Refusal{} : opened.error();
}

TEST(Envelope, GivesBackWhatWasSealed) {
    const std::string bytes = seal(an_envelope());
    const auto opened = open(bytes, expected);
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(opened->made, WallTime(123456us));
    EXPECT_EQ(opened->fresh, 60s);
    EXPECT_EQ(opened->stale, 5s);
    EXPECT_EQ(opened->rebuild, 3ms);
    EXPECT_EQ(opened->statements, 2);
    EXPECT_EQ(opened->stamp, 99);
    EXPECT_EQ(opened->tables, (std::vector<std::string_view>{"resources", "users"}));
    EXPECT_EQ(opened->tags, (std::vector<std::string_view>{"home"}));
    EXPECT_EQ(opened->payload, std::string_view("pay\0load", 8));
}

TEST(Envelope, AnotherTypeOrKeyIsRefused) {
    const std::string bytes = seal(an_envelope());
    EXPECT_EQ(refusal_of(bytes, {.type = 8, .key = "the key"}), Refusal::type);
    EXPECT_EQ(refusal_of(bytes, {.type = 7, .key = "the ke"}), Refusal::key);
}

TEST(Envelope, WhatOthersWriteIsRefused) {
    EXPECT_EQ(refusal_of("{\"id\":1}"), Refusal::magic);
    EXPECT_EQ(refusal_of(std::string_view("\x80\x04\x95\x1e\0\0\0\0\0\0\0}\x94", 13)), Refusal::magic)
        << "a pickle";
    EXPECT_EQ(refusal_of("\x80\x04"
                         "cos\nsystem\n(S'true'\ntR."),
              Refusal::magic)
        << "a pickle that runs";
    EXPECT_EQ(refusal_of("\x1f\x8b\x08"), Refusal::magic);
    EXPECT_EQ(refusal_of(""), Refusal::truncated);
    std::string older = seal(an_envelope());
    older[8] = 0;
    EXPECT_EQ(refusal_of(older), Refusal::format);
}

TEST(Envelope, WhatIsCutOffOrLengthenedIsRefused) {
    const std::string bytes = seal(an_envelope());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_EQ(refusal_of(std::string_view(bytes).substr(0, size)), Refusal::truncated) << size;
    }
    EXPECT_EQ(refusal_of(bytes + "x"), Refusal::malformed);
}

TEST(Envelope, EveryChangedBitIsFound) {
    const std::string bytes = seal(an_envelope());
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::string changed = bytes;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
        EXPECT_FALSE(open(changed, expected).has_value()) << bit;
    }
}

TEST(Envelope, ATimeThatNothingCountsIsRefused) {
    for (const std::int64_t made :
         {INT64_MIN, INT64_MIN / 1000 - 1, std::int64_t{-1}, INT64_MAX / 1000 + 1, INT64_MAX}) {
        Envelope envelope = an_envelope();
        envelope.made = WallTime(std::chrono::microseconds(made));
        EXPECT_EQ(refusal_of(seal(envelope)), Refusal::malformed) << made;
    }
    Envelope last = an_envelope();
    last.made = WallTime(std::chrono::microseconds(INT64_MAX / 1000));
    EXPECT_TRUE(open(seal(last), expected).has_value());
}

TEST(Envelope, GarbageIsRefused) {
    Random random(1);
    for (int i = 0; i < 10'000; ++i) {
        std::string bytes = random.below(2) == 0 ? "" : seal(an_envelope()).substr(0, random.below(40));
        for (auto n = random.below(200); n > 0; --n) {
            bytes.push_back(static_cast<char>(random.below(256)));
        }
        EXPECT_FALSE(open(bytes, expected).has_value());
    }
}

}  // namespace

}  // namespace brio::cache
