#include <brio/ledger/server_timing.hpp>

#include <gtest/gtest.h>
#include <string>

namespace brio::ledger {

namespace {

/// A ledger with these microseconds, a little over so that rounding down does not show.
Ledger spent(std::initializer_list<std::pair<Phase, std::uint64_t>> phases) {
    Ledger ledger;
    Ticks now = 1'000'000;
    ledger.start(Phase::read, now);
    for (const auto& [phase, us] : phases) {
        ledger.enter(phase, now);
        now += ns_to_ticks(us * 1000);
    }
    ledger.finish(now);
    return ledger;
}

std::string header(const Ledger& ledger) {
    Buffer out;
    append_server_timing(out, ledger);
    return std::string(out.view());
}
std::string words(const Ledger& ledger) {
    Buffer out;
    append_phase_words(out, ledger);
    return std::string(out.view());
}

}  // namespace

TEST(ServerTiming, ListsPhasesUpToCompressAndTheTotal) {
    EXPECT_EQ(
        header(spent({{Phase::db, 90}, {Phase::handler, 20}, {Phase::compress, 50}, {Phase::write, 50}})),
        "db;dur=0.09, handler;dur=0.02, compress;dur=0.05, total;dur=0.21");
}

TEST(ServerTiming, LeavesOutWhatIsUnderFiveMicroseconds) {
    EXPECT_EQ(header(spent({{Phase::read, 4}, {Phase::validate, 5}})), "validate;dur=0.01, total;dur=0.01");
    EXPECT_EQ(header(spent({})), "total;dur=0.00");
}

TEST(PhaseWords, AreTheDesignsLine) {
    Ledger ledger =
        spent({{Phase::handler, 4}, {Phase::db, 90}, {Phase::serialise, 20}, {Phase::compress, 50}});
    count_statement(&ledger, 20);
    count_statement(&ledger);
    EXPECT_EQ(words(ledger), "0.16ms db 0.09(2q) ser 0.02 gz 0.05");
}

TEST(PhaseWords, CountNoStatementsWhenThereAreNone) {
    EXPECT_EQ(words(spent({{Phase::db, 10'000}, {Phase::write, 1'000}})), "11.00ms db 10.00 write 1.00");
}

TEST(PhaseWords, ShowATasksPhases) {
    EXPECT_EQ(words(spent({{Phase::wait, 2'000}, {Phase::run, 3'000}, {Phase::store, 100}})),
              "5.10ms wait 2.00 run 3.00 store 0.10");
}

}  // namespace brio::ledger
