#include <brio/cache/flight.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/errors.hpp>

namespace brio::cache {
namespace {

using namespace std::chrono_literals;

const Key key = Key::of("page", 1);

std::shared_ptr<const Item> an_item() { return std::make_shared<const Item>(); }

/// What came of one who wanted it.
struct Passenger {
    runtime::Work work;
    Async<void> call;
    bool ended = false;
    Flights::Shared item;
    std::string error;
    bool led = false;
    std::optional<Flights::Lead> lead;  // kept until the test lands it

    void start(runtime::Loop& loop, Flights& flights, const Key& wanted) {
        work.loop = &loop;
        call = want(*this, flights, wanted);
        call.start(work, [](void* self) { static_cast<Passenger*>(self)->ended = true; }, this);
    }
    static Async<void> want(Passenger& self, Flights& flights, const Key& wanted) {
        auto boarding = flights.board(wanted);
        if (boarding.lead) {
            self.led = true;
            self.lead = std::move(boarding.lead);
            co_return;
        }
        try {
            auto landing = co_await flights.wait(boarding);
            self.item = landing.item;
            if (landing.lead) {
                self.led = true;
                self.lead = std::move(landing.lead);
            }
            if (landing.error) {
                std::rethrow_exception(landing.error);
            }
        } catch (const std::exception& error) {
            self.error = error.what();
        }
    }
};

class FlightTest : public testing::Test {
protected:
    void turn() {
        for (int i = 0; i < 3; ++i) {
            loop.turn(0ns);
        }
    }
    runtime::Loop loop{runtime::Loop::Time::manual};
    Flights flights{3};
    Passenger first, second, third;
};

TEST_F(FlightTest, TheFirstLeadsAndTheOthersGetWhatItMade) {
    first.start(loop, flights, key);
    second.start(loop, flights, key);
    third.start(loop, flights, key);
    ASSERT_TRUE(first.led);
    EXPECT_TRUE(flights.is_under_way(key));
    EXPECT_FALSE(second.ended);
    const auto item = an_item();
    first.lead->land(item);
    EXPECT_FALSE(flights.is_under_way(key));
    turn();
    EXPECT_EQ(second.item, item);
    EXPECT_EQ(third.item, item);
    EXPECT_FALSE(second.led);
    EXPECT_EQ(flights.waiting().used(), 0u);
}

TEST_F(FlightTest, AnotherKeyIsAnotherFlight) {
    first.start(loop, flights, key);
    second.start(loop, flights, Key::of("page", 2));
    EXPECT_TRUE(first.led);
    EXPECT_TRUE(second.led);
    first.lead->decline();
    second.lead->decline();
}

TEST_F(FlightTest, WhatTheLeaderThrewIsThrownToAll) {
    first.start(loop, flights, key);
    second.start(loop, flights, key);
    first.lead->fail(std::make_exception_ptr(std::runtime_error("the database is gone")));
    turn();
    EXPECT_EQ(second.error, "the database is gone");
}

TEST_F(FlightTest, WhatIsNotToBeSharedEachMakesByItself) {
    first.start(loop, flights, key);
    second.start(loop, flights, key);
    first.lead->decline();
    turn();
    EXPECT_TRUE(second.ended);
    EXPECT_EQ(second.item, nullptr);
    EXPECT_EQ(second.error, "");
    EXPECT_FALSE(second.led);
}

TEST_F(FlightTest, ALeaderThatGoesAwayIsFollowedByWhoWaitedLongest) {
    first.start(loop, flights, key);
    second.start(loop, flights, key);
    third.start(loop, flights, key);
    first.lead.reset();
    turn();
    EXPECT_TRUE(second.led);
    EXPECT_FALSE(third.ended);
    const auto item = an_item();
    second.lead->land(item);
    turn();
    EXPECT_EQ(third.item, item);
}

TEST_F(FlightTest, AStoppedOneLeavesAndTheOthersStay) {
    first.start(loop, flights, key);
    second.start(loop, flights, key);
    third.start(loop, flights, key);
    second.work.stop(runtime::StopReason::disconnected);
    EXPECT_EQ(second.error, "client disconnected");
    const auto item = an_item();
    first.lead->land(item);
    turn();
    EXPECT_EQ(third.item, item);
}

TEST_F(FlightTest, ALeadOnItsWayToAStoppedOneIsHandedOn) {
    first.start(loop, flights, key);
    second.start(loop, flights, key);
    third.start(loop, flights, key);
    first.lead.reset();  // on its way to the second
    second.work.stop(runtime::StopReason::deadline);
    second.call.reset();
    turn();
    turn();
    EXPECT_FALSE(second.led);
    EXPECT_TRUE(third.led);
    third.lead->decline();
}

TEST_F(FlightTest, WithNobodyWaitingAnAbandonedFlightIsOver) {
    first.start(loop, flights, key);
    first.lead.reset();
    EXPECT_FALSE(flights.is_under_way(key));
    second.start(loop, flights, key);
    EXPECT_TRUE(second.led);
    second.lead->decline();
}

TEST_F(FlightTest, ACoroutineThatIsDestroyedWhileItWaitsIsForgotten) {
    first.start(loop, flights, key);
    second.start(loop, flights, key);
    second.call.reset();
    EXPECT_EQ(flights.waiting().used(), 0u);
    first.lead->land(an_item());
    turn();
    EXPECT_EQ(second.item, nullptr);
}

TEST_F(FlightTest, NoMoreWaitThanMay) {
    first.start(loop, flights, key);
    Passenger some[4];
    for (auto& each : some) {
        each.start(loop, flights, key);
    }
    EXPECT_EQ(some[3].error, "cache_waiting is full");
    EXPECT_FALSE(some[2].ended);
    first.lead->decline();
    turn();
}

TEST(Flights, OneOfManyOnTwoLoopsLeads) {
    Flights flights;
    std::atomic<int> led = 0;
    std::atomic<int> got = 0;
    const auto serve = [&] {
        runtime::Loop loop;
        std::vector<std::unique_ptr<Passenger>> passengers;
        for (int round = 0; round < 200; ++round) {
            passengers.clear();
            for (int i = 0; i < 5; ++i) {
                passengers.push_back(std::make_unique<Passenger>());
                passengers.back()->start(loop, flights, Key::of("round", round));
            }
            for (auto& each : passengers) {
                if (each->lead) {
                    led.fetch_add(1);
                    each->lead->land(an_item());
                    each->ended = true;
                }
            }
            for (auto& each : passengers) {
                while (!each->ended) {
                    loop.turn(std::chrono::milliseconds(10));
                }
                got.fetch_add(each->item != nullptr ? 1 : 0);
            }
        }
    };
    std::thread other(serve);
    serve();
    other.join();
    EXPECT_EQ(led + got, 2'000);
    EXPECT_GE(led, 200);
}

}  // namespace
}  // namespace brio::cache
