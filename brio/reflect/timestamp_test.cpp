#include <brio/reflect/timestamp.hpp>

#include <gtest/gtest.h>

#include <brio/base/random.hpp>

namespace brio {
namespace {

std::string normal(std::string_view text) {
    const auto parsed = Timestamp::parse(text);
    return parsed ? parsed->text() : parsed.error();
}

TEST(Timestamp, IsWrittenWithMicrosecondsInUtc) {
    EXPECT_EQ(Timestamp(0).text(), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(Timestamp(1'795'411'043'123'456).text(), "2026-11-23T05:17:23.123456Z");
    EXPECT_EQ(Timestamp(-1).text(), "1969-12-31T23:59:59.999999Z");
    EXPECT_EQ(Timestamp(Timestamp::least).text(), "0000-01-01T00:00:00.000000Z");
    EXPECT_EQ(Timestamp(Timestamp::most).text(), "9999-12-31T23:59:59.999999Z");
}

TEST(Timestamp, BeyondFourDigitYearsTheNearestIsWritten) {
    EXPECT_EQ(Timestamp(INT64_MAX).text(), "9999-12-31T23:59:59.999999Z");
    EXPECT_EQ(Timestamp(INT64_MIN).text(), "0000-01-01T00:00:00.000000Z");
}

TEST(Timestamp, OffsetsAreTurnedToUtc) {
    EXPECT_EQ(normal("2026-11-23T05:17:23+05:30"), "2026-11-22T23:47:23.000000Z");
    EXPECT_EQ(normal("2026-11-23T23:30:00-01:00"), "2026-11-24T00:30:00.000000Z");
    EXPECT_EQ(normal("2026-11-23T05:17:23-00:00"), "2026-11-23T05:17:23.000000Z");
    EXPECT_EQ(normal("2026-11-23t05:17:23z"), "2026-11-23T05:17:23.000000Z");
}

TEST(Timestamp, FractionsOfOneToNineDigitsAreCutToSix) {
    EXPECT_EQ(normal("2026-11-23T05:17:23.1Z"), "2026-11-23T05:17:23.100000Z");
    EXPECT_EQ(normal("2026-11-23T05:17:23.123456789Z"), "2026-11-23T05:17:23.123456Z");
    EXPECT_EQ(normal("1960-01-01T00:00:00.999999999Z"), "1960-01-01T00:00:00.999999Z");
}

TEST(Timestamp, ALeapSecondIsTheMidnightThatFollows) {
    EXPECT_EQ(normal("2016-12-31T23:59:60Z"), "2017-01-01T00:00:00.000000Z");
    EXPECT_EQ(normal("2016-12-31T15:59:60.5-08:00"), "2017-01-01T00:00:00.000000Z");
    EXPECT_EQ(normal("2016-12-31T22:59:60Z"), "must be a time like 2026-11-23T05:17:23Z");
}

TEST(Timestamp, LeapDaysFollowTheGregorianRule) {
    EXPECT_TRUE(Timestamp::parse("2024-02-29T00:00:00Z") && Timestamp::parse("2000-02-29T00:00:00Z"));
    EXPECT_FALSE(Timestamp::parse("2023-02-29T00:00:00Z") || Timestamp::parse("1900-02-29T00:00:00Z"));
}

TEST(Timestamp, EverythingElseIsRefused) {
    for (const auto text : {"",
                            "2026",
                            "2026-11-23",
                            "2026-11-23T05:17:23",
                            "2026-11-23 05:17:23Z",
                            "2026-11-23T05:17Z",
                            "2026-13-01T00:00:00Z",
                            "2026-00-01T00:00:00Z",
                            "2026-01-32T00:00:00Z",
                            "2026-01-01T24:00:00Z",
                            "2026-01-01T00:60:00Z",
                            "2026-01-01T00:00:61Z",
                            "2026-01-01T00:00:00.Z",
                            "2026-01-01T00:00:00.1234567890Z",
                            "2026-01-01T00:00:00+24:00",
                            "2026-01-01T00:00:00+01:60",
                            "2026-01-01T00:00:00+0100",
                            "2026-01-01T00:00:00Zx",
                            " 2026-01-01T00:00:00Z",
                            "+026-01-01T00:00:00Z",
                            "0000-01-01T00:00:00+00:01",
                            "9999-12-31T23:59:59-00:01"}) {
        EXPECT_FALSE(Timestamp::parse(text)) << text;
    }
}

TEST(Timestamp, EveryMomentReadsBack) {
    Random random(20261123);
    for (int i = 0; i < 20'000; ++i) {
        const auto span = static_cast<std::uint64_t>(Timestamp::most - Timestamp::least);
        const Timestamp moment(Timestamp::least + static_cast<std::int64_t>(random.below(span + 1)));
        ASSERT_EQ(*Timestamp::parse(moment.text()), moment) << moment.microseconds;
    }
}

TEST(Timestamp, ConvertsToAndFromTheWallClock) {
    const Timestamp::Time time(std::chrono::microseconds(42));
    const Timestamp moment = time;
    EXPECT_EQ(moment.microseconds, 42);
    EXPECT_EQ(static_cast<Timestamp::Time>(moment), time);
}

}  // namespace
}  // namespace brio
