#include <brio/load/blocks.hpp>

#include <gtest/gtest.h>

namespace brio::load {
namespace {

using namespace std::chrono_literals;

Record second(std::uint64_t answers, std::uint64_t latency_ms, std::string_view name = "/a") {
    Record record;
    auto const id = record.id_of("GET", name);
    for (std::uint64_t i = 0; i < answers; ++i) {
        record.answer({.id = id, .status = 200, .latency_ns = latency_ms * 1'000'000});
    }
    return record;
}

TEST(Blocks, AShortRunHasABlockASecond) {
    Blocks blocks(10s);
    blocks.add(-500ms, second(99, 99));  // the warm-up
    blocks.add(1s, second(100, 1));
    blocks.add(2s, second(200, 2));
    ASSERT_EQ(blocks.count(), 2u);
    auto const& all = blocks.figures().at(0);
    EXPECT_EQ(all.name, "Aggregated");
    EXPECT_EQ(all.rate, (std::vector<double>{100, 200}));
    EXPECT_NEAR(all.p50_ms[1], 2, 0.02);
    EXPECT_EQ(blocks.figures().at(1).name, "GET /a");
}

TEST(Blocks, ALongRunHasLongerOnes) {
    Blocks blocks(10min);
    EXPECT_EQ(blocks.length(), 10s);
    for (int i = 1; i <= 600; ++i) {
        blocks.add(1s * i, second(100, 1));
    }
    EXPECT_EQ(blocks.count(), 60u);
    EXPECT_NEAR(blocks.figures().at(0).rate.at(0), 100, 1);
}

TEST(Blocks, ANameThatIsNotInEachBlockIsLeftOut) {
    Blocks blocks(10s);
    blocks.add(1s, second(10, 1, "/a"));
    blocks.add(2s, second(10, 1, "/b"));
    ASSERT_EQ(blocks.figures().size(), 1u);
    EXPECT_EQ(blocks.figures()[0].name, "Aggregated");
}

TEST(Blocks, TheirNumberIsBounded) {
    Blocks blocks(1s);
    for (int i = 1; i <= 500; ++i) {
        blocks.add(1s * i, second(1, 1));
    }
    EXPECT_EQ(blocks.count(), Blocks::most_blocks);
}

}  // namespace
}  // namespace brio::load
