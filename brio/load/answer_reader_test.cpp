#include <brio/load/answer_reader.hpp>

#include <gtest/gtest.h>
#include <vector>

namespace brio::load {
namespace {

constexpr std::string_view three_answers =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\ncontent-length: 5\r\n\r\nhello"
    "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: "
    "chunked\r\n\r\n5\r\nhello\r\n1a;x=1\r\nabcdefghijklmnopqrstuvwxyz\r\n"
    "0\r\nX-Sum: 1\r\n\r\n"
    "HTTP/1.1 204 No Content\r\nConnection: Close\r\n\r\n";

struct Seen {
    int status;
    std::string body;
    bool closes;
    bool operator==(const Seen&) const = default;
};

// Feeds `parts`; the answers that came out whole.
std::vector<Seen> read(std::vector<std::string_view> parts, AnswerReader& reader) {
    std::vector<Seen> seen;
    reader.begin(false, true);
    for (auto bytes : parts) {
        while (reader.feed(bytes) == AnswerReader::State::whole) {
            seen.push_back({reader.status(), std::string(reader.body()), reader.closes()});
            reader.begin(false, true);
        }
        EXPECT_TRUE(bytes.empty());
    }
    return seen;
}

std::vector<Seen> expected() {
    return {{200, "hello", false}, {404, "helloabcdefghijklmnopqrstuvwxyz", false}, {204, "", true}};
}

AnswerReader::State feed(AnswerReader& reader, std::string_view bytes) { return reader.feed(bytes); }

TEST(LoadAnswerReader, FindsEveryAnswerWhereverTheBytesAreCut) {
    for (std::size_t cut = 0; cut <= three_answers.size(); ++cut) {
        AnswerReader reader;
        EXPECT_EQ(read({three_answers.substr(0, cut), three_answers.substr(cut)}, reader), expected()) << cut;
    }
}

TEST(LoadAnswerReader, FindsEveryAnswerWhenBytesComeOneByOne) {
    std::vector<std::string_view> parts;
    for (std::size_t i = 0; i < three_answers.size(); ++i) {
        parts.push_back(three_answers.substr(i, 1));
    }
    AnswerReader reader;
    EXPECT_EQ(read(parts, reader), expected());
}

TEST(LoadAnswerReader, AnswerWithoutALengthLastsUntilTheConnectionEnds) {
    AnswerReader reader;
    reader.begin(false, true);
    EXPECT_EQ(feed(reader, "HTTP/1.1 200 OK\r\nServer: x\r\n\r\nbo"), AnswerReader::State::more);
    EXPECT_EQ(feed(reader, "dy"), AnswerReader::State::more);
    EXPECT_EQ(reader.end(), AnswerReader::State::whole);
    EXPECT_EQ(reader.body(), "body");
    EXPECT_TRUE(reader.closes());
}

TEST(LoadAnswerReader, ConnectionThatEndsWithinABodyIsBroken) {
    AnswerReader reader;
    EXPECT_EQ(feed(reader, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"), AnswerReader::State::more);
    EXPECT_EQ(reader.end(), AnswerReader::State::broken);
}

TEST(LoadAnswerReader, AnswerToHeadHasNoBody) {
    AnswerReader reader;
    reader.begin(true);
    EXPECT_EQ(feed(reader, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), AnswerReader::State::whole);
}

TEST(LoadAnswerReader, OldAnswerClosesUnlessItSaysOtherwise) {
    AnswerReader reader;
    EXPECT_EQ(feed(reader, "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"), AnswerReader::State::whole);
    EXPECT_TRUE(reader.closes());
    reader.begin();
    EXPECT_EQ(feed(reader, "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n"),
              AnswerReader::State::whole);
    EXPECT_FALSE(reader.closes());
}

TEST(LoadAnswerReader, WhatIsNoAnswerIsBroken) {
    for (auto const* bytes :
         {"220 mail.example ESMTP\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 101 Switching\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 700 OK\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}) {
        AnswerReader reader;
        EXPECT_EQ(feed(reader, bytes), AnswerReader::State::broken) << bytes;
        EXPECT_EQ(feed(reader, "HTTP/1.1 204 OK\r\n\r\n"), AnswerReader::State::broken);
    }
}

TEST(LoadAnswerReader, HeadWithoutAnEndIsBrokenAtItsLimit) {
    AnswerReader reader;
    std::string const endless(AnswerReader::longest_head + 1, 'x');
    EXPECT_EQ(feed(reader, "HTTP/1.1 200 OK\r\nX: "), AnswerReader::State::more);
    EXPECT_EQ(feed(reader, endless), AnswerReader::State::broken);
}

TEST(LoadAnswerReader, FieldsAreFoundByNameOneAfterTheOther) {
    std::string_view const head = "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX: y\r\nset-cookie:  b=2 \r\n\r\n";
    EXPECT_EQ(find_field(head, "set-cookie"), "a=1");
    EXPECT_EQ(find_field(head, "y"), std::nullopt);
    auto rest = head;
    EXPECT_EQ(next_field(rest, "set-cookie"), "a=1");
    EXPECT_EQ(next_field(rest, "set-cookie"), "b=2");
    EXPECT_EQ(next_field(rest, "set-cookie"), std::nullopt);
}

}  // namespace
}  // namespace brio::load
