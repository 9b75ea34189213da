#include <brio/base/random.hpp>
#include <brio/ledger/ledger.hpp>

#include <gtest/gtest.h>

namespace brio::ledger {

TEST(Ledger, ChargesThePhaseThatWasCurrent) {
    Ledger ledger;
    ledger.start(Phase::read, 1000);
    EXPECT_EQ(ledger.enter(Phase::handler, 1010), Phase::read);
    EXPECT_EQ(ledger.enter(Phase::db, 1030), Phase::handler);
    EXPECT_EQ(ledger.enter(Phase::handler, 1100), Phase::db);
    ledger.finish(1105);
    EXPECT_EQ(ledger.ticks_of(Phase::read), 10u);
    EXPECT_EQ(ledger.ticks_of(Phase::handler), 25u);
    EXPECT_EQ(ledger.ticks_of(Phase::db), 70u);
    EXPECT_EQ(ledger.ticks_of(Phase::write), 0u);
    EXPECT_EQ(ledger.total_ticks(), 105u);
}

TEST(Ledger, PhasesAddUpToTheTotalWhateverTheOrder) {
    Random random(20);
    for (int round = 0; round < 200; ++round) {
        Ledger ledger;
        Ticks now = random();
        now >>= 8;
        const Ticks begun = now;
        Ticks latest = now;
        ledger.start(static_cast<Phase>(random.below(phase_count)), now);
        for (std::uint64_t switches = random.below(50); switches > 0; --switches) {
            now += random.below(1'000'000);
            now -= random.below(8) == 0 ? random.below(100) : 0;  // another core's counter, a little behind
            latest = std::max(latest, now);
            ledger.enter(static_cast<Phase>(random.below(phase_count)), now);
        }
        ledger.finish(latest);
        Ticks sum = 0;
        std::uint64_t nanoseconds = 0;
        for (std::size_t i = 0; i < phase_count; ++i) {
            sum += ledger.ticks_of(static_cast<Phase>(i));
            nanoseconds += ledger.of(static_cast<Phase>(i));
        }
        EXPECT_EQ(sum, ledger.total_ticks());
        EXPECT_EQ(sum, latest - begun);
        EXPECT_EQ(nanoseconds, ledger.total());
        EXPECT_LE(ledger.total(), ticks_to_ns(latest - begun));
        EXPECT_GE(ledger.total() + phase_count, ticks_to_ns(latest - begun));
    }
}

TEST(Ledger, AClockThatWentBackChargesNothing) {
    Ledger ledger;
    ledger.start(Phase::read, 1000);
    ledger.enter(Phase::handler, 900);
    ledger.finish(1004);
    EXPECT_EQ(ledger.ticks_of(Phase::read), 0u);
    EXPECT_EQ(ledger.ticks_of(Phase::handler), 4u);
}

TEST(Ledger, StartingAgainForgetsEverything) {
    Ledger ledger;
    ledger.start(Phase::read, 0);
    ledger.enter(Phase::db, 50);
    count_statement(&ledger, 7);
    ledger.start(Phase::read, 100);
    EXPECT_EQ(ledger.total_ticks(), 0u);
    EXPECT_EQ(ledger.statements, 0u);
    EXPECT_EQ(ledger.rows, 0u);
}

TEST(Ledger, MovingKeepsTheTotalAndTakesNoMoreThanThereIs) {
    Ledger ledger;
    ledger.start(Phase::offload, 0);
    ledger.finish(100);
    ledger.move(Phase::offload, Phase::db, 60);
    EXPECT_EQ(ledger.ticks_of(Phase::offload), 40u);
    ledger.move(Phase::offload, Phase::db, 1000);
    EXPECT_EQ(ledger.ticks_of(Phase::offload), 0u);
    EXPECT_EQ(ledger.ticks_of(Phase::db), 100u);
    EXPECT_EQ(ledger.total_ticks(), 100u);
}

TEST(Ledger, TimeBeforeTheBeginningIsPartOfTheTotal) {
    Ledger ledger;
    ledger.start(Phase::run, 1000);
    ledger.add_before(Phase::wait, 300);
    ledger.finish(1010);
    EXPECT_EQ(ledger.ticks_of(Phase::wait), 300u);
    EXPECT_EQ(ledger.total_ticks(), 310u);
}

TEST(PhaseScope, ReturnsToThePhaseBefore) {
    Ledger ledger;
    ledger.start(Phase::handler);
    {
        const PhaseScope db(&ledger, Phase::db);
        EXPECT_EQ(ledger.current(), Phase::db);
        {
            const PhaseScope decode(&ledger, Phase::decode);
            EXPECT_EQ(ledger.current(), Phase::decode);
        }
        EXPECT_EQ(ledger.current(), Phase::db);
    }
    EXPECT_EQ(ledger.current(), Phase::handler);
}

TEST(PhaseScope, WithoutALedgerDoesNothing) {
    const PhaseScope scope(nullptr, Phase::db);
    count_statement(nullptr, 3);
    EXPECT_EQ(enter(nullptr, Phase::cache), Phase::cache);
}

TEST(Phase, NamesStandAtTheirPlace) {
    EXPECT_EQ(name(Phase::read), "read");
    EXPECT_EQ(name(Phase::handler), "handler");
    EXPECT_EQ(name(Phase::write), "write");
    EXPECT_EQ(name(Phase::store), "store");
    EXPECT_EQ(static_cast<std::size_t>(Phase::write) + 1, request_phase_count);
    EXPECT_EQ(static_cast<std::size_t>(Phase::store) + 1, phase_count);
}

}  // namespace brio::ledger
