#include <gtest/gtest.h>

#include <brio/db/idempotency.hpp>
#include <brio/db/test_engines.hpp>

namespace brio::db::test {

namespace {

struct Keys : Fixture {
    explicit Keys(sql::Dialect dialect) : Fixture(dialect) {
        static const std::vector<Migration> more = [] {
            auto all = migrations();
            all.push_back(idempotency_migration("0003_idempotency"));
            return all;
        }();
        Migrator(url(), more).upgrade();
    }
    std::optional<KeptAnswer> begin(IdempotencyClaim asked, std::int64_t now = 0) {
        return run(keys.begin(db(), std::move(asked), Timestamp(now)));
    }
    std::string code_of(IdempotencyClaim asked) {
        try {
            begin(std::move(asked));
        } catch (const http::Problem& problem) {
            return problem.parts().code;
        }
        return "none";
    }
    IdempotencyKeys keys;
    IdempotencyClaim claim{"key", "POST /a", 7};
};

}  // namespace

class Idempotency : public OnEveryEngine {};
INSTANTIATE_TEST_SUITE_P(, Idempotency, every_engine, engine_name);

TEST_P(Idempotency, ARepeatedRequestGetsTheKeptAnswer) {
    Keys keys(GetParam());
    EXPECT_FALSE(keys.begin(keys.claim));
    keys.run(keys.keys.finish(keys.db(), keys.claim, {201, "{}", "/a/1"}, Timestamp(0)));
    const auto kept = keys.begin(keys.claim);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->status, 201);
    EXPECT_EQ(kept->location, "/a/1");
    EXPECT_FALSE(keys.begin({"key", "POST /b", 7}));
}

TEST_P(Idempotency, ASecondRequestAtOnceIsAConflict) {
    Keys keys(GetParam());
    keys.begin(keys.claim);
    EXPECT_EQ(keys.code_of(keys.claim), "idempotency_in_progress");
}

TEST_P(Idempotency, AnotherBodyUnderTheKeyIsRefused) {
    Keys keys(GetParam());
    keys.begin(keys.claim);
    keys.run(keys.keys.finish(keys.db(), keys.claim, {201, "", ""}, Timestamp(0)));
    EXPECT_EQ(keys.code_of({"key", "POST /a", 8}), "idempotency_key_reused");
}

TEST_P(Idempotency, AnAnswerIsNotKeptWhenItsTransactionFails) {
    Keys keys(GetParam());
    keys.begin(keys.claim);
    struct Stop {};
    EXPECT_THROW(keys.run(keys.db().transaction([&](Db inside) -> Async<void> {
        co_await keys.keys.finish(inside, keys.claim, {201, "", ""}, Timestamp(0));
        throw Stop{};
    })),
                 Stop);
    keys.run(keys.keys.forget(keys.db(), keys.claim));
    EXPECT_FALSE(keys.begin(keys.claim));
}

TEST_P(Idempotency, ClaimsAndAnswersEnd) {
    Keys keys(GetParam());
    constexpr std::int64_t minute = 60'000'000;
    keys.begin(keys.claim, 0);
    EXPECT_FALSE(keys.begin(keys.claim, minute)) << "a claim is free after a minute";
    keys.run(keys.keys.finish(keys.db(), keys.claim, {201, "", ""}, Timestamp(minute)));
    EXPECT_TRUE(keys.begin(keys.claim, 24 * 60 * minute));
    EXPECT_EQ(keys.run(keys.keys.sweep(keys.db(), Timestamp(24 * 60 * minute))), 0u);
    EXPECT_EQ(keys.run(keys.keys.sweep(keys.db(), Timestamp(24 * 60 * minute + minute))), 1u);
}

}  // namespace brio::db::test
