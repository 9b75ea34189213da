#include <brio/app/listing.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brio::app {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

const Greeting shop{.program = "shop",
                    .version = "1.0",
                    .api_url = "http://127.0.0.1:8080",
                    .admin_url = "http://127.0.0.1:8000"};

TEST(Greet, SaysWhereTheDashboardAndTheMetricsAre) {
    const auto text = greet(shop, http::Router());
    EXPECT_THAT(text, ContainsRegex("(dashboard|admin) +http://127.0.0.1:8000\n"));
    EXPECT_THAT(text, ContainsRegex("metrics +http://127.0.0.1:8000/metrics\n"));
}

TEST(Greet, WithoutAnAdminServerNamesNone) {
    auto alone = shop;
    alone.admin_url.clear();
    EXPECT_THAT(greet(alone, http::Router()), Not(HasSubstr("metrics")));
}

}  // namespace
}  // namespace brio::app
