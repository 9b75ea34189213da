#include <brio/watch/instances.hpp>

#include <gtest/gtest.h>

#include <brio/json/write.hpp>

namespace brio::watch {
namespace {

using namespace std::chrono_literals;

const metrics::Edges edges(std::array<std::chrono::nanoseconds, 1>{200ms});

WorkSaid requests(std::uint64_t fast, std::uint64_t slow, std::uint64_t failed = 0) {
    WorkDone done{.watched = 10s, .counts = {.failed = failed}, .good = fast};
    done.counts.buckets.resize(edges.size() + 1);
    done.counts.buckets[edges.bucket(10'000'000)] = fast;
    done.counts.buckets[edges.bucket(1'000'000'000)] = slow;
    done.asked = 0.99 * static_cast<double>(done.counts.total());
    return said_of(done, edges);
}

Heard server(std::string id, WorkSaid work, std::chrono::milliseconds ago = 1s) {
    return {.ago = ago,
            .said = {.id = std::move(id),
                     .version = "1.2",
                     .role = "server",
                     .host = "a",
                     .pid = 7,
                     .api = "http://a:8080",
                     .admin = "http://a:8000",
                     .work = std::move(work),
                     .cpu_percent = 50,
                     .cores = 2,
                     .memory_bytes = 100,
                     .connections = UseSaid{3, 20}}};
}

Heard worker(std::string id, WorkSaid work) {
    auto heard = server(std::move(id), std::move(work));
    heard.said.role = "worker";
    heard.said.running = {2, 16};
    return heard;
}

TEST(Instances, WorkComesThroughAsItWas) {
    auto work = requests(99, 1, 2);
    const auto done = done_of(work, edges);
    EXPECT_EQ(done.counts.total(), 102U);
    EXPECT_EQ(done.counts.within(edges, 200ms), 99U);
    EXPECT_EQ(said_of(done, edges).edges_ns, work.edges_ns);
}

TEST(Instances, WhatTookLongerThanAllEdgesStaysSo) {
    WorkDone done;
    done.counts.buckets.resize(edges.size() + 1);
    done.counts.buckets.back() = 4;
    EXPECT_EQ(done_of(said_of(done, edges), edges).counts.buckets.back(), 4U);
}

TEST(Instances, TheCountsOfOneWithOtherGoalsFallIntoTheBucketOfTheirEdge) {
    const metrics::Edges others(std::array<std::chrono::nanoseconds, 1>{230ms});
    const auto done = done_of(requests(5, 0), others);
    EXPECT_EQ(done.counts.total(), 5U);
    WorkSaid odd{.edges_ns = {230'000'000}, .in_buckets = {3}};
    EXPECT_EQ(done_of(odd, edges).counts.within(edges, 300ms), 3U);
}

TEST(Instances, EachIsShownAndTheSumIsOfAllThatAreUp) {
    const auto now = judge_instances(
        {server("a", requests(90, 10)), server("b", requests(900, 0)), worker("b.1", requests(10, 0))}, "b",
        edges);
    ASSERT_EQ(now.instances.size(), 3U);
    EXPECT_EQ(now.instances[0].id, "b");  // one's own first, and its worker behind it
    EXPECT_TRUE(now.instances[0].is_self);
    EXPECT_EQ(now.instances[1].id, "b.1");
    EXPECT_EQ(now.instances[1].of, "b");
    EXPECT_EQ(now.instances[2].id, "a");
    EXPECT_DOUBLE_EQ(now.instances[2].work.holds, 0.9);
    EXPECT_EQ(now.sum.servers, 2U);
    EXPECT_EQ(now.sum.workers, 1U);
    EXPECT_DOUBLE_EQ(now.sum.requests.per_second, 100);
    EXPECT_DOUBLE_EQ(now.sum.requests.holds, 0.99);
    EXPECT_NEAR(now.sum.requests.share, 0.99, 1e-9);
    EXPECT_LE(now.sum.requests.p99_ms, now.instances[2].work.p99_ms);
    EXPECT_GT(now.sum.requests.p99_ms, now.instances[0].work.p99_ms - 1e-9);
    EXPECT_EQ(now.sum.tasks.count, 10U);
    EXPECT_DOUBLE_EQ(now.sum.cores_used, 3);
    EXPECT_EQ(now.sum.memory_bytes, 300U);
    EXPECT_EQ(now.sum.connections.most, 60U);
    EXPECT_EQ(now.sum.running.used, 2U);
    EXPECT_EQ(now.sum.versions, std::vector<std::string>{"1.2"});
}

TEST(Instances, OneThatIsSilentIsGoneAndNotSummed) {
    const auto now =
        judge_instances({server("a", requests(1, 0)), server("b", requests(5, 0), 15s)}, "a", edges);
    EXPECT_EQ(now.instances[0].state, "up");
    EXPECT_EQ(now.instances[1].state, "gone");
    EXPECT_DOUBLE_EQ(now.instances[1].heard_seconds_ago, 15);
    EXPECT_EQ(now.sum.gone, 1U);
    EXPECT_EQ(now.sum.servers, 1U);
    EXPECT_EQ(now.sum.requests.count, 1U);
}

TEST(Instances, ThoseThatWereHeardOfLastAreShownOfTooMany) {
    std::vector<Heard> heard;
    for (std::size_t i = 0; i <= most_instances; ++i) {
        heard.push_back(server(std::to_string(1000 - i), {}, std::chrono::seconds(1000 - i)));
    }
    const auto now = judge_instances(heard, "x", edges);
    EXPECT_TRUE(now.has_more);
    EXPECT_EQ(now.instances.size(), most_instances);
    EXPECT_EQ(std::ranges::count(now.instances, "1000", &InstanceNow::id), 0);
}

TEST(Instances, WhatIsSaidIsReadBackAlsoWithMoreInIt) {
    const auto said = server("a", requests(3, 1)).said;
    auto text = json::to_string(said);
    text.insert(1, R"("tomorrow":{"x":1},)");
    const auto read = read_announcement(text);
    ASSERT_TRUE(read);
    EXPECT_EQ(json::to_string(*read), json::to_string(said));
}

TEST(Instances, WhatIsNoAnnouncementOrNoAddressIsLeftOut) {
    EXPECT_FALSE(read_announcement("nothing"));
    EXPECT_FALSE(read_announcement("{}"));
    EXPECT_FALSE(read_announcement(R"({"id":7})"));
    auto said = server("a", {}).said;
    said.admin = "javascript:alert(1)";
    const auto read = read_announcement(json::to_string(said));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->admin, "");
    EXPECT_EQ(read->api, "http://a:8080");
}

}  // namespace
}  // namespace brio::watch
