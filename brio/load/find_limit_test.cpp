#include <brio/load/find_limit.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include <brio/base/random.hpp>

namespace brio::load {
namespace {

using namespace std::chrono_literals;
using ledger::Phase;

/// A server with a pool that lets `limit` requests a second through: beyond it those wait for a connection.
struct SimulatedServer {
    double limit = 1'000;
    double noise = 0.02;
    double generator = 1e9;  // goes no further
    int stall = 0;           // the trial in which it stalls
    Random random = Random(5);
    int trials = 0;

    LimitTools::Run run(const Plan& plan) {
        ++trials;
        auto const rate = plan.stages.at(0).from;
        auto const here = limit * std::exp(noise * (2 * random.uniform() - 1));
        LimitTools::Run run{.outcome = {.plan = plan, .counted = plan.duration()}, .server = ServerWindow()};
        auto& record = run.outcome.record;
        auto const id = record.id_of("GET", "/api/resources");
        auto const count =
            static_cast<std::uint64_t>(rate * std::chrono::duration<double>(plan.duration()).count());
        auto const over = rate > here ? 200.0 * (rate / here - 1) : 0;  // ms
        for (std::uint64_t i = 0; i < count; ++i) {
            record.answer({.id = id,
                           .status = 200,
                           .latency_ns = static_cast<std::uint64_t>(1e6 * (1 + over * random.uniform()))});
        }
        auto& phases = run.server->counted.phases;
        phases.count = count;
        phases.ns[static_cast<std::size_t>(Phase::db)] = count * 800'000;
        phases.ns[static_cast<std::size_t>(Phase::pool)] = count * static_cast<std::uint64_t>(over * 0.5e6);
        run.server->counted.total_ns =
            phases.ns[static_cast<std::size_t>(Phase::db)] + phases.ns[static_cast<std::size_t>(Phase::pool)];
        run.server->highest = {.pool_in_use = 4, .pool_most = 4};
        if (rate > generator || trials == stall) {
            run.outcome.cpu.busiest_thread = 1;
            run.outcome.saturation = {.asked = rate,
                                      .achieved = std::min(generator, 0.9 * rate),
                                      .is_short = true,
                                      .is_saturated = true,
                                      .why = "no CPU"};
            record.answer({.id = id, .status = 200, .latency_ns = 1'000'000'000});
        }
        return run;
    }
};

LimitTask task(std::string_view goal = "p99<20ms") {
    return {.plan = {.target = "http://server", .model = Model::open},
            .goals = {parse_threshold(goal).value()}};
}
LimitTools tools(SimulatedServer& server) {
    return {.run = [&server](const Plan& plan) { return server.run(plan); },
            .rest = [](std::chrono::nanoseconds) { return false; },
            .say = [](const LimitTrial&) {}};
}

TEST(FindLimit, NamesTheRateAndThePool) {
    SimulatedServer server{.limit = 3'000};
    auto const found = find_limit(task(), tools(server));
    // a fifth of the trial's requests is late from 10 % above the limit on
    EXPECT_NEAR(found.report.range.rate, 3'250, 300);
    EXPECT_LE(found.report.range.plus_minus(), 250);
    ASSERT_TRUE(found.report.cause.has_value()) << found.report.remark;
    EXPECT_EQ(found.report.cause->culprit, Culprit::pool);
    EXPECT_TRUE(words_of(found.report).find("pool 4/4") != std::string::npos) << words_of(found.report);
    EXPECT_EQ(found.report.trials.size(), static_cast<std::size_t>(server.trials));
    EXPECT_LE(found.outcome.plan.stages.at(0).from, found.report.range.rate * 1.001);
}

TEST(FindLimit, TheGeneratorsLimitIsNotTheServers) {
    SimulatedServer server{.limit = 50'000, .generator = 4'000};
    auto const found = find_limit(task(), tools(server));
    EXPECT_TRUE(found.report.range.is_at_least);
    EXPECT_NEAR(found.report.range.rate, 3'900, 150);
    EXPECT_FALSE(found.report.cause.has_value());
    EXPECT_EQ(found.report.remark, "the generator goes no further: no CPU");
}

TEST(FindLimit, AGeneratorThatStallsOnceIsAskedAgain) {
    SimulatedServer server{.limit = 3'000, .stall = 3};
    auto const found = find_limit(task(), tools(server));
    ASSERT_GE(found.report.trials.size(), 4u);
    EXPECT_EQ(found.report.trials[2].standing, TrialStanding::unsure);
    EXPECT_EQ(found.report.trials[3].rate, found.report.trials[2].rate);
    EXPECT_FALSE(found.report.range.is_at_least);
    EXPECT_NEAR(found.report.range.rate, 3'250, 300);
    EXPECT_EQ(found.report.remark, "");
}

TEST(FindLimit, WithoutTheServersWordThereIsNoCause) {
    SimulatedServer server;
    auto with = tools(server);
    with.unwatched = "nobody answers";
    auto const found = find_limit(task(), with);
    EXPECT_EQ(found.report.remark, "what breaks first is not known: nobody answers");
    EXPECT_FALSE(found.report.cause.has_value());
}

TEST(FindLimit, ThePersonCanEndIt) {
    SimulatedServer server;
    auto with = tools(server);
    with.rest = [&server](std::chrono::nanoseconds) { return server.trials == 3; };
    auto const found = find_limit(task(), with);
    EXPECT_TRUE(found.was_interrupted);
    EXPECT_EQ(found.report.trials.size(), 3u);
}

TEST(FindLimit, AServerThatDoesNotBearItIsGone) {
    SimulatedServer server{.limit = 50'000};
    auto with = tools(server);
    with.run = [&server](const Plan& plan) {
        auto run = server.run(plan);
        run.gone = plan.stages.at(0).from > 1'000 ? "nobody accepts connections" : "";
        return run;
    };
    auto const found = find_limit(task(), with);
    EXPECT_FALSE(found.was_interrupted);
    EXPECT_EQ(words_of(found.report),
              "holds to 800/s at least; then the server is gone: nobody accepts connections");
    EXPECT_EQ(found.report.trials.size(), 4u);
    EXPECT_EQ(found.outcome.plan.stages.at(0).from, 800);
}

TEST(FindLimit, ATrialIsLongEnoughForItsGoal) {
    Threshold const p99[] = {parse_threshold("p99<20ms").value()};
    EXPECT_EQ(trial_time(p99, 10'000), 2s);
    EXPECT_NEAR(std::chrono::duration<double>(trial_time(p99, 200)).count(), 5, 0.1);
    EXPECT_EQ(trial_time(p99, 1), 8s);
}

TEST(FindLimit, FewMissesAreUnsureAndAGeneratorThatIsLateTellsNothing) {
    Threshold const p99[] = {parse_threshold("p99<20ms").value()};
    Outcome outcome{.counted = 1s};
    auto const id = outcome.record.id_of("GET", "/");
    auto const add = [&](int count, std::uint64_t ms) {
        for (int i = 0; i < count; ++i) {
            outcome.record.answer({.id = id, .status = 200, .latency_ns = ms * 1'000'000});
        }
    };
    add(990, 1);
    EXPECT_EQ(judge_trial(p99, outcome).standing, TrialStanding::held);
    add(10, 50);
    EXPECT_EQ(judge_trial(p99, outcome).standing, TrialStanding::unsure);
    add(100, 50);
    EXPECT_EQ(judge_trial(p99, outcome).standing, TrialStanding::missed);
    outcome.saturation = {.late_p99_ns = 30'000'000, .is_saturated = true, .why = "it was late"};
    EXPECT_EQ(judge_trial(p99, outcome).standing, TrialStanding::unsure);
}

}  // namespace
}  // namespace brio::load
