#include <brio/app/live_routes.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <brio/base/log.hpp>
#include <brio/testing/client.hpp>

namespace brio::app {
namespace {

using ::testing::HasSubstr;

class LiveRoutesTest : public ::testing::Test {
protected:
    LiveRoutesTest() {
        add_live_routes(router, live);
        client.emplace(loop, router, services);
    }

    runtime::Loop loop;
    metrics::Registry registry;
    runtime::Limit queue{"queue", 7};
    runtime::Limits limits;
    http::Router router;
    Live live{{.loop = loop,
               .router = router,
               .registry = registry,
               .limits = limits,
               .rules = {},
               .program = {.program = "shop",
                           .version = "1",
                           .role = "server",
                           .api = "",
                           .began = Timestamp{},
                           .paths = {}}}};
    http::Services services;
    std::optional<testing::TestClient> client;
};

TEST_F(LiveRoutesTest, SectionsHaveAVersionThatRisesWhenTheyChange) {
    limits.add(queue);
    const auto before = live.sections();
    ASSERT_GE(before->size(), 4U);
    EXPECT_EQ((*before)[0].name, "program");
    EXPECT_THAT((*before)[0].json, HasSubstr(R"("program":"shop")"));
    EXPECT_THAT((*before)[0].json,
                HasSubstr(R"("paths":["/api/live","/api/program","/api/work","/api/log"])"));
    EXPECT_EQ(live.sections(), before);  // made once for all who follow
    const auto version = [](const Live::Sections& sections, std::string_view name) {
        return std::ranges::find(sections, name, &Live::Section::name)->version;
    };
    queue.take(3);
    live.start();
    loop.turn(Live::made_every + std::chrono::milliseconds(500));
    const auto after = live.sections();
    EXPECT_EQ(version(*after, "program"), version(*before, "program"));
    EXPECT_EQ(version(*after, "limits"), version(*before, "limits") + 1);
}

TEST_F(LiveRoutesTest, OneWhoComesAfterTheStopIsSentAwayAtOnce) {
    live.stop();
    EXPECT_EQ(client->get("/api/live").status, 200);  // which is whole
}

TEST_F(LiveRoutesTest, TheLogComesWithItsFieldsAndFromASeverityOn) {
    const auto before = log_settings();
    configure_log({.format = LogFormat::off});
    log_warning("the pool is full", {{"waiting", 7}});
    log_error("handler failed", {{"request_id", "abc"}});
    configure_log(before);
    const auto all = client->get("/api/log");
    EXPECT_THAT(all.body, HasSubstr(R"("message":"the pool is full","fields":{"waiting":7})"));
    const auto errors = client->get("/api/log?least=error");
    EXPECT_THAT(errors.body, HasSubstr(R"("request_id":"abc")"));
    EXPECT_THAT(errors.body, ::testing::Not(HasSubstr("the pool is full")));
    EXPECT_EQ(client->get("/api/log?least=all").status, 422);
}

TEST_F(LiveRoutesTest, WhoIsAskedIsToldByItselfToo) {
    EXPECT_EQ(client->get("/api/program").body, live.sections()->front().json);
}

TEST_F(LiveRoutesTest, TheWorkIsOfTheLastMinute) {
    EXPECT_EQ(client->get("/api/work").body, R"({"window_seconds":60,"work":[]})");
}

}  // namespace
}  // namespace brio::app
