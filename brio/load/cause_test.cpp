#include <brio/load/cause.hpp>

#include <gtest/gtest.h>

namespace brio::load {
namespace {

using ledger::Phase;
using Phases = std::initializer_list<std::pair<Phase, double>>;  // ms a request

constexpr std::uint64_t requests = 1'000;

RunSeen run(Phases phases, double client_ms) {
    RunSeen seen{.client_mean_ms = client_ms};
    auto& counted = seen.server.counted;
    counted.phases.count = requests;
    for (auto const& [phase, ms] : phases) {
        auto const ns = static_cast<std::uint64_t>(ms * 1e6) * requests;
        counted.phases.ns[static_cast<std::size_t>(phase)] = ns;
        counted.total_ns += ns;
    }
    return seen;
}
StatementUse statement(std::uint64_t scanned_each, double ms_each) {
    return {.statement = "resources page by created_at",
            .endpoint = "/api/resources",
            .runs = requests,
            .rows = 20 * requests,
            .scanned = scanned_each * requests,
            .took_ms = ms_each * requests};
}

TEST(Cause, APoolThatIsFullOfQuickStatementsIsTooSmall) {
    auto const held = run({{Phase::pool, 0.1}, {Phase::db, 0.2}, {Phase::handler, 0.1}}, 0.5);
    auto missed = run({{Phase::pool, 71}, {Phase::db, 0.25}, {Phase::handler, 0.1}, {Phase::write, 29}}, 101);
    missed.server.highest = {.pool_in_use = 10, .pool_waiting = 400, .pool_most = 10};
    missed.server.counted.statements = {statement(20, 0.2)};
    auto const cause = cause_of(held, missed);
    EXPECT_EQ(cause.culprit, Culprit::pool);
    EXPECT_EQ(cause.phase, "pool");
    EXPECT_EQ(cause.words,
              "waiting for a connection of the database takes 71 % of the overrun: pool 10/10, 400 waiting; "
              "statements stay as they are (200us a request, then 250us)");
    EXPECT_NEAR(cause.growth.at(0).share, 0.70, 0.01);
    EXPECT_EQ(cause.growth.at(1).phase, "write");
}

TEST(Cause, APoolThatIsFullOfScansWaitsForTheDatabase) {
    auto const held = run({{Phase::pool, 0.1}, {Phase::db, 8}}, 8.5);
    auto missed = run({{Phase::pool, 300}, {Phase::db, 9}}, 310);
    missed.server.counted.statements = {statement(20'000, 9)};
    auto const cause = cause_of(held, missed);
    EXPECT_EQ(cause.culprit, Culprit::database);
    ASSERT_TRUE(cause.statement.has_value());
    EXPECT_TRUE(
        cause.words.ends_with("\"resources page by created_at\" of /api/resources takes 9.00ms each time "
                              "and looks at 20,000 rows to give 20"))
        << cause.words;
    EXPECT_EQ(cause.advice, "/api/indexes at the admin port names the index that is missing");
}

TEST(Cause, StatementsThatGrowAreTheDatabase) {
    auto const cause =
        cause_of(run({{Phase::db, 1}, {Phase::pool, 1}}, 3), run({{Phase::db, 30}, {Phase::pool, 2}}, 34));
    EXPECT_EQ(cause.culprit, Culprit::database);
    EXPECT_EQ(cause.phase, "db");
}

TEST(Cause, WaitingOutsideMeansTheWorkThatKeepsTheLoopsBusy) {
    auto const held = run({{Phase::db, 0.1}, {Phase::serialise, 2}, {Phase::write, 0.2}}, 2.5);
    auto missed = run({{Phase::db, 0.1}, {Phase::serialise, 2.2}, {Phase::write, 0.2}}, 400);
    missed.server_cores = 0.97;
    auto const cause = cause_of(held, missed);
    EXPECT_EQ(cause.culprit, Culprit::processor);
    EXPECT_EQ(cause.phase, "serialise");
    EXPECT_EQ(
        cause.words,
        "waiting before the server reads (network and sockets) takes 99.9 % of the overrun; the server uses "
        "0.97 cores, and 87 % of its work on a request is serialise (2.00ms)");
}

TEST(Cause, AnswersThatDoNotLeaveAnIdleServerAreTheNetwork) {
    auto missed = run({{Phase::write, 90}}, 91);
    missed.server_cores = 0.2;
    EXPECT_EQ(cause_of(run({{Phase::write, 1}}, 2), missed).culprit, Culprit::network);
}

TEST(Cause, RefusalsAreNamedByTheirLimit) {
    auto missed = run({{Phase::handler, 1}}, 2);
    missed.server.counted.shed = {{"in_flight", 300}, {"deadline", 2}};
    auto const cause = cause_of(run({{Phase::handler, 1}}, 2), missed);
    EXPECT_EQ(cause.culprit, Culprit::shedding);
    EXPECT_EQ(cause.words, "the server refuses 30 % of the requests, because of its limit 'in_flight'");
    missed.server.counted.shed = {{"pool", 300}};
    EXPECT_EQ(cause_of(run({{Phase::handler, 1}}, 2), missed).culprit, Culprit::pool);
}

TEST(Cause, RefusalsAreExplainedByWhatTookLonger) {
    auto const held = run({{Phase::serialise, 2}, {Phase::db, 0.1}}, 3);
    auto missed = run({{Phase::serialise, 2.2}, {Phase::db, 0.1}, {Phase::pool, 3}}, 700);
    missed.server.counted.shed = {{"pool", 300}};
    auto const cause = cause_of(held, missed);
    EXPECT_EQ(cause.culprit, Culprit::processor);
    EXPECT_EQ(cause.phase, "serialise");
    EXPECT_TRUE(cause.words.starts_with(
        "the server refuses 30 % of the requests, because of its limit 'pool', and waiting before"))
        << cause.words;
}

TEST(Cause, NothingThatGrewIsUnknown) {
    EXPECT_EQ(cause_of({}, {}).culprit, Culprit::unknown);
    EXPECT_EQ(cause_of(run({{Phase::db, 1}}, 1), run({{Phase::db, 1}}, 1)).culprit, Culprit::unknown);
}

}  // namespace
}  // namespace brio::load
