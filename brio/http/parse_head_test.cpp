#include <brio/http/model_server.hpp>
#include <brio/http/raw_cases.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace brio::http {
namespace {

using State = ParseResult::State;

RequestHead parsed(std::string_view bytes) {
    RequestHead head;
    const auto result = parse_head(bytes, 0, head, Limits{});
    EXPECT_EQ(result.state, State::complete) << result.rejection.detail;
    return head;
}

ModelServer fed(std::string_view bytes) {
    ModelServer server;
    server.feed(bytes);
    return server;
}

void expect_outcome(const RawRequest& request) {
    const auto server = fed(request.bytes);
    SCOPED_TRACE(request.name + "\n" + server.log());
    if (request.status == 0) {
        EXPECT_TRUE(server.answers().empty());
        EXPECT_EQ(server.waiting(), !request.bytes.empty());
        return;
    }
    ASSERT_FALSE(server.answers().empty());
    EXPECT_EQ(server.answers().front(), request.status);
    EXPECT_EQ(server.closed(), request.must_close);
    EXPECT_EQ(server.answers().size(), static_cast<std::size_t>(request.answers));
    EXPECT_FALSE(server.waiting());
}

TEST(RawCases, AreAtLeast170WithDistinctNames) {
    std::set<std::string> names;
    const auto requests = raw_requests();
    for (const auto& request : requests) {
        names.insert(request.name);
    }
    EXPECT_EQ(names.size(), requests.size());
    EXPECT_GE(requests.size(), 170U);
}

TEST(RawCases, EachGetsItsStatusAndItsClose) {
    for (const auto& request : raw_requests()) {
        expect_outcome(request);
    }
}

TEST(RawCases, TheOnesAtALimitGetTheirStatus) {
    for (const auto& request : raw_limit_requests()) {
        expect_outcome(request);
    }
}

TEST(RawCases, MeanTheSameWhereverTheyAreSplitInTwo) {
    for (const auto& request : raw_requests()) {
        const auto whole = fed(request.bytes);
        for (std::size_t at = 1; at < request.bytes.size(); ++at) {
            ModelServer server;
            server.feed(request.bytes.substr(0, at));
            server.feed(request.bytes.substr(at));
            ASSERT_EQ(server.log(), whole.log()) << request.name << " split at " << at;
        }
    }
}

TEST(RawCases, MeanTheSameByteByByte) {
    for (const auto& request : raw_requests()) {
        ModelServer server;
        for (const char byte : request.bytes) {
            server.feed({&byte, 1});
        }
        ASSERT_EQ(server.log(), fed(request.bytes).log()) << request.name;
    }
}

TEST(RawCases, AreDecidedByTheSameByteHoweverTheyAreSplit) {
    for (const auto& request : raw_requests()) {
        ModelServer by_byte;
        for (std::size_t size = 1; size <= request.bytes.size(); ++size) {
            by_byte.feed(std::string_view(request.bytes).substr(size - 1, 1));
            ASSERT_EQ(by_byte.log(), fed(request.bytes.substr(0, size)).log())
                << request.name << " after " << size << " bytes";
        }
    }
}

TEST(RawCases, TheOnesAtALimitMeanTheSameInPiecesOf7And1460Bytes) {
    for (const auto& request : raw_limit_requests()) {
        const auto bytes = std::string_view(request.bytes).substr(0, 100'000);
        const auto whole = fed(bytes);
        for (const std::size_t piece : {7, 1460}) {
            ModelServer server;
            for (std::size_t at = 0; at < bytes.size() && !server.closed(); at += piece) {
                server.feed(bytes.substr(at, piece));
            }
            ASSERT_EQ(server.log(), whole.log()) << request.name << " in pieces of " << piece;
        }
    }
}

TEST(ParseHead, TheRequestLineLimitIsDecidedByTheFirstByteTooMany) {
    const std::string line = "GET /" + std::string(8192 - 5, 'a');
    EXPECT_TRUE(fed(line).answers().empty());
    EXPECT_EQ(fed(line + "a").answers(), std::vector{414});
}

TEST(ParseHead, TheFieldLimitIsDecidedByTheFirstByteTooMany) {
    const std::string head = "GET / HTTP/1.1\r\n";
    const std::string fields = "X: " + std::string(16384 - 3, 'a');
    EXPECT_TRUE(fed(head + fields).answers().empty());
    EXPECT_EQ(fed(head + fields + "a").answers(), std::vector{431});
}

TEST(ParseHead, TheFieldCountIsDecidedByTheFirstByteOfTheLineTooMany) {
    const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n" + repeated_lines(99, "X: 1\r\n");
    EXPECT_TRUE(fed(head).answers().empty());
    EXPECT_EQ(fed(head + "X").answers(), std::vector{431});
}

TEST(ParseHead, ACountLimitAboveTheCapacityIsTheCapacity) {
    ModelServer server(Limits{.header_count = 100'000});
    server.feed("GET / HTTP/1.1\r\nHost: a\r\n" + repeated_lines(128, "X: 1\r\n") + "\r\n");
    EXPECT_EQ(server.answers(), std::vector{431});
}

TEST(ParseHead, ConsumesTheHeadAndTheEmptyLinesBeforeItAndNoMore) {
    RequestHead head;
    const auto result = parse_head("\r\nGET / HTTP/1.0\r\n\r\nrest", 0, head, Limits{});
    EXPECT_EQ(result.state, State::complete);
    EXPECT_EQ(result.consumed, 20U);
}

TEST(ParseHead, SplitsTheTarget) {
    const auto head = parsed("POST /a/b%20c?x=1&y=?2 HTTP/1.1\r\nHost: example.org:81\r\n\r\n");
    EXPECT_EQ(head.method(), Method::post);
    EXPECT_EQ(head.method_token(), "POST");
    EXPECT_EQ(head.target(), "/a/b%20c?x=1&y=?2");
    EXPECT_EQ(head.path(), "/a/b%20c");
    EXPECT_EQ(head.query(), "x=1&y=?2");
    EXPECT_EQ(head.host(), "example.org:81");
    EXPECT_EQ(head.version_minor(), 1);
}

TEST(ParseHead, TheHostOfAnAbsoluteTargetWins) {
    const auto head = parsed("GET http://b:81?q HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(head.host(), "b:81");
    EXPECT_EQ(head.path(), "/");
    EXPECT_EQ(head.query(), "q");
    EXPECT_EQ(head.find(Known::host), "a");
}

TEST(ParseHead, ConnectHasAnAuthorityAndNoPath) {
    const auto head = parsed("CONNECT [::1]:443 HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(head.method(), Method::connect);
    EXPECT_EQ(head.host(), "[::1]:443");
    EXPECT_EQ(head.path(), "");
}

TEST(ParseHead, FindsEveryKnownFieldWhateverItsCase) {
    for (std::size_t i = 0; i < known_count; ++i) {
        const auto known = static_cast<Known>(i);
        std::string name(known_names[i]);
        for (std::size_t at = 0; at < name.size(); at += 2) {
            name[at] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[at])));
        }
        const std::string value = known == Known::transfer_encoding ? "chunked"
                                  : known == Known::expect          ? "100-continue"
                                                                    : "12";
        const auto text = "GET / HTTP/1.1\r\nX-" + name + ": no\r\n" + name + ": " + value + "\r\n" +
                          (known == Known::host ? "" : "Host: a\r\n") + "\r\n";
        const auto head = parsed(text);
        EXPECT_EQ(head.find(known), value) << name;
        EXPECT_EQ(head.find(known_names[i]), value) << name;
    }
}

TEST(ParseHead, AFieldThatIsNotThereIsNotFound) {
    const auto head = parsed("GET / HTTP/1.1\r\nHost: a\r\nHostx: 1\r\nxAccept: 2\r\nCooki_: 3\r\n\r\n");
    EXPECT_EQ(head.find(Known::accept), std::nullopt);
    EXPECT_EQ(head.find(Known::cookie), std::nullopt);
    EXPECT_EQ(head.find("accept"), std::nullopt);
    EXPECT_EQ(head.find("x"), std::nullopt);
    EXPECT_EQ(head.find(""), std::nullopt);
}

TEST(ParseHead, GivesEveryLineOfARepeatedField) {
    const auto head = parsed("GET / HTTP/1.1\r\nHost: a\r\nCookie: 1\r\nX: y\r\ncookie: 2\r\n\r\n");
    std::vector<std::string_view> values;
    head.each(Known::cookie, [&](std::string_view value) { values.push_back(value); });
    EXPECT_EQ(values, (std::vector<std::string_view>{"1", "2"}));
    EXPECT_EQ(head.find("COOKIE"), "1");
}

TEST(ParseHead, ReadsTheFraming) {
    const auto counted = parsed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n\r\n");
    EXPECT_EQ(counted.content_length(), 18446744073709551615U);
    EXPECT_TRUE(counted.has_body());
    const auto chunked = parsed("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n");
    EXPECT_TRUE(chunked.chunked());
    EXPECT_EQ(chunked.content_length(), std::nullopt);
    const auto bare = parsed("POST / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(bare.content_length(), std::nullopt);
    EXPECT_FALSE(bare.has_body());
    EXPECT_FALSE(parsed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").has_body());
}

TEST(ParseHead, ExpectsContinueOnlyOn11AndWithABody) {
    const std::string expect = "Host: a\r\nExpect: 100-continue\r\n";
    EXPECT_TRUE(parsed("POST / HTTP/1.1\r\n" + expect + "Content-Length: 1\r\n\r\n").expect_continue());
    EXPECT_FALSE(parsed("POST / HTTP/1.1\r\n" + expect + "Content-Length: 0\r\n\r\n").expect_continue());
    EXPECT_FALSE(parsed("POST / HTTP/1.0\r\n" + expect + "Content-Length: 1\r\n\r\n").expect_continue());
}

TEST(ParseHead, UpgradeNeedsAConnectionThatListsIt) {
    EXPECT_FALSE(parsed("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\n").upgrade());
    EXPECT_TRUE(parsed("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n").upgrade());
}

TEST(ParseHead, AReusedHeadKeepsNothingOfTheLastRequest) {
    RequestHead head;
    const std::string first =
        "POST http://b/x?y HTTP/1.1\r\nHost: a\r\nCookie: c\r\nConnection: close, upgrade\r\nContent-Length: "
        "5\r\n"
        "Expect: 100-continue\r\n\r\n";
    EXPECT_EQ(parse_head(first, 0, head, Limits{}).state, State::complete);
    EXPECT_EQ(parse_head("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0, head, Limits{}).state, State::complete);
    EXPECT_EQ(head.host(), "a");
    EXPECT_EQ(head.query(), "");
    EXPECT_EQ(head.find(Known::cookie), std::nullopt);
    EXPECT_EQ(head.field_count(), 1U);
    EXPECT_TRUE(head.keep_alive());
    EXPECT_FALSE(head.has_body() || head.upgrade() || head.expect_continue());
}

TEST(ParseHead, RebaseFollowsTheBytes) {
    std::string bytes = "GET /p?q HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
    RequestHead head;
    EXPECT_EQ(parse_head(bytes, 0, head, Limits{}).state, State::complete);
    const std::string moved = bytes;
    std::fill(bytes.begin(), bytes.end(), '!');
    head.rebase(moved.data());
    EXPECT_EQ(head.path(), "/p");
    EXPECT_EQ(head.query(), "q");
    EXPECT_EQ(head.find("x"), "y");
}

}  // namespace
}  // namespace brio::http
