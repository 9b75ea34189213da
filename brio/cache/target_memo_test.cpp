#include <brio/cache/target_memo.hpp>

#include <gtest/gtest.h>

namespace brio::cache {
namespace {

const Key key = Key::of("GET /things", 7);

TEST(TargetMemo, KnowsTheKeyOfATargetOfOneRoute) {
    TargetMemo memo;
    EXPECT_FALSE(memo.find(1, "/things?of=7"));
    memo.put(1, "/things?of=7", key);
    ASSERT_TRUE(memo.find(1, "/things?of=7"));
    EXPECT_EQ(memo.find(1, "/things?of=7")->bytes, key.bytes());
    EXPECT_EQ(memo.find(1, "/things?of=7")->hash, key.hash());
    EXPECT_FALSE(memo.find(2, "/things?of=7"));
    EXPECT_FALSE(memo.find(1, "/things?of=8"));
}

TEST(TargetMemo, IsBounded) {
    TargetMemo memo;
    const std::string longest(TargetMemo::longest_target, 'x');
    memo.put(1, longest, key);
    memo.put(1, longest + "x", key);
    memo.put(1, "/", Key(std::string(TargetMemo::longest_key + 1, 'k')));
    EXPECT_TRUE(memo.find(1, longest));
    EXPECT_FALSE(memo.find(1, longest + "x"));
    EXPECT_FALSE(memo.find(1, "/"));
    // A later target of the same place takes it.
    for (int i = 0; i < 10'000; ++i) {
        memo.put(1, std::to_string(i), key);
    }
    int known = 0;
    for (int i = 0; i < 10'000; ++i) {
        known += memo.find(1, std::to_string(i)) ? 1 : 0;
    }
    EXPECT_LE(known, static_cast<int>(TargetMemo::places));
    EXPECT_GT(known, static_cast<int>(TargetMemo::places) / 2);
}

}  // namespace
}  // namespace brio::cache
