#include <brio/load/cookies.hpp>
#include <brio/load/json_path.hpp>
#include <brio/load/path.hpp>
#include <brio/load/request.hpp>

#include <gtest/gtest.h>

#include <brio/reflect/id.hpp>

namespace brio::load {
namespace {

TEST(LoadPath, NameIsThePatternAndTheTextHasTheValues) {
    auto const found = path("/api/{kind}/{id}?all=1", "a b/c", 7);
    EXPECT_EQ(found.name, "/api/{kind}/{id}");
    EXPECT_EQ(found.text, "/api/a%20b%2Fc/7?all=1");
    EXPECT_EQ(path("/x/{id}", Id<int>(9)).text, "/x/9");
    EXPECT_EQ(Path("/api?page=2").name, "/api");
}

TEST(LoadPath, ValuesAndPlacesAreEquallyMany) {
    EXPECT_THROW(path("/x/{id}"), std::invalid_argument);
    EXPECT_THROW(path("/x/{id}", 1, 2), std::invalid_argument);
    EXPECT_THROW(path("/x/{id", 1), std::invalid_argument);
}

TEST(LoadCookies, AreKeptReplacedAndEnded) {
    Cookies cookies;
    cookies.note("HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nset-cookie: b=2; HttpOnly\r\n\r\n");
    EXPECT_EQ(cookies.field(), "a=1; b=2");
    cookies.set("a=3");
    EXPECT_EQ(cookies.field(), "a=3; b=2");
    cookies.set("b=; Max-Age=0");
    EXPECT_EQ(cookies.field(), "a=3");
    cookies.set("nonsense");
    cookies.set("=x");
    EXPECT_EQ(cookies.field(), "a=3");
    for (int i = 0; i < 100; ++i) {
        cookies.set("n" + std::to_string(i) + "=1");
    }
    EXPECT_EQ(cookies.field().find("a=3"), std::string::npos);
}

TEST(LoadJsonPath, FindsValuesAndNothing) {
    std::string_view const text = R"({"items":[{"id":7,"owner":{"name":"a\"b"}},{"id":null}],"n":1.5})";
    EXPECT_EQ(json_at(text, "items[0].id"), "7");
    EXPECT_EQ(json_at(text, "items[0].owner.name"), "a\"b");
    EXPECT_EQ(json_at(text, "items[0].owner"), R"({"name":"a\"b"})");
    EXPECT_EQ(json_at(text, "n"), "1.5");
    for (auto const* nowhere :
         {"items[1].id", "items[2]", "items[x]", "items[0", "items.id", "none", "n.m"}) {
        EXPECT_EQ(json_at(text, nowhere), "") << nowhere;
    }
    EXPECT_EQ(json_at("no JSON", "a"), "");
    EXPECT_EQ(json_at("[[1,2]]", "[0][1]"), "2");
}

Request request_of(std::string method, std::string_view body = "") {
    Request request{.method = std::move(method), .content_type = "application/json"};
    request.body.append(body);
    return request;
}

TEST(LoadRequest, BytesAreWhatWasAskedFor) {
    auto const origin = *Origin::of("http://h:81/base/");
    auto request = request_of("POST", "{}");
    request.options.headers = {{"X-Key", "v"}};
    EXPECT_EQ(origin.target_of("/items?a=1"), "/base/items?a=1");
    EXPECT_EQ(render(origin, request, "/base/items", "a=1"),
              "POST /base/items HTTP/1.1\r\nHost: h:81\r\nUser-Agent: brio-load\r\nAccept-Encoding: gzip\r\n"
              "X-Key: v\r\nCookie: a=1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
}

TEST(LoadRequest, OwnFieldsTakeThePlaceOfTheGenerators) {
    auto const origin = *Origin::of("http://h/");
    auto request = request_of("GET");
    request.options.headers = {{"host", "other"}, {"Accept-Encoding", "br"}, {"User-Agent", "me"}};
    EXPECT_EQ(render(origin, request, "/", ""),
              "GET / HTTP/1.1\r\nhost: other\r\nAccept-Encoding: br\r\nUser-Agent: me\r\n\r\n");
}

TEST(LoadRequest, WhatCannotBeSentIsRefused) {
    auto const origin = *Origin::of("http://h/");
    EXPECT_THROW(render(origin, request_of("GET IT"), "/", ""), std::invalid_argument);
    EXPECT_THROW(render(origin, request_of("GET"), "/a b", ""), std::invalid_argument);
    EXPECT_THROW(render(origin, request_of("GET"), "a", ""), std::invalid_argument);
    for (auto const& field :
         {std::pair("A B", "v"), std::pair("A", "v\r\nB: c"), std::pair("Content-Length", "3")}) {
        auto request = request_of("GET");
        request.options.headers = {{field.first, field.second}};
        EXPECT_THROW(render(origin, request, "/", ""), std::invalid_argument) << field.first;
    }
    EXPECT_FALSE(Origin::of("ftp://h/"));
}

}  // namespace
}  // namespace brio::load
