#include <brio/runtime/seats.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <vector>

namespace brio::runtime {
namespace {

struct Counted {
    explicit Counted(int& its_count) : count(its_count) { ++count; }
    Counted(const Counted&) = delete;
    ~Counted() { --count; }
    int& count;
};

struct Fixture {
    Counted& of(Loop& loop) {
        return seats.of(loop, [this] { return std::make_unique<Counted>(alive); });
    }
    int alive = 0;
    Seats<Counted> seats;
};

TEST(Seats, ALoopFindsItsOwnAgain) {
    Fixture fixture;
    Loop a;
    Loop b;
    Counted& first = fixture.of(a);
    Counted& second = fixture.of(b);
    EXPECT_NE(&first, &second);
    EXPECT_EQ(&fixture.of(a), &first);
    EXPECT_EQ(&fixture.of(b), &second);
    EXPECT_EQ(fixture.alive, 2);
}

TEST(Seats, ASeatEndsWithItsLoopAndItsPlaceIsUsedAgain) {
    Fixture fixture;
    Loop stays;
    for (std::size_t i = 0; i < 2 * Seats<Counted>::most_loops; ++i) {
        Loop loop;
        fixture.of(loop);
        fixture.of(stays);
        EXPECT_EQ(fixture.alive, 2);
    }
    EXPECT_EQ(fixture.alive, 1);
}

TEST(Seats, ALoopThatOutlivesTheSeatsForgetsThem) {
    Loop loop;
    int alive = 0;
    {
        Seats<Counted> seats;
        seats.of(loop, [&] { return std::make_unique<Counted>(alive); });
    }
    EXPECT_EQ(alive, 0);
}

TEST(Seats, ASeatMayUseItsLoopWhileItEnds) {
    struct Waiting : Timer {
        Waiting() : Timer([](Timer&) {}) {}
    };
    Seats<Waiting> seats;
    std::optional<Loop> loop(std::in_place);
    loop->arm(seats.of(*loop, [] { return std::make_unique<Waiting>(); }), std::chrono::seconds(1));
    loop.reset();
}

TEST(Seats, LoopsOfManyThreadsEachHaveTheirOwn) {
    Seats<int> seats;
    std::vector<std::unique_ptr<Loop>> loops;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        loops.push_back(std::make_unique<Loop>());
    }
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&seats, &loop = *loops[static_cast<std::size_t>(i)], i] {
            for (int round = 0; round < 10'000; ++round) {
                int& mine = seats.of(loop, [i] { return std::make_unique<int>(i * 100'000); });
                ++mine;
            }
            EXPECT_EQ(seats.of(loop, [] { return std::make_unique<int>(); }), i * 100'000 + 10'000);
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
}

}  // namespace
}  // namespace brio::runtime
