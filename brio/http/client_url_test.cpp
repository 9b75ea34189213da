#include <brio/http/client_url.hpp>

#include <gtest/gtest.h>

namespace brio::http {
namespace {

std::string text_of(std::string_view url) {
    auto const parsed = parse_client_url(url);
    return parsed ? parsed->text() : "refused";
}

TEST(ClientUrl, PartsAreTakenApart) {
    auto const url = parse_client_url("HTTPS://Example.org:8443/a/b?c=d#e");
    ASSERT_TRUE(url);
    EXPECT_TRUE(url->is_secure);
    EXPECT_EQ(url->host, "example.org");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(url->authority, "example.org:8443");
    EXPECT_EQ(url->target, "/a/b?c=d");
    EXPECT_EQ(url->origin(), "https://example.org:8443");
    EXPECT_EQ(url->without_query(), "https://example.org:8443/a/b");
}

TEST(ClientUrl, TheSchemesPortIsLeftOut) {
    EXPECT_EQ(text_of("http://a:80"), "http://a/");
    EXPECT_EQ(text_of("https://a:443?x"), "https://a/?x");
    EXPECT_EQ(text_of("http://a:443/"), "http://a:443/");
    EXPECT_EQ(text_of("http://a:/"), "http://a/");
}

TEST(ClientUrl, AnIpv6AddressLosesItsBracketsForTheResolverOnly) {
    auto const url = parse_client_url("http://[::1]:8080/");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->host, "::1");
    EXPECT_EQ(url->authority, "[::1]:8080");
}

TEST(ClientUrl, WhatCannotBeFetchedIsRefused) {
    for (std::string_view const url :
         {"", "a", "/a", "ftp://a/", "http:/a", "http:///a", "http://user@a/", "http://a:0/",
          "http://a:65536/", "http://a b/", "http://a/b c", "http://a/\r\nX: y", "http://a/\x7f",
          "http://a/\xc3\xa9", "http://%61/", "http://[::1/", "http://a,b/", "javascript://a/"}) {
        EXPECT_EQ(text_of(url), "refused") << url;
    }
}

// The examples of RFC 3986 §5.4 that concern http.
TEST(ClientUrl, ReferencesResolveAsTheRfcSays) {
    auto const base = parse_client_url("http://a/b/c/d;p?q");
    ASSERT_TRUE(base);
    constexpr std::pair<std::string_view, std::string_view> examples[] = {
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g/"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q"},
        {"g#s", "http://a/b/c/g"},
        {";x", "http://a/b/c/;x"},
        {"g;x?y#s", "http://a/b/c/g;x?y"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {"..g", "http://a/b/c/..g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/./h", "http://a/b/c/g/h"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"https://b/x", "https://b/x"},
    };
    for (auto const& [reference, expected] : examples) {
        auto const resolved = resolve_client_url(*base, reference);
        ASSERT_TRUE(resolved) << reference;
        EXPECT_EQ(resolved->text(), expected) << reference;
    }
    EXPECT_FALSE(resolve_client_url(*base, "mailto:x"));
    EXPECT_FALSE(resolve_client_url(*base, "/a b"));
}

}  // namespace
}  // namespace brio::http
