#include <brio/tasks/schedule.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace brio::tasks {
namespace {

using namespace std::chrono_literals;

struct Tidy {
    int days = 7;
    static constexpr Policy policy{.name = "tidy"};
};

Timestamp moment(std::string_view text) { return Timestamp::parse(text).value(); }
std::vector<std::string> texts(const std::vector<Timestamp>& ticks) {
    std::vector<std::string> all;
    for (const Timestamp tick : ticks) {
        all.push_back(tick.text().substr(0, 19));
    }
    return all;
}
using Texts = std::vector<std::string>;

const When hourly = CronTimes{Cron::parse("@hourly").value(), TimeZone()};

ScheduleEntry entry_of(When when, EntryOptions options) {
    return {.name = "entry", .when = std::move(when), .task = "tidy", .message = {}, .options = options};
}

TEST(Schedule, IntervalsCountFromTheEpoch) {
    EXPECT_EQ(next_tick(Interval{30s}, moment("2026-11-25T10:00:00Z"))->text(),
              "2026-11-25T10:00:30.000000Z");
    EXPECT_EQ(next_tick(Interval{30s}, moment("2026-11-25T10:00:29.999999Z"))->text(),
              "2026-11-25T10:00:30.000000Z");
    EXPECT_EQ(next_tick(Interval{7s}, Timestamp(-1))->microseconds, 0);
    EXPECT_EQ(next_tick(Interval{7s}, Timestamp(-7'000'001))->microseconds, -7'000'000);
}

TEST(Schedule, TheLastTicksAreFoundHoweverManyThereWere) {
    EXPECT_EQ(
        texts(last_ticks(Interval{1s}, moment("1970-01-01T00:00:00Z"), moment("2026-11-25T10:00:00Z"), 3)),
        (Texts{"2026-11-25T09:59:58", "2026-11-25T09:59:59", "2026-11-25T10:00:00"}));
    EXPECT_EQ(texts(last_ticks(hourly, moment("2026-11-25T07:00:00Z"), moment("2026-11-25T09:59:59Z"), 10)),
              (Texts{"2026-11-25T08:00:00", "2026-11-25T09:00:00"}));
    const When yearly = CronTimes{Cron::parse("@yearly").value(), TimeZone()};
    EXPECT_EQ(texts(last_ticks(yearly, moment("1970-01-01T00:00:00Z"), moment("2026-11-25T10:00:00Z"), 1)),
              (Texts{"2026-01-01T00:00:00"}));
    EXPECT_TRUE(
        last_ticks(hourly, moment("2026-11-25T09:00:00Z"), moment("2026-11-25T09:59:59Z"), 5).empty());
    EXPECT_TRUE(
        last_ticks(hourly, moment("2026-11-25T09:00:00Z"), moment("2026-11-25T08:00:00Z"), 5).empty());
}

TEST(Schedule, MissedTicksFireAsTheEntrySays) {
    const auto since = moment("2026-11-25T07:00:00Z");
    const auto now = moment("2026-11-25T10:30:00Z");
    const auto once = due_ticks(entry_of(hourly, {.catch_up = CatchUp::once}), since, now);
    EXPECT_EQ(texts(once.fire), (Texts{"2026-11-25T10:00:00"}));
    const auto all = due_ticks(entry_of(hourly, {.catch_up = CatchUp::all, .most = 2}), since, now);
    EXPECT_EQ(texts(all.fire), (Texts{"2026-11-25T09:00:00", "2026-11-25T10:00:00"}));
    const auto skip = due_ticks(entry_of(hourly, {.catch_up = CatchUp::skip}), since, now);
    EXPECT_TRUE(skip.fire.empty());
    for (const Due& each : {once, all, skip}) {
        EXPECT_EQ(each.done_until, moment("2026-11-25T10:00:00Z"));
    }
    const auto in_time = due_ticks(entry_of(hourly, {.catch_up = CatchUp::skip, .late = 30min}), since, now);
    EXPECT_EQ(texts(in_time.fire), (Texts{"2026-11-25T10:00:00"}));
    EXPECT_FALSE(due_ticks(entry_of(hourly, {}), now, now).done_until);
}

TEST(Schedule, ATicksIdFollowsFromTheTick) {
    EXPECT_EQ(id_of_tick(entry_of(hourly, {}), moment("2026-11-25T03:00:00Z")), "entry:2026-11-25T03:00:00Z");
}

TEST(Schedule, EntriesMakeTheirTask) {
    Schedule schedule;
    schedule.cron("nightly", "0 3 * * *", Tidy{.days = 3}, {.zone = "Europe/Berlin"})
        .every("often", 30s,
               [](Timestamp tick) { return Tidy{.days = static_cast<int>(tick.microseconds)}; });
    ASSERT_EQ(schedule.entries().size(), 2u);
    EXPECT_EQ(words_of(schedule.find("nightly")->when), "0 3 * * * Europe/Berlin");
    EXPECT_EQ(words_of(schedule.find("often")->when), "every 30 s");
    EXPECT_EQ(schedule.find("often")->task, "tidy");
    EXPECT_EQ(schedule.find("none"), nullptr);
}

TEST(Schedule, WhatCannotFireIsRefusedWithTheReason) {
    Schedule schedule;
    const auto refusal = [&](auto add) -> std::string {
        try {
            add();
        } catch (const std::invalid_argument& error) {
            return error.what();
        }
        return "none";
    };
    schedule.every("there", 1s, Tidy{});
    EXPECT_EQ(refusal([&] { schedule.every("there", 1s, Tidy{}); }),
              "the schedule's entry \"there\": there is one of that name already");
    EXPECT_EQ(refusal([&] { schedule.cron("x", "61 * * * *", Tidy{}); }),
              "the schedule's entry \"x\": \"61 * * * *\": field 1 (minute): 61 is not within 0 to 59");
    EXPECT_EQ(refusal([&] { schedule.cron("x", "@daily", Tidy{}, {.zone = "Mars"}); }),
              "the schedule's entry \"x\": this machine knows no time zone \"Mars\": its package tzdata has "
              "them, as Europe/Berlin");
    EXPECT_NE(refusal([&] { schedule.every("x", 0s, Tidy{}); }), "none");
    EXPECT_NE(refusal([&] { schedule.every("a/b", 1s, Tidy{}); }), "none");
    EXPECT_NE(refusal([&] { schedule.every("", 1s, Tidy{}); }), "none");
    EXPECT_NE(refusal([&] { schedule.every("x", 1s, Tidy{}, {.most = 0}); }), "none");
    EXPECT_EQ(schedule.entries().size(), 1u);
}

}  // namespace
}  // namespace brio::tasks
