#include <brio/tasks/cron.hpp>

#include <gtest/gtest.h>

namespace brio::tasks {
namespace {

Timestamp moment(std::string_view text) {
    const auto parsed = Timestamp::parse(text);
    EXPECT_TRUE(parsed) << text;
    return parsed.value_or(Timestamp());
}

/// The firings after `after`, as many as wanted, to the minute.
std::vector<std::string> firings(std::string_view expression, std::string_view zone, std::string_view after,
                                 int count) {
    const auto cron = Cron::parse(expression);
    EXPECT_TRUE(cron) << (cron ? "" : cron.error());
    const auto where = TimeZone::named(zone);
    EXPECT_TRUE(where) << zone;
    std::vector<std::string> found;
    auto at = std::optional(moment(after));
    for (int i = 0; i < count && cron && where; ++i) {
        at = cron->next(*at, *where);
        if (!at) {
            found.emplace_back("never");
            break;
        }
        found.push_back(at->text().substr(0, 16));
    }
    return found;
}
std::string next(std::string_view expression, std::string_view after, std::string_view zone = "UTC") {
    return firings(expression, zone, after, 1).at(0);
}
std::string error_of(std::string_view expression) {
    const auto cron = Cron::parse(expression);
    return cron ? "none" : cron.error();
}
using Texts = std::vector<std::string>;

TEST(Cron, FiresAtTheMinutesThatFit) {
    EXPECT_EQ(next("* * * * *", "2026-11-25T10:00:00Z"), "2026-11-25T10:01");
    EXPECT_EQ(next("* * * * *", "2026-11-25T10:00:59.999999Z"), "2026-11-25T10:01");
    EXPECT_EQ(next("0 3 * * *", "2026-11-25T03:00:00Z"), "2026-11-26T03:00");
    EXPECT_EQ(next("0 3 * * *", "2026-11-25T02:59:59Z"), "2026-11-25T03:00");
    EXPECT_EQ(next("30 4 1 1 *", "2026-11-25T00:00:00Z"), "2027-01-01T04:30");
    EXPECT_EQ(firings("*/20 9-10 * * *", "UTC", "2026-11-25T00:00:00Z", 7),
              (Texts{"2026-11-25T09:00", "2026-11-25T09:20", "2026-11-25T09:40", "2026-11-25T10:00",
                     "2026-11-25T10:20", "2026-11-25T10:40", "2026-11-26T09:00"}));
    EXPECT_EQ(firings("50/5,3,10-14/2 0 * * *", "UTC", "2026-11-25T00:00:00Z", 7),
              (Texts{"2026-11-25T00:03", "2026-11-25T00:10", "2026-11-25T00:12", "2026-11-25T00:14",
                     "2026-11-25T00:50", "2026-11-25T00:55", "2026-11-26T00:03"}));
}

TEST(Cron, KnowsNames) {
    EXPECT_EQ(next("0 0 * FEB *", "2026-11-25T00:00:00Z"), "2027-02-01T00:00");
    EXPECT_EQ(next("0 0 * * Mon", "2026-11-25T00:00:00Z"), "2026-11-30T00:00");
    EXPECT_EQ(next("0 0 * * mon-wed,FRI", "2026-11-25T00:00:00Z"), "2026-11-27T00:00");
    EXPECT_EQ(next("@hourly", "2026-11-25T10:17:00Z"), "2026-11-25T11:00");
    EXPECT_EQ(next("@daily", "2026-11-25T10:17:00Z"), "2026-11-26T00:00");
    EXPECT_EQ(next("@weekly", "2026-11-25T10:17:00Z"), "2026-11-29T00:00");
    EXPECT_EQ(next("@monthly", "2026-11-25T10:17:00Z"), "2026-12-01T00:00");
    EXPECT_EQ(next(" @Yearly ", "2026-11-25T10:17:00Z"), "2027-01-01T00:00");
}

TEST(Cron, SundayIsZeroAndSeven) {
    for (const auto* expression : {"0 0 * * 0", "0 0 * * 7", "0 0 * * sun", "0 0 * * 7-7"}) {
        EXPECT_EQ(next(expression, "2026-11-25T00:00:00Z"), "2026-11-29T00:00") << expression;
    }
    EXPECT_EQ(firings("0 0 * * sat-sun", "UTC", "2026-11-25T00:00:00Z", 3),
              (Texts{"2026-11-28T00:00", "2026-11-29T00:00", "2026-12-05T00:00"}));
    EXPECT_EQ(firings("0 0 * * 5-7", "UTC", "2026-11-25T00:00:00Z", 4),
              (Texts{"2026-11-27T00:00", "2026-11-28T00:00", "2026-11-29T00:00", "2026-12-04T00:00"}));
    EXPECT_EQ(firings("0 0 * * */6", "UTC", "2026-11-25T00:00:00Z", 2),
              (Texts{"2026-11-28T00:00", "2026-11-29T00:00"}));
}

TEST(Cron, OneOfTwoGivenFieldsOfDaysIsEnough) {
    EXPECT_EQ(firings("0 0 13 * fri", "UTC", "2026-11-08T00:00:00Z", 3),
              (Texts{"2026-11-13T00:00", "2026-11-20T00:00", "2026-11-27T00:00"}));
    EXPECT_EQ(firings("0 0 1 * mon", "UTC", "2026-11-25T00:00:00Z", 3),
              (Texts{"2026-11-30T00:00", "2026-12-01T00:00", "2026-12-07T00:00"}));
    // With a star both must fit: days 1, 11, 21, 31 that are Mondays.
    EXPECT_EQ(next("0 0 */10 * mon", "2026-11-25T00:00:00Z"), "2026-12-21T00:00");
}

TEST(Cron, DaysThatMonthsLackAreLeftOut) {
    EXPECT_EQ(firings("0 0 31 * *", "UTC", "2026-08-31T00:00:00Z", 3),
              (Texts{"2026-10-31T00:00", "2026-12-31T00:00", "2027-01-31T00:00"}));
    EXPECT_EQ(firings("0 0 29 2 *", "UTC", "2026-11-25T00:00:00Z", 2),
              (Texts{"2028-02-29T00:00", "2032-02-29T00:00"}));
    EXPECT_EQ(next("0 0 29 2 *", "2096-03-01T00:00:00Z"), "2104-02-29T00:00");
}

TEST(Cron, ErrorsSayWhatIsWrongAndWhere) {
    EXPECT_EQ(error_of("0 24 * * *"), "\"0 24 * * *\": field 2 (hour): 24 is not within 0 to 23");
    EXPECT_EQ(error_of("x * * * *"), "\"x * * * *\": field 1 (minute): \"x\" is no number");
    EXPECT_EQ(error_of("* * * foo *"), "\"* * * foo *\": field 4 (month): \"foo\" is no number and no name");
    EXPECT_EQ(error_of("*/0 * * * *"),
              "\"*/0 * * * *\": field 1 (minute): the step \"/0\" is no number within 1 to 59");
    EXPECT_EQ(error_of("0 22-4 * * *"),
              "\"0 22-4 * * *\": field 2 (hour): the range \"22-4\" ends before it begins: write it as two, "
              "\"22-23,0-4\"");
    EXPECT_EQ(error_of("1,,2 * * * *"),
              "\"1,,2 * * * *\": field 1 (minute): \"\" is no number: something is missing");
    EXPECT_EQ(error_of("0 0 30 2 *"), "\"0 0 30 2 *\": there is no such day");
    EXPECT_EQ(
        error_of("* * * *"),
        "\"* * * *\": a cron expression has 5 fields (minute, hour, day of the month, month, day of the "
        "week), not 4");
    EXPECT_NE(error_of("@reboot").find("there are @hourly"), std::string::npos);
    for (const auto* wrong : {"",
                              " ",
                              "0 0 * * * *",
                              "-1 * * * *",
                              "1- * * * *",
                              "-",
                              "0 0 0 * *",
                              "0 0 32 * *",
                              "0 0 * 0 *",
                              "0 0 * 13 *",
                              "0 0 * * 8",
                              "0 0 L * *",
                              "0 0 ? * *",
                              "0 0 * * 5#2",
                              "*/ * * * *",
                              "/5 * * * *",
                              "1-2-3 * * * *",
                              "** * * * *",
                              "+1 * * * *",
                              "99999999999 * * * *",
                              "*/99999999999 * * * *",
                              "0x1 * * * *",
                              "1.5 * * * *",
                              "\xff * * * *",
                              "60 * * * *",
                              "*-5 * * * *",
                              "1/2/3 * * * *"}) {
        EXPECT_NE(error_of(wrong), "none") << wrong;
    }
    EXPECT_NE(error_of(std::string(1000, '*')).find("at most 200"), std::string::npos);
}

TEST(Cron, GoesByTheClocksOfItsZone) {
    EXPECT_EQ(next("0 3 * * *", "2026-11-25T00:00:00Z", "Europe/Berlin"), "2026-11-25T02:00");
    EXPECT_EQ(next("0 3 * * *", "2026-07-25T00:00:00Z", "Europe/Berlin"), "2026-07-25T01:00");
    EXPECT_EQ(next("30 9 * * mon", "2026-11-25T00:00:00Z", "Asia/Kolkata"), "2026-11-30T04:00");
    EXPECT_FALSE(TimeZone::named("Mars/Olympus"));
    EXPECT_FALSE(TimeZone::named(""));
    EXPECT_FALSE(TimeZone::named("../../etc/passwd"));
}

// Berlin, 2026-03-29: at 01:00 UTC clocks go from 02:00 to 03:00.
TEST(Cron, FiresOnceAtTheEndOfWhatClocksPassOver) {
    EXPECT_EQ(firings("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3),
              (Texts{"2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"}));
    EXPECT_EQ(firings("*/15 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2),
              (Texts{"2026-03-29T01:00", "2026-03-30T00:00"}));
    EXPECT_EQ(firings("0,30 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 3),
              (Texts{"2026-03-29T01:00", "2026-03-29T01:30", "2026-03-30T00:00"}));
    EXPECT_EQ(firings("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 4),
              (Texts{"2026-03-29T00:30", "2026-03-29T01:00", "2026-03-29T01:30", "2026-03-29T02:00"}));
}

// Berlin, 2026-10-25: at 01:00 UTC clocks go from 03:00 back to 02:00.
TEST(Cron, FiresOnceWhereClocksComeTwice) {
    EXPECT_EQ(firings("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2),
              (Texts{"2026-10-25T00:30", "2026-10-26T01:30"}));
    EXPECT_EQ(next("30 2 * * *", "2026-10-25T00:45:00Z", "Europe/Berlin"), "2026-10-26T01:30");
    EXPECT_EQ(next("30 2 * * *", "2026-10-25T01:15:00Z", "Europe/Berlin"), "2026-10-26T01:30");
    EXPECT_EQ(firings("0 2,3 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 3),
              (Texts{"2026-10-25T00:00", "2026-10-25T02:00", "2026-10-26T01:00"}));
}

TEST(Cron, WhatFiresEveryHourGoesOnWhereClocksComeTwice) {
    EXPECT_EQ(firings("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:40:00Z", 6),
              (Texts{"2026-10-25T00:00", "2026-10-25T00:30", "2026-10-25T01:00", "2026-10-25T01:30",
                     "2026-10-25T02:00", "2026-10-25T02:30"}));
    EXPECT_EQ(firings("45 * * * *", "Australia/Lord_Howe", "2026-04-04T13:50:00Z", 3),
              (Texts{"2026-04-04T14:45", "2026-04-04T15:15", "2026-04-04T16:15"}));
}

// From every minute on, the next firing is the next minute or what the next minute calls next.
TEST(Cron, NoFiringIsPassedOverWhateverItIsAskedFrom) {
    for (const auto* zone_name : {"UTC", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe"}) {
        const auto zone = *TimeZone::named(zone_name);
        for (const auto* expression : {"*/7 * * * *", "13 */5 * * *", "30 1 * * *", "0 0 * * *"}) {
            const auto cron = *Cron::parse(expression);
            for (const auto* day : {"2026-03-07T00:00:00Z", "2026-03-28T00:00:00Z", "2026-04-04T00:00:00Z",
                                    "2026-10-03T00:00:00Z", "2026-10-24T00:00:00Z", "2026-10-31T00:00:00Z"}) {
                Timestamp at(moment(day).microseconds + 2 * 24 * 60 * 60'000'000LL);
                auto later = *cron.next(at, zone);
                for (int minute = 0; minute < 2 * 24 * 60; ++minute) {
                    const auto next_minute = at;
                    at = Timestamp(at.microseconds - 60'000'000);
                    const auto found = *cron.next(at, zone);
                    ASSERT_EQ(found, found == next_minute ? next_minute : later)
                        << expression << " " << zone_name << " " << at.text();
                    later = found;
                }
            }
        }
    }
}

}  // namespace
}  // namespace brio::tasks
