#include <brio/app/instance_board.hpp>

#include <brio/db/test_engines.hpp>
#include <brio/redis/test_redis.hpp>
#include <brio/runtime/run.hpp>
#include <brio/watch/instances.hpp>

namespace brio::app {
namespace {

using namespace std::chrono_literals;

/// A board as two processes of a program, and one of another program, have it.
class Place {
public:
    virtual ~Place() = default;
    std::unique_ptr<InstanceBoard> one;
    std::unique_ptr<InstanceBoard> other;
    std::unique_ptr<InstanceBoard> stranger;
    runtime::Loop* loop = nullptr;
    /// As if what was told of it had been told so much earlier.
    virtual void make_older(std::string id, std::chrono::milliseconds by) = 0;
    virtual void drop() = 0;
};

class InDatabase final : public Place {
public:
    explicit InDatabase(sql::Dialect dialect) : fixture_(dialect), second_({.url = fixture_.url()}) {
        one = open_board(&*fixture_.database, nullptr, "shop");
        other = open_board(&second_, nullptr, "shop");
        stranger = open_board(&second_, nullptr, "bank");
        loop = &fixture_.loop;
    }
    void make_older(std::string id, std::chrono::milliseconds by) override {
        fixture_.run(fixture_.db().execute(Writes{"brio_instances"},
                                           "UPDATE brio_instances SET said = said - $1 WHERE id = $2",
                                           by.count(), std::move(id)));
    }
    void drop() override {
        fixture_.run(fixture_.db().execute(Writes{"brio_instances"}, "DROP TABLE brio_instances"));
    }

private:
    db::test::Fixture fixture_;
    db::Database second_;
};

redis::test::RedisServer& redis_server() {
    static redis::test::RedisServer one;
    return one;
}

class InRedis final : public Place {
public:
    InRedis() {
        redis_server().cli("FLUSHALL");
        one = open_board(nullptr, &client_, "shop");
        other = open_board(nullptr, &client_, "shop");
        stranger = open_board(nullptr, &client_, "bank");
        loop = &loop_;
    }
    void make_older(std::string id, std::chrono::milliseconds by) override {
        redis_server().cli(
            concat({"EVAL \"local v = redis.call('HGET', KEYS[1], ARGV[1]) "
                    "local said, rest = string.match(v, '^(%d+)(.*)$') "
                    "redis.call('HSET', KEYS[1], ARGV[1], "
                    "string.format('%.0f', said - ARGV[2]) .. rest)\" 1 brio:shop:instances ",
                    id, " ", integer_text(by.count())}));
    }
    void drop() override { redis_server().cli("DEL brio:shop:instances"); }

private:
    runtime::Loop loop_;
    runtime::OffloadPool offload_{{.threads = 1}};
    redis::Client client_{{.address = redis_server().address()}, offload_};
};

struct Kind {
    std::string name;
    std::function<std::unique_ptr<Place>()> make;
};

class InstanceBoards : public testing::TestWithParam<Kind> {
protected:
    void SetUp() override { place = GetParam().make(); }

    void run(Async<void> call) { runtime::run(*place->loop, std::move(call)); }
    void tell(InstanceBoard& board, std::string id, std::string text, std::int64_t pid = 7) {
        run(board.tell({.id = std::move(id), .pid = pid, .text = std::move(text)}));
    }
    std::vector<std::string> texts(InstanceBoard& board) {
        std::vector<std::string> found;
        for (auto& each : runtime::run(*place->loop, board.read())) {
            EXPECT_GE(each.ago, 0ms);
            found.push_back(std::move(each.text));
        }
        std::ranges::sort(found);
        return found;
    }
    using Texts = std::vector<std::string>;

    std::unique_ptr<Place> place;
};
INSTANTIATE_TEST_SUITE_P(
    , InstanceBoards,
    testing::Values(Kind{"sqlite", [] { return std::make_unique<InDatabase>(sql::Dialect::sqlite); }},
                    Kind{"postgresql", [] { return std::make_unique<InDatabase>(sql::Dialect::postgresql); }},
                    Kind{"redis", [] { return std::make_unique<InRedis>(); }}),
    [](const auto& info) { return info.param.name; });

TEST_P(InstanceBoards, NobodyIsThereBeforeTheFirstHasTold) { EXPECT_EQ(texts(*place->other), Texts{}); }

TEST_P(InstanceBoards, WhatOneTellsTheOthersOfItsProgramRead) {
    tell(*place->one, "a", R"({"x":"ü's \n"})");
    tell(*place->other, "b", "B");
    tell(*place->stranger, "c", "C");
    EXPECT_EQ(texts(*place->one), (Texts{"B", R"({"x":"ü's \n"})"}));
    EXPECT_EQ(texts(*place->other), (Texts{"B", R"({"x":"ü's \n"})"}));
    EXPECT_EQ(texts(*place->stranger), (Texts{"C"}));
}

TEST_P(InstanceBoards, TheLastWordOfEachCounts) {
    tell(*place->one, "a", "1");
    tell(*place->one, "a", "2");
    EXPECT_EQ(texts(*place->other), (Texts{"2"}));
}

TEST_P(InstanceBoards, OneThatLeavesIsGoneAtOnceButNotTheNextInItsPlace) {
    tell(*place->one, "a", "1", 7);
    tell(*place->one, "b", "1", 8);
    tell(*place->other, "b", "2", 9);  // started while that of pid 8 still drains
    run(place->one->leave("a", 7));
    run(place->one->leave("b", 8));
    EXPECT_EQ(texts(*place->one), (Texts{"2"}));
}

TEST_P(InstanceBoards, ItIsKnownHowLongAgoSomethingWasTold) {
    tell(*place->one, "a", "1");
    place->make_older("a", 20s);
    const auto found = runtime::run(*place->loop, place->other->read());
    ASSERT_EQ(found.size(), 1U);
    EXPECT_GE(found[0].ago, 20s);
    EXPECT_LT(found[0].ago, 20min);
}

TEST_P(InstanceBoards, WhatIsForgottenIsNotReadAndNotKept) {
    tell(*place->one, "a", "1");
    place->make_older("a", watch::instance_forgotten_after + 1s);
    EXPECT_EQ(texts(*place->other), Texts{});
    tell(*place->other, "b", "2");
    EXPECT_EQ(texts(*place->other), Texts{"2"});
    run(place->one->leave("a", 7));  // is not there
}

TEST_P(InstanceBoards, WhatSomebodyDroppedIsMadeAgain) {
    tell(*place->one, "a", "1");
    place->drop();
    try {
        tell(*place->one, "a", "2");
    } catch (const std::exception&) {  // this one finds it gone
    }
    tell(*place->one, "a", "3");
    EXPECT_EQ(texts(*place->other), Texts{"3"});
    place->drop();
    run(place->stranger->leave("a", 7));
}

TEST_P(InstanceBoards, TooManyAreReadUpToTheLimitAndOneMore) {
    for (std::size_t i = 0; i < watch::most_instances + 3; ++i) {
        tell(*place->one, std::to_string(i), "x");
    }
    tell(*place->one, "long", std::string(InstanceBoard::most_bytes + 1, 'x'));
    EXPECT_EQ(texts(*place->one), Texts(watch::most_instances + 1, "x"));
}

}  // namespace
}  // namespace brio::app
