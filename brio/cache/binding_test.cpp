#include <brio/cache/binding.hpp>

#include <gtest/gtest.h>

#include <brio/sql/generations.hpp>

namespace brio::cache {
namespace {

constexpr std::chrono::nanoseconds now = std::chrono::seconds(100);

class BindingTest : public testing::Test {
protected:
    Binding bound_to(std::initializer_list<std::string_view> tables) {
        ledger::Dependencies read;
        for (const auto table : tables) {
            const auto slot = generations.slot(table);
            const auto generation = generations.read(slot);
            read.read({&generations, table, slot, generation.number}, generation.settled);
        }
        return Binding(read);
    }
    void commit(std::string_view table) {
        const sql::Generations::Slot slots[] = {generations.slot(table)};
        generations.begin_commit(slots);
        generations.end_commit(slots);
    }
    sql::Generations generations;
};

TEST_F(BindingTest, HoldsUntilATableMoves) {
    const auto binding = bound_to({"users", "resources"});
    commit("orders");
    EXPECT_TRUE(binding.holds(now));
    commit("users");
    EXPECT_FALSE(binding.holds(now));
}

TEST_F(BindingTest, DoesNotHoldWhileACommitIsUnderWay) {
    const auto binding = bound_to({"users"});
    const sql::Generations::Slot slots[] = {generations.slot("users")};
    generations.begin_commit(slots);
    EXPECT_FALSE(binding.holds(now));
    generations.end_commit(slots);
    EXPECT_FALSE(binding.holds(now));
}

TEST_F(BindingTest, DoesNotHoldWhenNobodyTellsOfOthersCommits) {
    const auto binding = bound_to({"users"});
    generations.set_current_until(now);
    EXPECT_FALSE(binding.holds(now));
    generations.set_current_until(now + std::chrono::milliseconds(1));
    EXPECT_TRUE(binding.holds(now));
}

TEST_F(BindingTest, OfNothingHoldsForEver) {
    generations.set_current_until({});
    EXPECT_TRUE(Binding().holds(now));
}

TEST_F(BindingTest, IsPassedOnToWhatIsComputedFromIt) {
    const auto binding = bound_to({"users"});
    ledger::Dependencies outer;
    binding.note(outer);
    ASSERT_EQ(outer.size(), 1u);
    EXPECT_EQ(outer.begin()->name, "users");
    // What moved between is seen, though the outer one reads the table again.
    commit("users");
    const auto slot = generations.slot("users");
    outer.read({&generations, "users", slot, generations.read(slot).number}, true);
    EXPECT_EQ(outer.refused(), ledger::Unkept::moved);
}

}  // namespace
}  // namespace brio::cache
