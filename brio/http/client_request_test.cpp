#include <brio/http/client_request.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace brio::http {
namespace {

using namespace std::chrono_literals;

std::string written(const OutboundRequest& request, const OutboundContext& context = {},
                    bool same_origin = true) {
    auto const url = parse_client_url(request.url);
    Buffer out;
    write_request(out, {.request = request,
                        .url = *url,
                        .context = context,
                        .user_agent = "brio",
                        .left = 1500ms,
                        .same_origin = same_origin});
    return std::string(out.view());
}

TEST(ClientRequest, AGetIsTheseBytes) {
    EXPECT_EQ(
        written({.url = "http://a:81/b?c"}),
        "GET /b?c HTTP/1.1\r\nHost: a:81\r\nUser-Agent: brio\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n"
        "X-Request-Timeout-Ms: 1500\r\n\r\n");
}

TEST(ClientRequest, ABodyIsCountedAndTyped) {
    OutboundRequest request{.method = "POST", .url = "http://a/", .content_type = "text/plain"};
    request.body.append("hello");
    auto const bytes = written(request);
    EXPECT_NE(bytes.find("\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"), std::string::npos)
        << bytes;
}

TEST(ClientRequest, APostWithoutABodySaysSo) {
    auto const bytes = written({.method = "POST", .url = "http://a/", .content_type = "text/plain"});
    EXPECT_TRUE(bytes.ends_with("\r\nContent-Length: 0\r\n\r\n"));
    EXPECT_EQ(bytes.find("Content-Type"), std::string::npos);
}

TEST(ClientRequest, AFieldOfTheCallerReplacesTheClientsOwn) {
    auto const bytes =
        written({.url = "http://a/", .options = {.headers = {{"user-agent", "mine"}, {"X-Request-ID", "1"}}}},
                {.request_id = "2"});
    EXPECT_EQ(bytes.find("brio"), std::string::npos);
    EXPECT_NE(bytes.find("\r\nuser-agent: mine\r\nX-Request-ID: 1\r\n"), std::string::npos);
    EXPECT_EQ(bytes.find(": 2\r\n"), std::string::npos);
}

TEST(ClientRequest, CredentialsStayWithTheirOrigin) {
    OutboundRequest const request{
        .url = "http://a/", .options = {.headers = {{"cookie", "c"}, {"Authorization", "d"}, {"X", "e"}}}};
    EXPECT_NE(written(request).find("\r\ncookie: c\r\nAuthorization: d\r\nX: e\r\n"), std::string::npos);
    EXPECT_TRUE(written(request, {}, false).ends_with("1500\r\nX: e\r\n\r\n"));
}

TEST(ClientRequest, OnlyMethodsThatMayBeRepeatedAreIdempotent) {
    for (auto const* method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}) {
        EXPECT_TRUE(is_idempotent(method)) << method;
    }
    for (auto const* method : {"POST", "PATCH", "get", "MERGE"}) {
        EXPECT_FALSE(is_idempotent(method)) << method;
    }
}

TEST(ClientRequest, WhatCouldMakeASecondRequestIsRefused) {
    auto const refused = [](OutboundRequest request) {
        EXPECT_THROW(check_request(request), std::invalid_argument);
    };
    refused({.method = "GET /x"});
    refused({.method = "CONNECT"});
    refused({.method = ""});
    refused({.content_type = "text/plain\r\nX: y"});
    for (auto const* name : {"", "a b", "a:", "a\r\nb", "Host", "content-length", "Transfer-Encoding",
                             "connection", "TE", "Upgrade"}) {
        refused({.options = {.headers = {{name, "x"}}}});
    }
    refused({.options = {.headers = {{"a", "b\nc"}}}});
    refused({.options = {.headers = {{"a", std::string("b\0c", 3)}}}});
    check_request({.options = {.headers = {{"a", "b\tc \xc3\xa9"}}}});
}

}  // namespace
}  // namespace brio::http
