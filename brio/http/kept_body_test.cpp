#include <brio/http/kept_body.hpp>

#include <brio/http/codings_harness.hpp>
#include <brio/runtime/offload.hpp>

#include <gtest/gtest.h>

#include <thread>

namespace brio::http {
namespace {

constexpr auto encodings = {Coding::gzip, Coding::zstd, Coding::br};

// Wants it as often as it takes; the pool's end waits until it is made.
void make_all(const KeptBody& body) {
    runtime::OffloadPool pool({.threads = 1});
    for (unsigned i = 0; i < KeptBody::wants_before_making; ++i) {
        for (auto const coding : encodings) {
            body.want(coding, pool);
        }
    }
}

TEST(KeptBody, EveryCodingThatIsMadeIsTheSameBody) {
    auto const text = test::json_of_size(5000);
    auto const body = std::make_shared<const KeptBody>(text);
    EXPECT_EQ(body->variant(Coding::identity), text);
    EXPECT_TRUE(body->variant(Coding::br).empty());
    make_all(*body);
    for (auto const coding : encodings) {
        EXPECT_TRUE(body->made().has(coding));
        EXPECT_EQ(test::decoded(coding, body->variant(coding)), text) << name_of(coding);
    }
}

TEST(KeptBody, ItsBytesAreThoseOfAllVariantsAndTheOwnerHearsOfEach) {
    std::atomic<std::size_t> told{0};
    auto const body =
        std::make_shared<const KeptBody>(test::json_of_size(5000), [&](std::size_t bytes) { told += bytes; });
    auto const before = body->bytes();
    EXPECT_EQ(before, body->identity().size());
    make_all(*body);
    std::size_t sum = 0;
    for (auto const coding : encodings) {
        sum += body->variant(coding).size();
    }
    EXPECT_EQ(told, sum);
    EXPECT_EQ(body->bytes(), before + sum);
}

TEST(KeptBody, TheFirstWishMakesNothing) {
    runtime::OffloadPool pool({.threads = 0});
    auto const body = std::make_shared<const KeptBody>(test::json_of_size(5000));
    EXPECT_FALSE(body->want(Coding::br, pool));
    EXPECT_EQ(pool.queue_limit().used(), 0U);
}

TEST(KeptBody, ACodingIsMadeByOneJobHoweverManyWantIt) {
    runtime::OffloadPool pool({.threads = 0});  // what is queued stays there
    auto const body = std::make_shared<const KeptBody>(test::json_of_size(5000));
    body->want(Coding::br, pool);
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(body->want(Coding::br, pool));
    }
    EXPECT_EQ(pool.queue_limit().used(), 1U);
}

TEST(KeptBody, WhatDoesNotGetSmallerIsTriedOnce) {
    auto const body = std::make_shared<const KeptBody>("a");
    make_all(*body);
    for (auto const coding : encodings) {
        EXPECT_FALSE(body->possible().has(coding));
        EXPECT_TRUE(body->variant(coding).empty());
    }
    EXPECT_EQ(body->bytes(), 1U);
}

TEST(KeptBody, WhoIsAtWorkOnItKeepsItAlive) {
    runtime::OffloadPool pool({.threads = 1});
    auto body = std::make_shared<const KeptBody>(test::json_of_size(100'000));
    std::weak_ptr<const KeptBody> const watched = body;
    body->want(Coding::br, pool);
    body->want(Coding::br, pool);
    body.reset();
    while (!watched.expired()) {
        std::this_thread::yield();
    }
}

TEST(KeptBody, ManyThreadsMayWantAndReadIt) {
    auto const text = test::json_of_size(20'000);
    auto const body = std::make_shared<const KeptBody>(text);
    runtime::OffloadPool pool({.threads = 2});
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (auto const coding : encodings) {
                while (body->variant(coding).empty()) {
                    body->want(coding, pool);
                }
                EXPECT_EQ(test::decoded(coding, body->variant(coding)), text);
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
}

}  // namespace
}  // namespace brio::http
