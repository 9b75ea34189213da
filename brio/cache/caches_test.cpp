#include <brio/cache/caches.hpp>

#include <gtest/gtest.h>

#include <brio/base/clock.hpp>

namespace brio::cache {
namespace {

std::shared_ptr<Item> an_item(const Key& key, std::string_view label = "GET /things",
                              std::vector<std::string> tags = {}) {
    auto item = std::make_shared<Item>();
    item->key = key.bytes();
    item->bytes = 100;
    item->label = label;
    item->tags = std::move(tags);
    item->made = monotonic_now();
    item->fresh_until = item->stale_until = item->made + std::chrono::hours(1);
    return item;
}

const Key one = Key::of(1);
const Key two = Key::of(2);

class CachesTest : public testing::Test {
protected:
    bool has(const Key& key) { return caches.memory().peek(key) != nullptr; }
    bool keep(const std::shared_ptr<Item>& item, const Key& key) {
        return caches.keep(item, key.hash(), {caches.epoch(), monotonic_now()});
    }
    Caches caches;
};

TEST_F(CachesTest, WhatWasBegunBeforeSomethingWasDroppedIsNotKept) {
    const auto before = caches.epoch();
    caches.clear_tag("prices");
    EXPECT_FALSE(caches.keep(an_item(one), one.hash(), {before, monotonic_now()}));
    EXPECT_FALSE(has(one));
    EXPECT_TRUE(keep(an_item(one), one));
    EXPECT_TRUE(has(one));
}

TEST_F(CachesTest, ATagEndsWhatBelongsToIt) {
    keep(an_item(one, "a", {"prices", "shop"}), one);
    keep(an_item(two, "b", {"shop"}), two);
    EXPECT_EQ(caches.clear_tag("prices"), 1u);
    EXPECT_FALSE(has(one));
    EXPECT_TRUE(has(two));
}

TEST_F(CachesTest, ARoutesItemsAreClearedByItsName) {
    keep(an_item(one, "GET /a"), one);
    keep(an_item(two, "GET /b"), two);
    EXPECT_EQ(caches.clear_subject("GET /b"), 1u);
    EXPECT_TRUE(has(one));
    EXPECT_FALSE(has(two));
    EXPECT_EQ(caches.clear(), 1u);
}

TEST_F(CachesTest, ASubjectIsOnePerTypeAndName) {
    auto& subject = caches.subject(CacheType::response, "GET /a");
    EXPECT_EQ(&caches.subject(CacheType::response, "GET /a"), &subject);
    EXPECT_NE(&caches.subject(CacheType::query, "GET /a"), &subject);
    EXPECT_EQ(subject.name(), "GET /a");
}

TEST(CachesWithoutRoom, KeepNothing) {
    Caches caches({.bytes = 0});
    EXPECT_FALSE(caches.is_on());
    EXPECT_FALSE(caches.keep(an_item(one), one.hash(), {caches.epoch(), monotonic_now()}));
}

}  // namespace
}  // namespace brio::cache
