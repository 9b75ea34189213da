// Runs what the guide shows of background tasks, and holds it to what the guide says of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include <brio/runtime/run.hpp>
#include <brio/testing/service.hpp>

#include "background.hpp"
#include "workflows.hpp"

namespace brio::guide {
namespace {

using testing::TestService;

const json::Raw empty_body{"{}"};

TEST(GuideTasks, ANoteIsCountedAfterTheAnswer) {
    TestService service(notes::migrations,
                        [](http::Router& api) {
                            notes::routes(api);
                            notes::background_routes(api);
                        },
                        {.tasks = {{tasks::define(notes::count_words), tasks::define(notes::forget)}, {}}});
    auto& client = service.client();
    client.post("/api/notes", json::Raw{R"({"words":"one two three"})"});
    EXPECT_EQ(client.post("/api/notes/1/count", empty_body).status, 202);
    EXPECT_EQ(client.post("/api/notes/9/count", empty_body).status, 202);  // there is none: it fails for good
    EXPECT_EQ(client.post("/api/counted-notes", json::Raw{R"({"words":"of it"})"}).status, 201);
    EXPECT_EQ(service.run_tasks(), 3u);
    std::map<std::string, int> states;
    for (const auto& each : service.run(service.tasks().broker().list({}, 10))) {
        ++states[std::string(name_of(each.state)) + " " + each.result];
    }
    EXPECT_EQ(states, (std::map<std::string, int>{
                          {"done {\"words\":3}", 1}, {"done {\"words\":2}", 1}, {"failed ", 1}}));
}

TEST(GuideTasks, NotesAreCountedSideBySideAndThenAddedUp) {
    TestService service(notes::migrations,
                        [](http::Router& api) {
                            notes::routes(api);
                            notes::workflow_routes(api);
                        },
                        {.tasks = {{tasks::define(notes::count_words), tasks::define(notes::total_words),
                                    tasks::define(notes::publish_total), tasks::define(notes::tell_operator)},
                                   {}}});
    auto& client = service.client();
    EXPECT_EQ(client.post("/api/notes/count", empty_body).status, 404);
    client.post("/api/notes", json::Raw{R"({"words":"one two three"})"});
    client.post("/api/notes", json::Raw{R"({"words":"four five"})"});
    EXPECT_EQ(client.post("/api/notes/count", empty_body).status, 202);
    EXPECT_EQ(service.run_tasks(), 4u);
    const auto all = service.run(service.tasks().broker().list({}, 10));
    EXPECT_TRUE(
        std::ranges::any_of(all, [](const auto& each) { return each.result == "\"5 words so far\""; }));
}

TEST(GuideTasks, AProgramIsBuiltWithThem) {
    App app("notes", notes::migrations);
    EXPECT_NO_THROW(notes::add_background(app));
}

}  // namespace
}  // namespace brio::guide
