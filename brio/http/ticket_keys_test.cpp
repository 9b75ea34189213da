#include <brio/http/ticket_keys.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace brio::http {
namespace {

using namespace std::chrono_literals;

struct TicketKeysTest : testing::Test {
    unsigned char next = 0;
    TicketKeys keys{[this](std::span<unsigned char> bytes) { std::ranges::fill(bytes, ++next); }};
};

TEST_F(TicketKeysTest, OneKeySealsForAnHour) {
    auto const first = keys.current(0h).name;
    EXPECT_EQ(keys.current(1h - 1ns).name, first);
    EXPECT_NE(keys.current(1h).name, first);
}

TEST_F(TicketKeysTest, WhatItSealedIsOpenedUntilItHasExpired) {
    auto const first = keys.current(0h);
    EXPECT_TRUE(keys.find(first.name, 59min)->is_current);
    EXPECT_FALSE(keys.find(first.name, 61min)->is_current);
    auto const second = keys.current(2h);
    auto const found = keys.find(first.name, 3h - 1ns);
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->is_current);
    EXPECT_EQ(found->key.cipher, first.cipher);
    EXPECT_FALSE(keys.find(first.name, 3h));
    EXPECT_TRUE(keys.find(second.name, 3h));
}

TEST_F(TicketKeysTest, AnUnknownNameOpensNothing) {
    keys.current(0h);
    EXPECT_FALSE(keys.find(std::array<unsigned char, 16>{}, 0h));
}

}  // namespace
}  // namespace brio::http
