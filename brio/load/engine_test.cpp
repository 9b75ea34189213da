#include <brio/load/run.hpp>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <system_error>
#include <vector>

#include <brio/load/answering_peer.hpp>
#include <brio/load/url_user.hpp>

namespace brio::load {
namespace {

using namespace std::chrono_literals;
using Reply = AnsweringPeer::Reply;

Reply ok(std::string_view, std::uint64_t) { return {.bytes = AnsweringPeer::ok()}; }

Plan plan_of(const AnsweringPeer& peer, Model model, double level, std::chrono::nanoseconds time) {
    Plan plan;
    plan.target = peer.url();
    plan.model = model;
    plan.stages = {{.duration = time, .from = level, .to = level}};
    plan.patience = 3s;
    return plan;
}

Scenario url_scenario_of(const Plan& plan) { return url_scenario(*Origin::of(plan.target), {}); }

TEST(LoadEngine, ClosedUsersGoRoundOverTheirConnections) {
    AnsweringPeer peer(ok);
    auto const plan = plan_of(peer, Model::closed, 4, 300ms);
    auto const outcome = run(plan, url_scenario_of(plan));
    auto const total = outcome.record.total();
    EXPECT_GT(total.answers, 100U);
    EXPECT_EQ(total.failures, 0U);
    EXPECT_EQ(total.answers_of(200), total.answers);
    EXPECT_EQ(outcome.record.started, total.answers);
    EXPECT_EQ(outcome.record.connections_opened, 4U);
    EXPECT_EQ(outcome.most_users, 4U);
    EXPECT_FALSE(outcome.was_interrupted);
    EXPECT_GE(outcome.counted, 300ms);
    EXPECT_TRUE(outcome.cpu.server.has_value());  // it is this very process
}

TEST(LoadEngine, FewerConnectionsThanUsersMakeRequestsWait) {
    AnsweringPeer peer([](auto, auto) { return Reply{.bytes = AnsweringPeer::ok(), .after = 10ms}; });
    auto plan = plan_of(peer, Model::closed, 6, 300ms);
    plan.connections = 2;
    auto const outcome = run(plan, url_scenario_of(plan));
    EXPECT_EQ(outcome.record.connections_opened, 2U);
    EXPECT_GT(outcome.record.waited, 0U);
    EXPECT_EQ(outcome.record.total().failures, 0U);
    EXPECT_GE(outcome.record.total().latency().quantile(0.5), 25'000'000U);  // three in line for each
    EXPECT_LE(outcome.record.total().uncorrected.quantile(0.1), 25'000'000U);
}

TEST(LoadEngine, OpenModelKeepsItsRateWhateverTheServerDoes) {
    AnsweringPeer peer([](auto, auto) { return Reply{.bytes = AnsweringPeer::ok(), .after = 50ms}; });
    auto const plan = plan_of(peer, Model::open, 400, 1s);
    auto const outcome = run(plan, url_scenario_of(plan));
    EXPECT_NEAR(static_cast<double>(outcome.record.started), 400, 4);
    EXPECT_EQ(outcome.record.total().answers, outcome.record.started);
    EXPECT_GE(outcome.record.total().latency().min(), 50'000'000U);
    EXPECT_GE(outcome.record.connections_opened, 15U);
}

// At half of what the server can do, every figure is known: the rate, and a time that lies on the injected
// delay. What it was is printed; a slow machine adds to it.
TEST(LoadEngine, OpenModelShowsTheInjectedDelay) {
    static constexpr auto delay = 20ms;
    AnsweringPeer peer([](auto, auto) { return Reply{.bytes = AnsweringPeer::ok(), .after = delay}; });
    auto const plan = plan_of(peer, Model::open, 500, 2s);
    auto const outcome = run(plan, url_scenario_of(plan));
    auto const latency = outcome.record.total().latency();
    std::printf("rate %.1f of 500/s; p50 %.3f ms, p99 %.3f ms of %.3f ms\n", outcome.saturation.achieved,
                static_cast<double>(latency.quantile(0.5)) / 1e6,
                static_cast<double>(latency.quantile(0.99)) / 1e6,
                std::chrono::duration<double, std::milli>(delay).count());
    EXPECT_NEAR(outcome.saturation.achieved, 500, 1);
    EXPECT_GE(latency.min(), 20'000'000U);
}

// The server stalls once, for a second: whoever was meant to come meanwhile waited for it. The uncorrected
// times, of what was really sent over one connection, show one slow request.
TEST(LoadEngine, StallIsChargedToAllThatItKeptWaiting) {
    AnsweringPeer peer([](auto, std::uint64_t number) {
        return Reply{.bytes = AnsweringPeer::ok(),
                     .after = number == 50 ? std::chrono::nanoseconds(1s) : std::chrono::nanoseconds(0)};
    });
    auto plan = plan_of(peer, Model::open, 100, 3s);
    plan.connections = 1;
    auto const outcome = run(plan, url_scenario_of(plan));
    auto const total = outcome.record.total();
    EXPECT_GE(total.answers, 295U);
    EXPECT_GT(total.latency().quantile(0.9), 500'000'000U);  // a third waited, evenly up to a second
    EXPECT_LT(total.uncorrected.quantile(0.9), 500'000'000U);
    EXPECT_GE(total.uncorrected.max(), 990'000'000U);
}

TEST(LoadEngine, ArrivalsWithoutAFreeUserAreDroppedAndSaidAloud) {
    AnsweringPeer peer([](auto, auto) { return Reply{.bytes = AnsweringPeer::ok(), .after = 200ms}; });
    auto plan = plan_of(peer, Model::poisson, 200, 500ms);
    plan.users = 3;
    auto const outcome = run(plan, url_scenario_of(plan));
    EXPECT_GT(outcome.record.dropped, 0U);
    EXPECT_LE(outcome.most_users, 3U);
    EXPECT_TRUE(outcome.saturation.is_saturated);
    EXPECT_NE(outcome.saturation.why.find("no free user"), std::string::npos) << outcome.saturation.why;
}

TEST(LoadEngine, WarmUpIsNotCounted) {
    AnsweringPeer peer(ok);
    auto plan = plan_of(peer, Model::open, 100, 300ms);
    plan.warm_up = 300ms;
    auto const outcome = run(plan, url_scenario_of(plan));
    EXPECT_NEAR(static_cast<double>(outcome.record.started), 30, 2);
    EXPECT_NEAR(static_cast<double>(peer.requests()), 60, 4);
    EXPECT_LT(outcome.counted, 2s);
}

TEST(LoadEngine, IsLookedAtInTheWarmUpToo) {
    AnsweringPeer peer(ok);
    auto plan = plan_of(peer, Model::closed, 3, 1h);
    plan.warm_up = 300ms;
    int looks = 0;
    auto const outcome = run(plan, url_scenario_of(plan), {.look = [&](const Progress& progress) {
                                 ++looks;
                                 EXPECT_TRUE(progress.at < 0ns || progress.since_last.total().answers > 0);
                                 EXPECT_EQ(progress.users, 3U);
                                 return progress.at < 0ns;
                             }});
    EXPECT_GE(looks, 2);
    EXPECT_GE(outcome.counted, 1s);
    auto const& points = outcome.record.series().points();
    ASSERT_GE(points.size(), 1U);
    EXPECT_EQ(points[0].users, 3U);
}

TEST(LoadEngine, UsersFollowTheStages) {
    AnsweringPeer peer([](auto, auto) { return Reply{.bytes = AnsweringPeer::ok(), .after = 1ms}; });
    auto plan = plan_of(peer, Model::closed, 0, 1s);
    plan.stages = {{.duration = 600ms, .from = 0, .to = 12}, {.duration = 600ms, .from = 3, .to = 3}};
    Engine engine(plan, url_scenario_of(plan));
    engine.set_users({12});
    EXPECT_EQ(engine.users(), 12U);
    engine.set_users({3});
    for (int i = 0; i < 1000 && engine.users() != 3; ++i) {
        std::this_thread::sleep_for(1ms);
    }
    EXPECT_EQ(engine.users(), 3U);
    auto const outcome = run(plan, url_scenario_of(plan));
    EXPECT_EQ(outcome.record.total().failures, 0U);
    EXPECT_GT(outcome.record.total().answers, 100U);
}

TEST(LoadEngine, PeakBetweenTwoLooksIsNotMissed) {
    AnsweringPeer peer([](auto, auto) { return Reply{.bytes = AnsweringPeer::ok(), .after = 100ms}; });
    auto plan = plan_of(peer, Model::closed, 1, 1s);
    plan.stages = {{.duration = 200ms, .from = 1, .to = 1},
                   {.duration = 700ms, .from = 5, .to = 5},
                   {.duration = 200ms, .from = 1, .to = 1}};
    auto const outcome = run(plan, url_scenario_of(plan));
    EXPECT_EQ(outcome.record.connections_opened, 5U);
}

TEST(LoadEngine, ServerThatAnswersNothingTimesOut) {
    AnsweringPeer peer([](auto, auto) { return Reply{.bytes = "HTTP/1.1 200 OK\r\n", .after = 0ms}; });
    auto plan = plan_of(peer, Model::closed, 2, 300ms);
    plan.timeout = 100ms;
    auto const outcome = run(plan, url_scenario_of(plan));
    auto const total = outcome.record.total();
    EXPECT_GT(total.missing[static_cast<std::size_t>(Missing::timeout)], 1U);
    EXPECT_EQ(total.answers, 0U);
    EXPECT_GE(total.latency().min(), 100'000'000U);
}

// A connection comes free when its request's time is over: then those that came with it have no time left.
TEST(LoadEngine, RequestsThatWaitForAHangingServerAreNotSentAtTheirEnd) {
    AnsweringPeer peer([](auto, auto) { return Reply{.bytes = AnsweringPeer::ok(), .after = 1h}; });
    auto plan = plan_of(peer, Model::closed, 40, 300ms);
    plan.connections = 2;
    plan.timeout = 400ms;
    auto const total = run(plan, url_scenario_of(plan)).record.total();
    EXPECT_GE(total.missing[static_cast<std::size_t>(Missing::timeout)], 2U);
    EXPECT_GT(total.missing[static_cast<std::size_t>(Missing::no_connection)], 20U);
    EXPECT_GE(total.latency().min(), 400'000'000U);
}

TEST(LoadEngine, RequestsThatOutliveThePatienceAreUnfinished) {
    AnsweringPeer peer([](auto, auto) { return Reply{.bytes = AnsweringPeer::ok(), .after = 1h}; });
    auto plan = plan_of(peer, Model::closed, 2, 100ms);
    plan.patience = 50ms;
    auto const outcome = run(plan, url_scenario_of(plan));
    EXPECT_EQ(outcome.record.total().missing[static_cast<std::size_t>(Missing::unfinished)], 2U);
}

TEST(LoadEngine, ConnectionThatTheServerClosedWhileIdleIsReplaced) {
    AnsweringPeer peer([](auto, auto) { return Reply{.bytes = AnsweringPeer::ok(), .closes = true}; });
    auto const plan = plan_of(peer, Model::closed, 1, 200ms);
    auto const outcome = run(plan, url_scenario_of(plan));
    EXPECT_GT(outcome.record.total().answers, 10U);
    EXPECT_EQ(outcome.record.total().failures, 0U);
    EXPECT_GE(outcome.record.connections_opened, outcome.record.total().answers / 2);
}

TEST(LoadEngine, ServerThatEndsMidwayIsAFailureThatHasAName) {
    AnsweringPeer peer([](auto, auto) {
        return Reply{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", .closes = true};
    });
    auto const plan = plan_of(peer, Model::closed, 1, 100ms);
    auto const outcome = run(plan, url_scenario_of(plan));
    EXPECT_EQ(outcome.record.failures().at(0).text, words_of(Missing::broken));
    EXPECT_EQ(outcome.record.total().answers, 0U);
}

TEST(LoadEngine, LookMayEndTheRun) {
    AnsweringPeer peer(ok);
    auto const plan = plan_of(peer, Model::closed, 1, 1h);
    int looks = 0;
    auto const outcome = run(plan, url_scenario_of(plan), {.look = [&](const Progress& progress) {
                                 EXPECT_GT(progress.since_last.total().answers, 0U);
                                 EXPECT_EQ(progress.users, 1U);
                                 return ++looks < 2;
                             }});
    EXPECT_EQ(looks, 2);
    EXPECT_TRUE(outcome.was_interrupted);
    EXPECT_GE(outcome.counted, 2s);
    auto const& points = outcome.record.series().points();
    ASSERT_GE(points.size(), 2U);
    EXPECT_EQ(points[0].users, 1U);
    EXPECT_EQ(points[1].users, 1U);
}

TEST(LoadEngine, ThreadsShareUsersAndArrivals) {
    AnsweringPeer peer(ok);
    auto plan = plan_of(peer, Model::open, 300, 500ms);
    plan.threads = 3;
    auto const outcome = run(plan, url_scenario_of(plan));
    EXPECT_NEAR(static_cast<double>(outcome.record.started), 150, 3);
    EXPECT_EQ(outcome.record.total().failures, 0U);
}

/// So few files may be open while it lives.
struct FewFiles {
    explicit FewFiles(rlim_t most) {
        ::getrlimit(RLIMIT_NOFILE, &before);
        rlimit const few{.rlim_cur = most, .rlim_max = before.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &few);
    }
    ~FewFiles() { ::setrlimit(RLIMIT_NOFILE, &before); }
    rlimit before{};
};

Plan plan_of_threads(const runtime::File& listener, std::size_t threads) {
    return {.target = "http://127.0.0.1:" + std::to_string(runtime::port_of(listener)),
            .scenario = {},
            .stages = {{.duration = 1s, .from = 1, .to = 1}},
            .connections = threads,
            .threads = threads};
}

TEST(LoadEngine, ThreadsMayHaveTheFilesThatTheyNeed) {
    auto const listener = runtime::listen_on({"127.0.0.1", 0});
    auto const plan = plan_of_threads(listener, 200);
    FewFiles const few(256);
    EXPECT_NO_THROW(Engine(plan, url_scenario_of(plan)));
}

// Without a descriptor left UBSan cannot look at an object and takes it for a broken one.
#if !(defined(__has_feature) && __has_feature(address_sanitizer))
TEST(LoadEngine, ThreadsThatRunEndWhenAnotherOneCannotBegin) {
    auto const listener = runtime::listen_on({"127.0.0.1", 0});
    auto const plan = plan_of_threads(listener, 50);
    FewFiles const few(256);
    std::vector<runtime::File> taken(200);
    std::ranges::generate(taken, [&] { return runtime::File(::dup(listener.fd())); });
    EXPECT_THROW(Engine(plan, url_scenario_of(plan)), std::system_error);
}
#endif

TEST(LoadEngine, NobodyThereIsSaidBeforeTheRun) {
    std::string url;
    {
        AnsweringPeer const peer(ok);
        url = peer.url();
    }
    Plan plan{.target = url, .scenario = {}, .stages = {{.duration = 1s, .from = 1, .to = 1}}};
    EXPECT_THROW(run(plan, url_scenario_of(plan)), NoTarget);
}

}  // namespace
}  // namespace brio::load
