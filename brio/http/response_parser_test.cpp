#include <brio/http/response_parser.hpp>

#include <gtest/gtest.h>

namespace brio::http {
namespace {

using State = ResponseParser::State;

/// What became of `bytes`, followed by the end of the connection when `ends`: in words, to compare.
std::string outcome(std::string_view bytes, bool ends = false, bool to_head = false,
                    std::size_t piece = std::string_view::npos, const ResponseLimits& limits = {}) {
    ResponseParser parser(limits, to_head);
    while (!bytes.empty()) {
        parser.feed(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
    }
    if (ends) {
        parser.end();
    }
    if (parser.state() != State::complete) {
        return parser.state() == State::more ? "more" : "error: " + std::string(parser.error());
    }
    auto text = std::to_string(parser.head().status()) + (parser.may_reuse() ? " reuse " : " close ");
    return text + std::string(parser.take_body().view());
}

struct Case {
    std::string_view bytes;
    std::string_view outcome;
    bool ends = false;
    bool to_head = false;
};

constexpr Case cases[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", "200 reuse ab"},
    {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "200 reuse "},
    {"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "200 reuse "},
    {"HTTP/1.9 200 OK\r\nContent-Length: 0\r\n\r\n", "200 reuse "},
    {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab", "200 close ab"},
    {"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nab", "200 reuse ab"},
    {"HTTP/1.1 200 OK\r\nConnection: x, close\r\nContent-Length: 2\r\n\r\nab", "200 close ab"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", "200 reuse ab"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=\"b\"\r\nab\r\n0\r\nT: u\r\n\r\n",
     "200 reuse ab"},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 "
     "OK\r\nContent-Length: 1\r\n\r\na",
     "200 reuse a"},
    {"HTTP/1.1 204 No\r\n\r\n", "204 reuse "},
    {"HTTP/1.1 304 Same\r\nContent-Length: 9\r\n\r\n", "304 reuse "},
    {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "200 reuse ", false, true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "200 reuse ", false, true},
    {"HTTP/1.1 200 OK\r\n\r\nabc", "more"},
    {"HTTP/1.1 200 OK\r\n\r\nabc", "200 close abc", true},
    {"HTTP/1.1 200 OK\r\nA:\t b c \r\nContent-Length: 0\r\n\r\n", "200 reuse "},
    // excess
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc", "200 close ab"},
    {"HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\nab", "204 close "},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "200 close "},
    // cut off
    {"", "error: the connection ended before the answer began", true},
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na", "error: the connection ended within the answer", true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n",
     "error: the connection ended within the answer", true},
    {"HTTP/1.1 100 Continue\r\n\r\n", "error: the connection ended within the answer", true},
    // wrong
    {"HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n", "error: a line ends with LF instead of CRLF"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 0\n\r\n", "error: a line ends with LF instead of CRLF"},
    {"HTTP/1.1 101 Switching\r\n\r\n", "error: the protocol was switched, which nobody asked for"},
    {"HTTP/1.1 600 X\r\n\r\n", "error: the status is not between 100 and 599"},
    {"HTTP/1.1 099 X\r\n\r\n", "error: the status is not between 100 and 599"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
     "error: Content-Length and Transfer-Encoding exclude each other"},
    {"HTTP/1.1 204 No\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
     "error: Content-Length and Transfer-Encoding exclude each other"},
    {"HTTP/1.1 200 OK\r\nA: b\x01\r\n\r\n", "error: a header value holds a control character"},
    {"HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", "error: a header value holds a control character"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\na\r\n",
     "error: a chunk size is not 1 to 16 hex digits"},
};

TEST(ResponseParser, EachCaseComesOutTheSameHoweverItIsSplit) {
    for (auto const& each : cases) {
        for (std::size_t const piece :
             {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::string_view::npos}) {
            EXPECT_EQ(outcome(each.bytes, each.ends, each.to_head, piece), each.outcome)
                << each.bytes << " by " << piece;
        }
    }
}

TEST(ResponseParser, EveryMalformedStatusLineIsRefused) {
    for (std::string_view const line :
         {"", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 200OK", "HTTP/1.1  200 OK",
          "HTTP/1.1\t200 OK", "http/1.1 200 OK", "HTTP/1.x 200 OK", "HTTP/11 200 OK", "HTTP/2.0 200 OK",
          " HTTP/1.1 200 OK", "HTTP/1.1 2 0 OK", "HTTP/1.1 -20 OK", "HTTP/1.1 200 O\x01K", "ICY 200 OK"}) {
        EXPECT_TRUE(outcome(std::string(line) + "\r\nContent-Length: 0\r\n\r\n")
                        .starts_with("error: the status line"))
            << line;
    }
}

TEST(ResponseParser, EveryMalformedFieldIsRefused) {
    for (std::string_view const line :
         {" A: b", "\tA: b", "A : b", "A", ": b", "A b: c", "A\x80: b", "(A): b"}) {
        EXPECT_EQ(
            outcome("HTTP/1.1 200 OK\r\nX: y\r\n" + std::string(line) + "\r\nContent-Length: 0\r\n\r\n"),
            "error: a header field is not a name, a colon and a value")
            << line;
    }
}

TEST(ResponseParser, EveryAmbiguousLengthIsRefused) {
    for (std::string_view const value : {"", "-1", "+1", "1 1", "0x1", "1,1", "1, 1", "18446744073709551616",
                                         "1_0", "\"1\"", "1\r\nContent-Length: 1"}) {
        EXPECT_TRUE(outcome("HTTP/1.1 200 OK\r\nContent-Length: " + std::string(value) + "\r\n\r\nx")
                        .starts_with("error: Content-Length is not"))
            << value;
    }
}

TEST(ResponseParser, EveryOtherTransferCodingIsRefused) {
    for (std::string_view const value :
         {"", "gzip", "gzip, chunked", "chunked, chunked", "identity", "xchunked", "chunked;a=b", "chunked,",
          "chunked\r\nTransfer-Encoding: chunked"}) {
        EXPECT_TRUE(
            outcome("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + std::string(value) + "\r\n\r\n0\r\n\r\n")
                .starts_with("error: Transfer-Encoding"))
            << value;
    }
    EXPECT_TRUE(outcome("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
                    .starts_with("error: Transfer-Encoding"));
}

TEST(ResponseParser, EveryLimitHoldsAtItsByte) {
    constexpr ResponseLimits limits{
        .status_line = 15, .header_bytes = 12, .header_count = 2, .interim = 1, .body = 3};
    auto const with = [&](std::string_view bytes, bool ends = false) {
        auto const whole = outcome(bytes, ends, false, std::string_view::npos, limits);
        EXPECT_EQ(outcome(bytes, ends, false, 1, limits), whole);
        return whole;
    };
    EXPECT_EQ(with("HTTP/1.1 200 OK\r\nA: bcdefg\r\n\r\n"),
              "error: the header fields are larger than their limit");
    EXPECT_EQ(with("HTTP/1.1 200 OK\r\nA: bcdef\r\n\r\n"), "more");
    EXPECT_EQ(with("HTTP/1.1 200 OKs\r\n"), "error: the status line is longer than its limit");
    EXPECT_EQ(with("HTTP/1.1 200 OK\r\na:\r\nb:\r\n\r\n"), "more");
    EXPECT_EQ(with("HTTP/1.1 200 OK\r\na:\r\nb:\r\nc:\r\n\r\n"),
              "error: there are more header fields than the limit");
    EXPECT_EQ(with("HTTP/1.1 200 OK\r\n\r\nabc", true), "200 close abc");
    EXPECT_EQ(with("HTTP/1.1 200 OK\r\n\r\nabcd"), "error: the body is larger than the limit");
    EXPECT_EQ(with("HTTP/1.1 100 A\r\n\r\nHTTP/1.1 100 A\r\n\r\n"),
              "error: there are more interim answers than the limit");
    EXPECT_EQ(outcome("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", false, false, 1, {.body = 3}),
              "error: the body is larger than the limit");
    EXPECT_EQ(
        outcome("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n", false, false, 1, {.body = 3}),
        "error: the body is larger than the limit");
}

TEST(ResponseParser, FieldsAreFoundWhateverTheirCase) {
    ResponseParser parser({}, false);
    parser.feed("HTTP/1.1 418 I'm a teapot\r\nX-One:  1 \r\nx-one: 2\r\nContent-Length: 0\r\n\r\n");
    ASSERT_EQ(parser.state(), State::complete);
    auto const head = parser.take_head();
    EXPECT_EQ(head.reason(), "I'm a teapot");
    EXPECT_EQ(head.find("X-ONE"), "1");
    EXPECT_EQ(head.field_count(), 3U);
    EXPECT_EQ(head.name(1), "x-one");
    EXPECT_EQ(head.value(1), "2");
}

}  // namespace
}  // namespace brio::http
