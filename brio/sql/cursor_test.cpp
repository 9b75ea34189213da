#include <gtest/gtest.h>

#include <brio/base/random.hpp>
#include <brio/sql/cursor.hpp>

namespace brio::sql {
namespace {

CursorKey counting_key() {
    CursorKey key;
    for (std::size_t i = 0; i < key.size(); ++i) {
        key[i] = static_cast<std::byte>(i);
    }
    return key;
}

Values place() {
    Values values;
    values.add_bytes("a text");
    values.add_real(-1.5);
    values.add_integer(INT64_MIN);
    return values;
}

}  // namespace

// The vectors of the paper's appendix A and of its reference implementation: bytes 00, 01, … under the key 00
// … 0f.
TEST(SipHash, AgreesWithItsPaper) {
    std::string bytes;
    for (char i = 0; i < 15; ++i) {
        bytes += i;
    }
    EXPECT_EQ(siphash(counting_key(), bytes), 0xa129ca6149be45e5u);
    EXPECT_EQ(siphash(counting_key(), ""), 0x726fdb47dd0e0e31u);
    EXPECT_EQ(siphash(counting_key(), bytes.substr(0, 8)), 0x93f5f5799a932462u);
}

TEST(Cursor, OpensToWhatWasSealed) {
    const auto opened =
        open_cursor(counting_key(), "context", seal_cursor(counting_key(), "context", place()));
    ASSERT_TRUE(opened);
    ASSERT_EQ(opened->size(), 3u);
    EXPECT_EQ((*opened)[0].bytes, "a text");
    EXPECT_EQ((*opened)[1].real, -1.5);
    EXPECT_EQ((*opened)[2].integer, INT64_MIN);
}

TEST(Cursor, NoChangeOfOneCharacterOpens) {
    const std::string sealed = seal_cursor(counting_key(), "context", place());
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        for (const char c : {'A', 'z', '-', '=', '\0'}) {
            std::string changed = sealed;
            changed[i] = c;
            EXPECT_EQ(open_cursor(counting_key(), "context", changed).has_value(), c == sealed[i]) << i << c;
        }
        EXPECT_FALSE(open_cursor(counting_key(), "context", sealed.substr(0, i)));
    }
    EXPECT_FALSE(open_cursor(counting_key(), "context", sealed + "A"));
}

TEST(Cursor, OpensOnlyUnderItsKeyAndContext) {
    const std::string sealed = seal_cursor(counting_key(), "context", place());
    EXPECT_FALSE(open_cursor(CursorKey{}, "context", sealed));
    EXPECT_FALSE(open_cursor(counting_key(), "other", sealed));
}

TEST(Cursor, ArbitraryTextDoesNotOpen) {
    Random random(20261123);
    for (int i = 0; i < 2000; ++i) {
        std::string text;
        for (std::uint64_t n = random.below(60); n > 0; --n) {
            text += static_cast<char>(random.below(256));
        }
        EXPECT_FALSE(open_cursor(counting_key(), "context", text));
    }
}

}  // namespace brio::sql
