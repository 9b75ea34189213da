#include <brio/http/date.hpp>

#include <gtest/gtest.h>

#include <string>

namespace brio::http {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

std::string written(long long unix_seconds) {
    const auto text = http_date(sys_seconds{seconds{unix_seconds}});
    return {text.data(), text.size()};
}

TEST(Date, WritesTheExampleOfTheRfc) { EXPECT_EQ(written(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT"); }

TEST(Date, WritesEdges) {
    EXPECT_EQ(written(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(written(951'827'696), "Tue, 29 Feb 2000 12:34:56 GMT");
    EXPECT_EQ(written(4'102'444'799), "Thu, 31 Dec 2099 23:59:59 GMT");
    EXPECT_EQ(written(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST(Date, WhatIsWrittenParsesToItself) {
    for (long long time = 0; time < 5'000'000'000; time += 12'345'679) {
        EXPECT_EQ(parse_http_date(written(time)), sys_seconds{seconds{time}});
    }
}

TEST(Date, AnythingElseIsRefused) {
    for (const auto* bad :
         {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Mon, 06 Nov 1994 08:49:37 GMT",
          "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 24:49:37 GMT",
          "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
          "Sun, 06 ovD 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, -6 Nov 1994 08:49:37 GMT",
          "Sun; 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08.49.37 GMT"}) {
        EXPECT_EQ(parse_http_date(bad), std::nullopt) << bad;
    }
}

}  // namespace
}  // namespace brio::http
