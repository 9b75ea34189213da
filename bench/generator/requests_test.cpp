#include <bench/generator/requests.hpp>

#include <gtest/gtest.h>

namespace bench {
namespace {

TEST(Requests, NumberStandsInPathAndBodyAndTheLengthFollows) {
    const RequestTemplate request{
        .method = "POST", .path = "/r/{n}", .body = R"({"name":"row {n}"})", .fields = {"X-A: b"}};
    EXPECT_EQ(render(request, 1234),
              "POST /r/1234 HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: b\r\nContent-Type: application/json\r\n"
              "Content-Length: 19\r\n\r\n{\"name\":\"row 1234\"}");
}

TEST(Requests, RunAcrossTheEndBeginsAgainWithTheFirst) {
    const RequestPool pool = make_pool({.path = "/{n}", .first = 1, .last = 3, .in_sequence = true}, 3, 2);
    ASSERT_EQ(pool.size(), 3U);
    EXPECT_EQ(pool.run(2, 2), render({.path = "/3"}, 0) + render({.path = "/1"}, 0));
}

TEST(Requests, RunLongerThanThePoolRepeatsIt) {
    const RequestPool pool = make_pool({.path = "/x"}, 1, 4);
    EXPECT_EQ(pool.run(0, 4).size(), 4 * render({.path = "/x"}, 0).size());
}

TEST(Requests, RandomNumbersStayInsideTheRange) {
    const RequestPool pool = make_pool({.path = "/{n}", .first = 5, .last = 7}, 200, 1);
    for (std::size_t i = 0; i < pool.size(); ++i) {
        EXPECT_TRUE(pool.run(i, 1).substr(4, 2) == "/5" || pool.run(i, 1).substr(4, 2) == "/6" ||
                    pool.run(i, 1).substr(4, 2) == "/7");
    }
}

TEST(Requests, ListOfLinesGivesOneRequestALine) {
    const RequestPool pool = make_pool_of_lines("GET /a\n\nPOST /b {\"x\": 1}\n", {}, 1);
    ASSERT_EQ(pool.size(), 2U);
    EXPECT_EQ(pool.run(1, 1), render({.method = "POST", .path = "/b", .body = "{\"x\": 1}"}, 0));
}

TEST(Requests, LineWithoutAPathIsNamedByItsNumber) {
    try {
        make_pool_of_lines("GET /a\nGET\n", {}, 1);
        FAIL();
    } catch (const std::invalid_argument& error) {
        EXPECT_NE(std::string(error.what()).find("line 2"), std::string::npos);
    }
}

}  // namespace
}  // namespace bench
