#include <brio/app/slow_routes.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace brio::app {
namespace {

using ledger::Phase;
using ledger::SlowKind;
using ledger::SlowWhy;
using ledger::SlowWork;

std::string no_name(std::uint64_t) { return {}; }

SlowWork work_of(SlowKind kind, std::string_view name) {
    SlowWork work;
    work.kind = kind;
    work.name = name;
    return work;
}

TEST(SlowReport, SaysWhereTheTimeWentAndWhatRan) {
    SlowWork work = work_of(SlowKind::request, "/api/notes/{id}");
    work.total_ns = 3'500'000;
    work.phases[static_cast<std::size_t>(Phase::db)] = 3'000'000;
    work.phases[static_cast<std::size_t>(Phase::handler)] = 500'000;
    work.statements[0].name = "notes by id";
    work.statements[0].count = 2;
    work.statements[0].ns = 2'000'000;
    work.statement_count = 1;
    work.trace_high = 0xab;
    work.trace_low = 1;
    const auto report = report_slow(std::vector{work}, {}, no_name);
    ASSERT_EQ(report.slow.size(), 1U);
    const SlowEntry& entry = report.slow[0];
    EXPECT_EQ(entry.kind, "request");
    EXPECT_DOUBLE_EQ(entry.total_ms, 3.5);
    ASSERT_EQ(entry.phases.size(), 2U);
    EXPECT_EQ(entry.phases[0].phase, "db");
    EXPECT_DOUBLE_EQ(entry.phases[0].ms, 3.0);
    ASSERT_EQ(entry.statements.size(), 1U);
    EXPECT_EQ(entry.statements[0].statement, "notes by id");
    EXPECT_EQ(entry.statements[0].count, 2U);
    EXPECT_EQ(entry.trace_id, "00000000000000ab0000000000000001");
}

TEST(SlowReport, GivesOnlyWhatIsAskedFor) {
    SlowWork failed = work_of(SlowKind::task, "mail.send");
    failed.why = SlowWhy::failed;
    const std::vector all{work_of(SlowKind::request, "/a"), work_of(SlowKind::request, "/b"), failed};
    EXPECT_EQ(report_slow(all, {.name = "/b"}, no_name).slow.size(), 1U);
    EXPECT_EQ(report_slow(all, {.kind = "task"}, no_name).slow[0].name, "mail.send");
    EXPECT_EQ(report_slow(all, {.why = "slow"}, no_name).slow.size(), 2U);
    EXPECT_EQ(report_slow(all, {.top = 1}, no_name).slow[0].name, "/a");
}

TEST(SlowReport, AStackBeginsWithItsOutermostFunction) {
    SlowWork work = work_of(SlowKind::request, "/a");
    work.stack_count = 1;
    work.stacks[0] = {.seen = 4, .depth = 2, .frames = {1, 2}};
    const auto report =
        report_slow(std::vector{work}, {}, [](std::uint64_t address) { return address == 1 ? "in" : "out"; });
    ASSERT_EQ(report.slow[0].cpu.size(), 1U);
    EXPECT_EQ(report.slow[0].cpu[0].seen, 4U);
    EXPECT_EQ(report.slow[0].cpu[0].frames, (std::vector<std::string>{"out", "in"}));
}

}  // namespace
}  // namespace brio::app
