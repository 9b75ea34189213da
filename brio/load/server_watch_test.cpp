#include <brio/load/server_watch.hpp>

#include <gtest/gtest.h>

namespace brio::load {
namespace {

TEST(AdminUrl, IsPort8000OfTheTargetsHost) {
    EXPECT_EQ(admin_url({.target = "http://10.0.0.7:8080/a?b=c"}), "http://10.0.0.7:8000");
    EXPECT_EQ(admin_url({.target = "https://[::1]:8443/"}), "http://[::1]:8000");
    EXPECT_EQ(admin_url({.target = "no URL"}), "");
}

TEST(AdminUrl, IsTheProgramsOwnOnItsHostOnly) {
    ServiceUrls urls{.target = "http://127.0.0.1:8080/",
                     .own_target = "http://127.0.0.1:8080",
                     .own_admin = "http://10.1.1.1:9000"};
    EXPECT_EQ(admin_url(urls), "http://10.1.1.1:9000");
    urls.target = "http://10.0.0.7:8080";
    EXPECT_EQ(admin_url(urls), "http://10.0.0.7:9000");
}

}  // namespace
}  // namespace brio::load
