#include <bench/generator/framing.hpp>

#include <gtest/gtest.h>

namespace bench {
namespace {

constexpr std::string_view three_answers =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\ncontent-length: 5\r\n\r\nhello"
    "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: "
    "chunked\r\n\r\n5\r\nhello\r\n1a;x=1\r\nabcdefghijklmnopqrstuvwxyz\r\n"
    "0\r\nX-Sum: 1\r\n\r\n"
    "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";

std::vector<int> statuses(AnswerReader& reader, std::string_view bytes) {
    std::vector<int> found;
    while (const auto status = reader.next(bytes)) {
        found.push_back(*status);
    }
    return found;
}

TEST(AnswerReader, FindsEveryAnswerWhereverTheBytesAreCut) {
    for (std::size_t cut = 0; cut <= three_answers.size(); ++cut) {
        AnswerReader reader;
        auto found = statuses(reader, three_answers.substr(0, cut));
        const auto later = statuses(reader, three_answers.substr(cut));
        found.insert(found.end(), later.begin(), later.end());
        EXPECT_EQ(found, (std::vector<int>{200, 404, 204})) << "cut at " << cut;
        EXPECT_TRUE(reader.closes());
    }
}

TEST(AnswerReader, FindsEveryAnswerWhenBytesComeOneByOne) {
    AnswerReader reader;
    std::vector<int> found;
    for (const char& byte : three_answers) {
        const auto now = statuses(reader, {&byte, 1});
        found.insert(found.end(), now.begin(), now.end());
    }
    EXPECT_EQ(found, (std::vector<int>{200, 404, 204}));
}

TEST(AnswerReader, AnswerWithoutALengthIsBroken) {
    AnswerReader reader;
    EXPECT_TRUE(statuses(reader, "HTTP/1.1 200 OK\r\nServer: x\r\n\r\nbody").empty());
    EXPECT_TRUE(reader.broken());
}

TEST(AnswerReader, BytesThatAreNoHttpAreBroken) {
    AnswerReader reader;
    EXPECT_TRUE(statuses(reader, "220 mail.example ESMTP\r\n\r\n").empty());
    EXPECT_TRUE(reader.broken());
}

TEST(AnswerReader, ChunkSizeThatIsNoNumberIsBroken) {
    AnswerReader reader;
    EXPECT_TRUE(statuses(reader, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n").empty());
    EXPECT_TRUE(reader.broken());
}

}  // namespace
}  // namespace bench
