#include <brio/load/followers.hpp>

#include <gtest/gtest.h>

namespace brio::load::follow {
namespace {

using namespace std::chrono_literals;

Record answers(int count, std::uint64_t latency_ns, std::chrono::seconds second, std::uint64_t users) {
    Record record;
    auto const id = record.id_of("GET", "/");
    for (int i = 0; i < count; ++i) {
        record.answer({.id = id, .status = 200, .now = second, .latency_ns = latency_ns});
    }
    record.series().users(second, users);
    record.series().close();
    return record;
}
Counted second_of(int second, int count, std::size_t users = 5) {
    return {.at = std::chrono::seconds(second),
            .users = users,
            .record = answers(count, 1'000'000, std::chrono::seconds(second - 1), users)};
}
Plan ten_users() { return {.target = "http://h", .stages = {{.duration = 3s, .from = 10, .to = 10}}}; }

TEST(Followers, LookComesOnceAllHaveToldOfTheSecond) {
    Followers followers({"a", "b"});
    EXPECT_FALSE(followers.next_look());
    followers.counted(0, second_of(1, 10));
    EXPECT_FALSE(followers.next_look());
    followers.counted(1, second_of(1, 20, 6));
    auto const look = followers.next_look();
    ASSERT_TRUE(look);
    EXPECT_EQ(look->at, 1s);
    EXPECT_EQ(look->users, 11U);
    EXPECT_EQ(look->since_last.total().answers, 30U);
    EXPECT_EQ(followers.so_far().total().answers, 30U);
    EXPECT_EQ(followers.so_far().series().points().at(0).users, 11U);
    EXPECT_FALSE(followers.next_look());
}

TEST(Followers, OutcomeIsWhatTheyHadInTheEndAndUsersAddUp) {
    Followers followers({"a", "b"});
    followers.counted(0, second_of(1, 10));
    followers.ended(0, {.counted = 3s,
                        .cpu = {.generator = 0.5, .busiest_thread = 0.4, .server = 0.9},
                        .most_users = 5,
                        .record = answers(99, 1'000'000, 1s, 5)});
    followers.ended(1, {.counted = 3s,
                        .cpu = {.generator = 0.7, .busiest_thread = 0.6, .server = 0.8},
                        .most_users = 5,
                        .record = answers(1, 50'000'000, 1s, 5)});
    ASSERT_TRUE(followers.are_over());
    auto const outcome = followers.outcome(ten_users());
    EXPECT_EQ(outcome.record.total().answers, 100U);
    // of all requests together: no average of two percentiles is anywhere near
    EXPECT_EQ(outcome.record.total().latency().quantile(1), 50'000'000U);
    EXPECT_LT(outcome.record.total().latency().quantile(0.99), 1'010'000U);
    EXPECT_EQ(outcome.record.series().points().at(1).users, 10U);
    EXPECT_EQ(outcome.most_users, 10U);
    EXPECT_EQ(outcome.counted, 3s);
    EXPECT_DOUBLE_EQ(outcome.cpu.generator, 1.2);
    EXPECT_DOUBLE_EQ(outcome.cpu.busiest_thread, 0.6);
    EXPECT_EQ(outcome.cpu.server, 0.9);
    EXPECT_TRUE(outcome.lost.empty());
}

TEST(Followers, OneWhoIsLostCountsWithWhatItToldAndTheOthersGoOn) {
    Followers followers({"a", "follower 2"});
    followers.counted(0, second_of(1, 10));
    followers.counted(1, second_of(1, 10));
    followers.lost(1, "the connection has ended");
    followers.lost(1, "again");
    followers.counted(1, second_of(2, 1000));
    EXPECT_FALSE(followers.are_over());
    EXPECT_TRUE(followers.next_look());
    followers.counted(0, second_of(2, 10));
    EXPECT_EQ(followers.next_look()->users, 5U);
    followers.ended(0, {.counted = 3s, .record = answers(30, 1'000'000, 1s, 5)});
    auto const outcome = followers.outcome(ten_users());
    EXPECT_EQ(outcome.record.total().answers, 40U);
    EXPECT_EQ(outcome.lost,
              std::vector<std::string>{"follower 2 was lost after 1.00s: the connection has ended"});
}

TEST(Followers, OneWhoEndsEarlyUnaskedLeavesFiguresShort) {
    Followers unasked({"a"});
    unasked.ended(0, {.counted = 1s, .was_interrupted = true});
    EXPECT_EQ(unasked.lost().size(), 1U);
    Followers asked({"a"});
    asked.stopped();
    asked.ended(0, {.counted = 1s, .was_interrupted = true});
    EXPECT_TRUE(asked.lost().empty());
    EXPECT_TRUE(asked.outcome(ten_users()).was_interrupted);
}

}  // namespace
}  // namespace brio::load::follow
