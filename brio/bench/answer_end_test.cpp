#include <brio/bench/answer_end.hpp>

#include <gtest/gtest.h>

#include <string>

namespace brio::bench {
namespace {

const std::string counted = "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 5\r\nX-Request-ID: a\r\n\r\nhello";

TEST(AnswerEnd, AnAnswerEndsWhereItsLengthSays) {
    for (std::size_t size = 0; size < counted.size(); ++size) {
        EXPECT_FALSE(answer_end(std::string_view(counted).substr(0, size))) << size;
    }
    auto const end = answer_end(counted + "HTTP/1.1 404");
    ASSERT_TRUE(end);
    EXPECT_EQ(end->status, 200);
    EXPECT_EQ(end->size, counted.size());
}

TEST(AnswerEnd, AnAnswerWithoutABodyEndsWithItsHead) {
    std::string const empty = "HTTP/1.1 204 No Content\r\nDate: x\r\n\r\n";
    EXPECT_EQ(answer_end(empty)->size, empty.size());
    auto const head = counted.substr(0, counted.size() - 5);
    EXPECT_FALSE(answer_end(head));
    EXPECT_EQ(answer_end(head, true)->size, head.size());
}

TEST(AnswerEnd, ChunksEndWithTheLastOne) {
    std::string const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_FALSE(answer_end(head));
    EXPECT_FALSE(answer_end(head + "5\r\nhello\r\n"));
    EXPECT_EQ(answer_end(head + "5\r\nhello\r\n0\r\n\r\n")->size, head.size() + 15);
    EXPECT_EQ(answer_end(head + "0\r\n\r\n")->size, head.size() + 5);
}

TEST(AnswerEnd, AnInterimAnswerIsPartOfTheOneThatFollows) {
    std::string const interim = "HTTP/1.1 100 Continue\r\n\r\n";
    EXPECT_FALSE(answer_end(interim));
    EXPECT_EQ(answer_end(interim + counted)->size, interim.size() + counted.size());
}

}  // namespace
}  // namespace brio::bench
