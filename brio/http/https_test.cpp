#include <brio/http/https.hpp>

#include <gtest/gtest.h>

#include <brio/http/certificate_harness.hpp>
#include <brio/http/tls_harness.hpp>

namespace brio::http {
namespace {

TEST(Https, ALocationIsTheSameUrlAtTheOtherPort) {
    EXPECT_EQ(https_location("shop.example", "/a?b=c", 443), "https://shop.example/a?b=c");
    EXPECT_EQ(https_location("shop.example:8080", "/a", 8443), "https://shop.example:8443/a");
    EXPECT_EQ(https_location("[2001:db8::1]:80", "/", 443), "https://[2001:db8::1]/");
    EXPECT_EQ(https_location("[2001:db8::1]", "/", 8443), "https://[2001:db8::1]:8443/");
    EXPECT_EQ(https_location("shop.example", "http://shop.example/a?b", 443), "https://shop.example/a?b");
    EXPECT_EQ(https_location("shop.example", "http://shop.example", 443), "https://shop.example/");
    EXPECT_EQ(https_location("shop.example", "*", 443), "https://shop.example/");
}

TEST(Https, EveryRequestIsLedToIt) {
    test::Wire wire([](Router&) {}, {}, {redirect_to_https(8443)});
    for (auto const* request : {"GET /a?b HTTP/1.1\r\nHost: shop.example:80\r\n\r\n",
                                "POST /a?b HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 2\r\n\r\n{}"}) {
        auto const answer = wire.ask(request);
        EXPECT_EQ(test::status_of(answer), 308);
        EXPECT_EQ(test::header_of(answer, "Location"), "https://shop.example:8443/a?b");
        EXPECT_TRUE(wire.closed);
    }
    EXPECT_EQ(test::status_of(wire.ask("GET / HTTP/1.0\r\n\r\n")), 400);
}

TEST(Https, AnswersOverTlsAloneAskForIt) {
    auto const routes = [](Router& router) { router.get<"/">([] { return std::string("ok"); }); };
    constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    test::Certificate const certificate;
    ServerTls tls({.certificate = certificate.path(), .key = certificate.key_path()});
    test::Wire secure(routes, {}, {strict_transport(std::chrono::hours(24))}, {}, &tls);
    test::TlsClient client(secure);
    ASSERT_TRUE(client.shake_hands());
    EXPECT_EQ(test::header_of(client.ask(request), "Strict-Transport-Security"), "max-age=86400");
    test::Wire plain(routes, {}, {strict_transport(std::chrono::hours(24))});
    EXPECT_EQ(test::header_of(plain.ask(request), "Strict-Transport-Security"), "(absent)");
}

}  // namespace
}  // namespace brio::http
