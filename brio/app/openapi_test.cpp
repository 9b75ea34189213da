#include <brio/app/openapi.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <brio/http/parameters.hpp>
#include <brio/json/raw.hpp>
#include <brio/json/read.hpp>

namespace brio::app {
namespace {

using namespace brio::http;
using ::testing::HasSubstr;
using ::testing::Not;

enum class Colour { red, green };
struct Thing {
    Id<Thing> id;
    Text<20, 1> name;
    Colour colour;
};
struct NewThing {
    Text<20, 1> name;
    std::optional<Colour> colour;
};
struct Filter {
    std::optional<std::int32_t> page;
};

std::vector<Thing> list(Query<Filter>) { return {}; }
Created<Thing> create(Body<NewThing>) { return {}; }
Thing show(Path<"id", Id<Thing>>) { return {}; }
Thing replace(Path<"id", Id<Thing>>, IfMatch, Body<NewThing>) { return {}; }
NoContent remove(Path<"id", Id<Thing>>) { return {}; }
std::string file(Path<"rest", std::string>) { return {}; }
std::string hidden() { return {}; }

std::string document() {
    Router router;
    router.get<"/api/things">(list, {.summary = "All \"things\""});
    router.post<"/api/things">(create);
    router.get<"/api/things/{id}">(show);
    router.put<"/api/things/{id}">(replace);
    router.del<"/api/things/{id}">(remove);
    router.get<"/files/{rest...}">(file);
    router.get<"/hidden">(hidden, {.in_openapi = false});
    return write_openapi(router, {.title = "Things", .version = "2"});
}

// The JSON text of one operation: between its method and the next operation.
std::string operation(const std::string& text, const std::string& path, const std::string& method) {
    auto const at = text.find("\"" + method + "\":{", text.find("\"" + path + "\":{"));
    return text.substr(at, text.find("operationId", text.find("operationId", at) + 1) - at);
}

TEST(OpenApi, IsJsonOfVersion31) {
    auto const text = document();
    EXPECT_TRUE(json::read<json::Raw>(text).has_value());
    EXPECT_THAT(text, testing::StartsWith(R"({"openapi":"3.1.0","info":{"title":"Things","version":"2"},)"));
}

TEST(OpenApi, MethodsOfOnePathStandTogether) {
    auto const text = document();
    auto const first = text.find(R"("/api/things/{id}":{)");
    EXPECT_NE(first, std::string::npos);
    EXPECT_EQ(text.find(R"("/api/things/{id}":{)", first + 1), std::string::npos);
}

TEST(OpenApi, OperationsAreNamedByMethodAndPath) {
    auto const text = document();
    for (auto const* id :
         {"get_things", "post_things", "get_things_by_id", "put_things_by_id", "delete_things_by_id"}) {
        EXPECT_THAT(text, HasSubstr("\"operationId\":\"" + std::string(id) + "\""));
    }
}

TEST(OpenApi, ARestOfThePathIsAnOrdinaryParameter) {
    auto const text = document();
    EXPECT_THAT(text, HasSubstr(R"("/files/{rest}":{)"));
    EXPECT_THAT(text, Not(HasSubstr("...")));
}

TEST(OpenApi, WhatARouteHidesIsNotThere) { EXPECT_THAT(document(), Not(HasSubstr("hidden"))); }

TEST(OpenApi, APathParameterIsRequiredAndMakes404Possible) {
    auto const show_things = operation(document(), "/api/things/{id}", "get");
    EXPECT_THAT(show_things, HasSubstr(R"("name":"id","in":"path","required":true)"));
    EXPECT_THAT(show_things, HasSubstr(R"("404":{"$ref":"#/components/responses/Problem404"})"));
    EXPECT_THAT(operation(document(), "/api/things", "get"), Not(HasSubstr("\"404\"")));
}

TEST(OpenApi, ABodyMakes409And415And422Possible) {
    auto const created = operation(document(), "/api/things", "post");
    EXPECT_THAT(created,
                HasSubstr(R"("requestBody":{"required":true,"content":{"application/json":{"schema":)"));
    for (auto const* status : {"201", "400", "409", "413", "415", "422", "503"}) {
        EXPECT_THAT(created, HasSubstr("\"" + std::string(status) + "\":"));
    }
    EXPECT_THAT(operation(document(), "/api/things/{id}", "delete"), Not(HasSubstr("\"415\"")));
}

TEST(OpenApi, IfMatchMakes412Possible) {
    EXPECT_THAT(operation(document(), "/api/things/{id}", "put"), HasSubstr("\"412\":"));
    EXPECT_THAT(operation(document(), "/api/things/{id}", "delete"), Not(HasSubstr("\"412\"")));
}

TEST(OpenApi, OnlyAGetOfJsonMayBeNotModified) {
    EXPECT_THAT(operation(document(), "/api/things", "get"), HasSubstr("\"304\":"));
    EXPECT_THAT(operation(document(), "/api/things", "post"), Not(HasSubstr("\"304\"")));
}

TEST(OpenApi, EveryProblemThatIsReferredToIsAComponent) {
    auto const text = document();
    auto const components = text.find(R"("components":)");
    for (auto at = text.find("responses/Problem"); at != std::string::npos;
         at = text.find("responses/Problem", at + 1)) {
        auto const name =
            text.substr(at + std::string_view("responses/").size(), std::string_view("Problem000").size());
        EXPECT_NE(text.find("\"" + name + "\":{", components), std::string::npos) << name;
    }
    EXPECT_NE(text.find(R"("Problem":{"type":"object")", components), std::string::npos);
    EXPECT_NE(text.find(R"("Thing":{)", components), std::string::npos);
}

TEST(OpenApi, TextsAreEscaped) { EXPECT_THAT(document(), HasSubstr(R"("summary":"All \"things\"")")); }

}  // namespace
}  // namespace brio::app
