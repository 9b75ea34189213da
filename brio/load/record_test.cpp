#include <brio/load/record.hpp>

#include <gtest/gtest.h>

namespace brio::load {
namespace {

using std::chrono::seconds;

Record::Answer answer(std::size_t id, int status, std::uint64_t latency_ns) {
    return {.id = id,
            .status = status,
            .latency_ns = latency_ns,
            .uncorrected_ns = latency_ns,
            .bytes_received = 100,
            .is_failure = status >= 400};
}

TEST(LoadRecord, AnswersAreCountedUnderTheirNameMethodAndStatus) {
    Record record;
    auto const list = record.id_of("GET", "/api/resources");
    auto const make = record.id_of("POST", "/api/resources");
    record.answer(answer(list, 200, 1'000'000));
    record.answer(answer(list, 503, 2'000));
    record.answer(answer(make, 201, 3'000'000));
    ASSERT_EQ(record.requests().size(), 2U);
    auto const& listed = record.requests()[list];
    EXPECT_EQ(listed.answers_of(200), 1U);
    EXPECT_EQ(listed.answers_of(503), 1U);
    EXPECT_EQ(listed.failures, 1U);
    EXPECT_DOUBLE_EQ(listed.failure_ratio(), 0.5);
    EXPECT_EQ(record.total().answers, 3U);
    EXPECT_EQ(record.failures().at(0).text, "status 503");
}

TEST(LoadRecord, TimeOutIsAtLeastAsSlowAsItWaited) {
    Record record;
    auto const id = record.id_of("GET", "/");
    record.answer(answer(id, 200, 1'000));
    record.no_answer(
        {.id = id, .why = Missing::timeout, .latency_ns = 5'000'000'000, .uncorrected_ns = 5'000'000'000});
    EXPECT_EQ(record.total().latency().max(), 5'000'000'000U);
    EXPECT_EQ(record.total().requests(), 2U);
    EXPECT_EQ(record.total().answers, 1U);
}

TEST(LoadRecord, RequestThatWaitedInVainForAConnectionCountsWithThatTime) {
    Record record;
    record.no_answer({.id = record.id_of("GET", "/"),
                      .why = Missing::no_connection,
                      .latency_ns = 5'000'000'000,
                      .uncorrected_ns = 5'000'000'000});
    EXPECT_EQ(record.total().latency().max(), 5'000'000'000U);
    EXPECT_EQ(record.total().uncorrected.count(), 0U);  // it was never sent
}

TEST(LoadRecord, RefusedConnectionHasNoTime) {
    Record record;
    record.no_answer({.id = record.id_of("GET", "/"), .why = Missing::connect, .latency_ns = 7});
    EXPECT_EQ(record.total().latency().count(), 0U);
    EXPECT_EQ(record.total().failures, 1U);
}

TEST(LoadRecord, NamesBeyondTheLimitAreCountedAsOther) {
    Record record;
    for (int i = 0; i < 1000; ++i) {
        record.answer(answer(record.id_of("GET", "/" + std::to_string(i)), 200, 1'000));
    }
    EXPECT_EQ(record.requests().size(), Record::most_names);
    EXPECT_EQ(record.requests().back().name, "other");
    EXPECT_EQ(record.requests().back().answers, 1000 - Record::most_names + 1);
    EXPECT_EQ(record.total().answers, 1000U);
}

TEST(LoadRecord, StatusesBeyondTheLimitAreCountedAsOther) {
    Record record;
    auto const id = record.id_of("GET", "/");
    for (int status = 200; status < 300; ++status) {
        record.answer(answer(id, status, 1'000));
    }
    EXPECT_EQ(record.requests()[id].statuses.size(), RequestRecord::most_statuses);
    EXPECT_EQ(record.requests()[id].answers_of(StatusRecord::other), 100 - RequestRecord::most_statuses + 1);
}

TEST(LoadRecord, FailureTextsBeyondTheLimitAreCountedAsOther) {
    Record record;
    auto const id = record.id_of("GET", "/");
    for (int i = 0; i < 1000; ++i) {
        record.check(id, "check " + std::to_string(i), false, true, {});
    }
    EXPECT_EQ(record.failures().size(), Record::most_failures + 1);
    EXPECT_EQ(record.checks().size(), Record::most_checks + 1);
    EXPECT_EQ(record.requests()[id].failures, 1000U);
}

TEST(LoadRecord, TakenPartsMergeToTheWhole) {
    Record record;
    auto const first = record.id_of("GET", "/a");
    record.answer(answer(first, 200, 1'000));
    record.check(first, "is quick", true, false, {});
    auto whole = record.take();
    EXPECT_EQ(record.total().requests(), 0U);
    auto const second = record.id_of("GET", "/b");
    EXPECT_EQ(record.id_of("GET", "/a"), first);
    record.answer(answer(second, 200, 2'000));
    record.answer(answer(first, 200, 3'000));
    record.check(first, "is quick", false, true, {});
    whole.merge(record.take());
    EXPECT_EQ(whole.total().answers, 3U);
    EXPECT_EQ(whole.requests()[whole.id_of("GET", "/a")].answers, 2U);
    EXPECT_EQ(whole.checks().at(0).passed, 1U);
    EXPECT_EQ(whole.checks().at(0).failed, 1U);
    EXPECT_EQ(whole.total().latency().max(), 3'000U);
}

TEST(LoadSeries, SecondsAreKeptApart) {
    Series series;
    series.answer(seconds(0), 1'000'000, 10, false);
    series.answer(seconds(2), 5'000'000, 10, true);
    series.users(seconds(2), 4);
    series.close();
    ASSERT_EQ(series.points().size(), 3U);
    EXPECT_EQ(series.points()[0].answers, 1U);
    EXPECT_EQ(series.points()[1].answers, 0U);
    EXPECT_EQ(series.points()[2].failures, 1U);
    EXPECT_EQ(series.points()[2].users, 4U);
    EXPECT_NEAR(static_cast<double>(series.points()[2].latency.quantile(0.99)), 5e6, 5e4);
}

TEST(LoadSeries, LongRunKeepsItsCountsInFewerPoints) {
    Series series;
    for (int i = 0; i < 4000; ++i) {
        series.answer(seconds(i), 1'000, 1, false);
    }
    series.close();
    EXPECT_EQ(series.interval(), seconds(8));
    EXPECT_EQ(series.points().size(), 500U);
    std::uint64_t answers = 0;
    for (auto const& point : series.points()) {
        answers += point.answers;
        EXPECT_EQ(point.answers, point.latency.count());
    }
    EXPECT_EQ(answers, 4000U);
}

TEST(LoadSeries, UsersOfPartsInOneIntervalAreNotAdded) {
    Series whole;
    for (int i = 0; i < 2000; ++i) {
        Series part;
        part.answer(seconds(i), 1'000, 1, false);
        part.users(seconds(i), 50);
        whole.merge(part);
    }
    EXPECT_EQ(whole.interval(), seconds(4));
    for (auto const& point : whole.points()) {
        EXPECT_EQ(point.users, 50U);
    }
}

TEST(LoadSeries, UsersMayBeOfAnEarlierInterval) {
    Series series;
    series.answer(seconds(2), 1'000, 1, false);
    series.users(seconds(1), 4);
    EXPECT_EQ(series.points()[1].users, 4U);
    EXPECT_EQ(series.points()[2].users, 0U);
}

TEST(LoadSeries, MergeBringsBothToTheCoarserInterval) {
    Series coarse;
    for (int i = 0; i < 1000; ++i) {
        coarse.answer(seconds(i), 1'000, 1, false);
    }
    Series fine;
    fine.answer(seconds(3), 1'000, 1, false);
    fine.merge(coarse);
    EXPECT_EQ(fine.interval(), seconds(2));
    ASSERT_EQ(fine.points().size(), 500U);
    EXPECT_EQ(fine.points()[1].answers, 3U);
}

}  // namespace
}  // namespace brio::load
