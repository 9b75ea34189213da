#include <brio/load/web_server.hpp>

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <system_error>

#include <brio/runtime/file.hpp>

namespace brio::load {
namespace {

using namespace std::chrono_literals;

Plan typed() {
    return {.target = "http://127.0.0.1:1/a?token=secret",
            .scenario = "GET /a",
            .stages = {{.duration = 10s, .from = 5, .to = 5}}};
}

class WebServerTest : public ::testing::Test {
protected:
    std::string ask(const std::string& line, const std::string& body = "", const std::string& fields = "") {
        const runtime::File socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port());
        ::inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
        EXPECT_EQ(::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        const std::string request = line + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + fields +
                                    "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
        EXPECT_EQ(::send(socket.fd(), request.data(), request.size(), 0),
                  static_cast<ssize_t>(request.size()));
        std::string got;
        char bytes[4096];
        for (ssize_t size = 0; (size = ::recv(socket.fd(), bytes, sizeof bytes, 0)) > 0;) {
            got.append(bytes, static_cast<std::size_t>(size));
        }
        return got;
    }
    std::string order(const std::string& body, const std::string& fields = "") {
        return ask("POST /start", body, "Content-Type: application/json\r\n" + fields);
    }
    std::uint16_t port() const {
        const auto colon = server.url().rfind(':');
        return static_cast<std::uint16_t>(std::stoi(server.url().substr(colon + 1)));
    }
    static bool is(const std::string& answer, const std::string& status) {
        return answer.starts_with("HTTP/1.1 " + status);
    }

    WebControl control{typed()};
    WebServer server{{.host = "127.0.0.1", .port = 0}, typed(), control};
};

TEST_F(WebServerTest, ThePageAsksForNothingElseAndHidesTheQuery) {
    const auto page = ask("GET /");
    EXPECT_TRUE(is(page, "200")) << page;
    EXPECT_EQ(page.find("secret"), std::string::npos);
    EXPECT_NE(page.find("value=\"5\""), std::string::npos);
    EXPECT_NE(page.find("Content-Security-Policy: default-src 'none'"), std::string::npos);
    EXPECT_TRUE(is(ask("GET /page.js"), "200"));
}

TEST_F(WebServerTest, AnOrderReachesWhoCarriesItOut) {
    EXPECT_TRUE(is(order(R"({"level":20,"rise_s":1,"for_s":2})"), "204"));
    EXPECT_EQ(control.take(), (WebOrder{.level = 20, .rise_s = 1, .for_s = 2}));
    EXPECT_NE(ask("GET /state").find("\"state\":\"running\""), std::string::npos);
    EXPECT_TRUE(is(ask("POST /stop"), "204"));
    EXPECT_TRUE(control.is_to_stop());
    EXPECT_TRUE(is(order(R"({"level":20})"), "409"));
}

TEST_F(WebServerTest, RefusesWhatIsNoOrder) {
    EXPECT_TRUE(is(order(R"({"level":0})"), "422"));
    EXPECT_TRUE(is(order(R"({"level":"many"})"), "422"));
    EXPECT_TRUE(is(order("{"), "4"));
    EXPECT_TRUE(is(order(R"({"level":5})", "Origin: http://evil.example\r\n"), "403"));
    EXPECT_FALSE(control.take());
}

TEST_F(WebServerTest, FilesAreThoseOfTheLastRun) {
    for (const auto* name : {"report.html", "report.json", "stats.csv", "failures.csv"}) {
        EXPECT_TRUE(is(ask(std::string("GET /") + name), "404")) << name;
    }
    Report report;
    report.outcome.plan = typed();
    control.ended(std::move(report));
    for (const auto* name : {"report.html", "report.json", "stats.csv", "failures.csv"}) {
        const auto file = ask(std::string("GET /") + name);
        EXPECT_TRUE(is(file, "200")) << name;
        EXPECT_NE(file.find(std::string("filename=\"") + name), std::string::npos);
    }
    EXPECT_NE(ask("GET /part").find("Requests"), std::string::npos);
}

TEST_F(WebServerTest, APortThatAnotherHasIsAnError) {
    EXPECT_THROW(WebServer({.host = "127.0.0.1", .port = port()}, typed(), control), std::system_error);
}

TEST(WebAddress, IsAPortOrAnAddressAndAPort) {
    EXPECT_EQ(parse_web_address("8090"), (WebAddress{.host = "127.0.0.1", .port = 8090}));
    EXPECT_EQ(parse_web_address("0.0.0.0:1"), (WebAddress{.host = "0.0.0.0", .port = 1}));
    EXPECT_EQ(parse_web_address("[::1]:80"), (WebAddress{.host = "::1", .port = 80}));
    for (const auto* wrong : {"", "http", "70000", ":80", "127.0.0.1:", "80a"}) {
        EXPECT_FALSE(parse_web_address(wrong)) << wrong;
    }
}

}  // namespace
}  // namespace brio::load
