#include <brio/app/bench_plan.hpp>

#include <gtest/gtest.h>

#include <fstream>

#include <brio/base/temporary_folder.hpp>
#include <brio/base/text.hpp>
#include <brio/http/parameters.hpp>
#include <brio/http/stream.hpp>

namespace brio::app {
namespace {

Async<void> follow(http::EventWriter) { co_return; }

struct BenchPlan : testing::Test {
    BenchPlan() {
        router.get<"/a">([] { return std::string("a"); });
        router.get<"/a/{id}">([](http::Path<"id", std::int64_t> id) { return integer_text(*id); });
        router.post<"/b">([] { return std::string("b"); });
        router.get<"/events">([] { return http::EventStream(follow); });
    }
    std::vector<std::string> requests(BenchWords words) const {
        words.budgets = folder.file("bench.budgets");
        std::vector<std::string> found;
        for (auto const& each : asked_cases(router, words).cases) {
            found.push_back(each.request);
        }
        return found;
    }
    void write(std::string_view budgets) const { std::ofstream(folder.file("bench.budgets")) << budgets; }
    TemporaryFolder folder;
    http::Router router;
};

using Requests = std::vector<std::string>;

TEST_F(BenchPlan, WithoutAChoiceItIsWhatCanBeAskedAndEnds) {
    EXPECT_EQ(requests({.writes_budgets = true}), Requests{"GET /a"});
}

TEST_F(BenchPlan, TypedRequestsComeBeforeThoseOfTheFile) {
    write(R"({"cases": [{"request": "GET /a/7"}]})");
    EXPECT_EQ(requests({}), Requests{"GET /a/7"});
    EXPECT_EQ(requests({.requests = {"GET /events"}}), Requests{"GET /events"});
}

TEST(BenchEnvironment, SettingsToCompareWithReplaceOthers) {
    BenchWords const words{.against_env = {"BRIO_LOG=text", "DATABASE_POOL=2"}};
    EXPECT_EQ(with({{"BRIO_LOG", "off"}}, words),
              (Environment{{"BRIO_LOG", "text"}, {"DATABASE_POOL", "2"}}));
    EXPECT_THROW(with({}, {.against_env = {"=2"}}), BadBench);
}

TEST(BenchEnvironment, RedisAndBrokersNeedADatabaseThatIsNotMade) {
    for (std::string const each :
         {"REDIS_URL=redis://a", "REDIS_HOST=a", "BROKER_URL=redis://a", "CELERY_BROKER_URL=a"}) {
        EXPECT_THROW(with({}, {.against_env = {each}}), BadBench) << each;
        EXPECT_EQ(with({}, {.database = "sqlite:///a.db", .against_env = {each}}).size(), 1) << each;
    }
}

}  // namespace
}  // namespace brio::app
