#include <brio/load/follow_message.hpp>

#include <gtest/gtest.h>

#include <brio/base/random.hpp>
#include <brio/load/report_harness.hpp>

namespace brio::load::follow {
namespace {

using namespace std::chrono_literals;

// "" when it is none, and the reason as `why`.
std::optional<Message> read(std::string_view frame, std::string* why = nullptr) {
    FrameReader reader(most_frame);
    reader.append(frame);
    auto next = reader.next();
    if (!next) {
        if (why != nullptr) {
            *why = next.error();
        }
        return std::nullopt;
    }
    return std::move(*next);
}
template <class T>
T round_trip(const T& message) {
    auto read_again = read(frame_of(Message(message)));
    EXPECT_TRUE(read_again && std::holds_alternative<T>(*read_again));
    return std::get<T>(*read_again);
}
std::string framed(std::string_view text) {
    std::string frame{'\0', '\0'};
    frame += static_cast<char>(text.size() >> 8);
    frame += static_cast<char>(text.size() & 0xff);
    return frame + std::string(text);
}

TEST(FollowMessage, RecordIsTheSameBehindTheWire) {
    auto const report = sample_report();
    Ended ended{.counted = 20s, .cpu = {.generator = 1.5, .busiest_thread = 0.5}, .most_users = 7};
    ended.record.merge(report.outcome.record);
    ended.record.started = 5;
    ended.record.lateness(1'234'567);
    auto const again = round_trip(ended);
    auto const& before = ended.record;
    auto const& after = again.record;
    EXPECT_EQ(again.counted, 20s);
    EXPECT_EQ(again.cpu.generator, 1.5);
    EXPECT_FALSE(again.cpu.server);
    EXPECT_EQ(after.started, 5U);
    EXPECT_EQ(after.lateness().max(), 1'234'567U);
    ASSERT_EQ(after.requests().size(), before.requests().size());
    for (std::size_t i = 0; i < before.requests().size(); ++i) {
        auto const one = before.requests()[i].latency();
        auto const other = after.requests()[i].latency();
        EXPECT_EQ(other.count(), one.count());
        EXPECT_EQ(other.mean(), one.mean());
        EXPECT_EQ(other.min(), one.min());
        EXPECT_EQ(other.max(), one.max());
        for (double q : {0.5, 0.9, 0.99, 0.9999}) {
            EXPECT_EQ(other.quantile(q), one.quantile(q));
        }
        EXPECT_EQ(after.requests()[i].failures, before.requests()[i].failures);
        EXPECT_EQ(after.requests()[i].answers_of(503), before.requests()[i].answers_of(503));
    }
    EXPECT_EQ(after.failures().size(), before.failures().size());
    EXPECT_EQ(after.checks().at(0).passed, before.checks().at(0).passed);
    ASSERT_EQ(after.series().points().size(), 20U);
    EXPECT_EQ(after.series().points()[12].latency.quantile(0.5),
              before.series().points()[12].latency.quantile(0.5));
    EXPECT_EQ(after.series().points()[3].users, 50U);
}

TEST(FollowMessage, BeginHasThePlanAndTheRequest) {
    Begin begin{.plan = {.target = "http://h/a",
                         .scenario = "POST /a",
                         .model = Model::poisson,
                         .stages = {{10s, 0, 5.5}, {1ms, 7, 7}},
                         .warm_up = 1s,
                         .connections = 12,
                         .seed = UINT64_MAX},
                .share = {.number = 2, .of = 3},
                .request = Request{.method = "POST", .content_type = "a/b"},
                .wait = between(1ms, 2ms)};
    begin.request->body.append(std::string_view("\0\xff{", 3));
    begin.request->options = {.headers = {{"X-A", "\xe9"}}, .expect = {200, 404}};
    auto const message = read(frame_of(std::move(begin)));
    ASSERT_TRUE(message && std::holds_alternative<Begin>(*message));
    auto const& again = std::get<Begin>(*message);
    EXPECT_EQ(again.plan.model, Model::poisson);
    EXPECT_EQ(again.plan.stages, (std::vector<Stage>{{10s, 0, 5.5}, {1ms, 7, 7}}));
    EXPECT_EQ(again.plan.seed, UINT64_MAX);
    EXPECT_EQ(again.share.number, 2U);
    EXPECT_EQ(again.wait.longest(), 2ms);
    ASSERT_TRUE(again.request);
    EXPECT_EQ(again.request->body.view(), std::string_view("\0\xff{", 3));
    EXPECT_EQ(again.request->options.headers.at(0).second, "\xe9");
    EXPECT_EQ(again.request->options.expect, (std::vector<int>{200, 404}));
}

TEST(FollowMessage, SmallOnesArriveByteByByte) {
    auto const bytes = frame_of(Hello{.version = 1, .secret = "s", .scenario = "x", .types = {"A", "B"}}) +
                       frame_of(Stop()) + frame_of(GoOn()) + frame_of(Refuse{"no"});
    FrameReader reader;
    std::vector<Message> messages;
    for (char byte : bytes) {
        reader.append({&byte, 1});
        auto next = reader.next();
        ASSERT_TRUE(next);
        if (*next) {
            messages.push_back(std::move(**next));
        }
    }
    ASSERT_EQ(messages.size(), 4U);
    EXPECT_EQ(std::get<Hello>(messages[0]).types, (std::vector<std::string>{"A", "B"}));
    EXPECT_TRUE(std::holds_alternative<Stop>(messages[1]));
    EXPECT_TRUE(std::holds_alternative<GoOn>(messages[2]));
    EXPECT_EQ(std::get<Refuse>(messages[3]).why, "no");
}

TEST(FollowMessage, LongFrameOfAStrangerIsNotWaitedFor) {
    FrameReader reader;
    reader.append("GET / HTTP/1.1\r\n");
    auto const next = reader.next();
    ASSERT_FALSE(next);
    EXPECT_NE(next.error().find("65536 are the most"), std::string::npos) << next.error();
}

TEST(FollowMessage, WhatIsNoMessageIsRefusedWithItsPlace) {
    std::string why;
    for (std::string_view text :
         {"", "{}", "[]", "{\"x\":1}", "{\"hello\":{\"version\":\"1\"}}", "{\"stop\":1}"}) {
        EXPECT_FALSE(read(framed(text), &why)) << text;
        EXPECT_FALSE(why.empty());
    }
    EXPECT_FALSE(read(framed("{\"hello\":{\"version\":\"1\"}}"), &why));
    EXPECT_NE(why.find("hello.version"), std::string::npos) << why;
}

TEST(FollowMessage, FiguresThatCannotBeAreRefused) {
    constexpr std::string_view record =
        R"({"requests":[],"failures":[],"checks":[],"points":[)"
        R"({"place":0,"latency":[]}],"point_count":COUNT,"interval_seconds":EVERY,)"
        R"("lateness":{"steps":[STEPS],"min":0,"max":8,"sum":1}})";
    auto const counted = [&](std::string_view count, std::string_view every, std::string_view steps) {
        std::string text = R"({"counted":{"at_ns":1,"users":1,"record":)" + std::string(record) + "}}";
        auto const put = [&](std::string_view name, std::string_view value) {
            text.replace(text.find(name), name.size(), value);
        };
        put("COUNT", count);
        put("EVERY", every);
        put("STEPS", steps);
        return read(framed(text)).has_value();
    };
    EXPECT_TRUE(counted("1", "1", "0,1,1,1"));
    EXPECT_FALSE(counted("0", "1", "0,1,1,1"));    // a point beyond the last
    EXPECT_FALSE(counted("901", "1", "0,1,1,1"));  // more points than a series has
    EXPECT_FALSE(counted("1", "3", "0,1,1,1"));    // no interval of a series
    EXPECT_FALSE(counted("1", "-1", "0,1,1,1"));
    EXPECT_FALSE(counted("1", "1", "0,1,1"));        // a step without a count
    EXPECT_FALSE(counted("1", "1", "1,1,0,1"));      // not ascending
    EXPECT_FALSE(counted("1", "1", "0,0,1,1"));      // a count of none
    EXPECT_FALSE(counted("1", "1", "0,1,99999,1"));  // a step that is none
    EXPECT_FALSE(counted("1", "1", "0,1,2,1"));      // another than the largest value's
}

TEST(FollowMessage, SumsThatNobodyCanAddAreRefused) {
    constexpr std::string_view ended =
        R"({"ended":{"counted_ns":1,"generator_cores":CORES,"record":{"requests":[],"failures":[],)"
        R"("checks":[],"points":[],"lateness":{"steps":[0,2],"min":1,"max":2,"sum":SUM}}}})";
    auto const is_read = [&](std::string_view cores, std::string_view sum) {
        std::string text(ended);
        text.replace(text.find("CORES"), 5, cores);
        text.replace(text.find("SUM"), 3, sum);
        return read(framed(text)).has_value();
    };
    EXPECT_TRUE(is_read("0.5", "3"));
    EXPECT_FALSE(is_read("1e308", "3"));
    EXPECT_FALSE(is_read("-1", "3"));
    EXPECT_FALSE(is_read("0.5", "1e308"));
    EXPECT_FALSE(is_read("0.5", "1"));  // less than twice the least
}

TEST(FollowMessage, ChangedBytesNeverHarm) {
    Counted counted{.at = 1s, .users = 3};
    counted.record.merge(sample_report().outcome.record);
    auto const frame = frame_of(std::move(counted));
    Random random(7);
    for (int i = 0; i < 300; ++i) {
        auto changed = frame;
        for (auto n = random.below(3) + 1; n > 0; --n) {
            changed[random.below(changed.size())] = static_cast<char>(random.below(256));
        }
        FrameReader reader(most_frame);
        reader.append(changed);
        (void)reader.next();
    }
}

}  // namespace
}  // namespace brio::load::follow
