#include <unordered_set>

#include <gtest/gtest.h>

#include <brio/reflect/bytes.hpp>
#include <brio/reflect/date.hpp>
#include <brio/reflect/id.hpp>
#include <brio/reflect/uuid.hpp>
#include <brio/reflect/version.hpp>

namespace brio {
namespace {

struct User {};
struct Resource {};

TEST(Id, OfAnotherTableIsAnotherType) {
    static_assert(!std::is_convertible_v<Id<User>, Id<Resource>> &&
                  !std::is_constructible_v<Id<User>, Id<Resource>>);
    static_assert(!std::is_convertible_v<int, Id<User>> && !std::is_convertible_v<Id<User>, std::int64_t>);
    EXPECT_LT(Id<User>(1), Id<User>(2));
    EXPECT_EQ((std::unordered_set<Id<User>>{Id<User>(1), Id<User>(1)}.size()), 1U);
}

TEST(Date, ReadsAndWritesTheCalendar) {
    EXPECT_EQ(Date::parse("1970-01-02")->days, 1);
    EXPECT_EQ(Date::parse("2024-02-29")->text(), "2024-02-29");
    EXPECT_EQ(Date::parse("0000-01-01")->text(), "0000-01-01");
    EXPECT_EQ(Date::parse("9999-12-31")->text(), "9999-12-31");
    EXPECT_EQ(Date(INT32_MAX).text(), "9999-12-31");
    EXPECT_EQ(Date(INT32_MIN).text(), "0000-01-01");
}

TEST(Date, RefusesDaysThatAreNone) {
    for (const auto text : {"", "2023-02-29", "2023-13-01", "2023-1-01", "2023-01-01T", "20230101",
                            "2023-04-31", "-001-01-01"}) {
        EXPECT_EQ(Date::parse(text).error(), "must be a date like 2026-11-23") << text;
    }
}

TEST(Uuid, ReadsEitherCaseAndWritesLower) {
    EXPECT_EQ(Uuid::parse("0192F3A4-5B6C-7D8E-9F01-23456789ABCD")->text(),
              "0192f3a4-5b6c-7d8e-9f01-23456789abcd");
    EXPECT_EQ(Uuid().text(), "00000000-0000-0000-0000-000000000000");
}

TEST(Uuid, RefusesOtherForms) {
    for (const auto text : {"", "0192f3a4-5b6c-7d8e-9f01-23456789abc",
                            "0192f3a4-5b6c-7d8e-9f01-23456789abcde", "0192f3a45b6c7d8e9f0123456789abcd0000",
                            "g192f3a4-5b6c-7d8e-9f01-23456789abcd", "{192f3a4-5b6c-7d8e-9f01-23456789abcd",
                            "0192f3a4-5b6c-7d8e-9f01-23456789ab-d", "0192f3a4x5b6c-7d8e-9f01-23456789abcd"}) {
        EXPECT_FALSE(Uuid::parse(text)) << text;
    }
}

TEST(Uuid, Version7HoldsItsMillisecondsAndSortsByThem) {
    Random random(7);
    const auto earlier =
        Uuid::v7(Timestamp(1'645'557'742'000'000), random);  // the example of RFC 9562, appendix A.6
    const auto later = Uuid::v7(Timestamp(1'645'557'742'001'000), random);
    EXPECT_EQ(earlier.text().substr(0, 15), "017f22e2-79b0-7");
    EXPECT_EQ(earlier.bytes[8] & 0xC0, 0x80);
    EXPECT_LT(earlier, later);
    EXPECT_NE(Uuid::v7(Timestamp(0), random), Uuid::v7(Timestamp(0), random));
}

TEST(Bytes, FollowTheVectorsOfRfc4648) {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [data, text] : vectors) {
        EXPECT_EQ(Bytes(data).text(), text);
        EXPECT_EQ(Bytes::parse(text)->value, data);
    }
}

TEST(Bytes, EveryByteReadsBackAtEveryLength) {
    std::string data;
    for (int i = 0; i < 256; ++i) {
        data.push_back(static_cast<char>(255 - i));
        ASSERT_EQ(Bytes::parse(Bytes(data).text())->value, data);
    }
}

TEST(Bytes, RefuseWrongPaddingForeignCharactersAndBitsLeftOver) {
    for (const auto text :
         {"Z", "Zg", "Zg=", "Zg===", "=Zg=", "Z=g=", "====", "Zh==", "Zm9=", "Zm9v\n", "Zm-_", "Zg==Zg=="}) {
        EXPECT_FALSE(Bytes::parse(text)) << text;
    }
}

}  // namespace
}  // namespace brio
