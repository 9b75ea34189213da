#include <brio/http/other_sites.hpp>

#include <gtest/gtest.h>

namespace brio::http {
namespace {

TEST(OtherSites, AddressesAndNamesThatNobodyCanHaveAreOwn) {
    for (auto const* own : {"127.0.0.1", "127.0.0.1:8000", "10.1.2.3:80", "[::1]:8000", "localhost",
                            "LocalHost:8000", "shop.localhost:8000", "box:8000", "box.local", ""}) {
        EXPECT_TRUE(is_own_host(own)) << own;
    }
    for (auto const* other : {"evil.example", "evil.example:8000", "localhost.evil.example",
                              "127.0.0.1.evil.example", "evil.1e", "evil.example.:80"}) {
        EXPECT_FALSE(is_own_host(other)) << other;
    }
}

}  // namespace
}  // namespace brio::http
