#include <brio/http/chunked.hpp>
#include <brio/http/raw_cases.hpp>

#include <gtest/gtest.h>

#include <string>

namespace brio::http {
namespace {

using State = ChunkedDecoder::Step::State;

struct Outcome {
    State state;
    std::size_t consumed;
    int status;
    std::string body;

    friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Decodes `bytes` in pieces of at most `piece` bytes.
Outcome decoded(std::string_view bytes, std::size_t piece, const Limits& limits = {}) {
    ChunkedDecoder decoder(limits, limits.body);
    Buffer body;
    Outcome out{State::more, 0, 0, ""};
    while (out.state == State::more && out.consumed < bytes.size()) {
        const auto step = decoder.decode(bytes.substr(out.consumed, piece), body);
        out.state = step.state;
        out.consumed += step.consumed;
        out.status = step.rejection.status;
    }
    out.body = std::string(body.view());
    return out;
}

TEST(Chunked, EachRawCaseEndsAsItShould) {
    for (const auto& one : raw_chunk_cases) {
        const auto outcome = decoded(one.bytes, one.bytes.size());
        const auto wanted = one.status == 0 ? State::more : one.status == 200 ? State::done : State::error;
        EXPECT_EQ(outcome.state, wanted) << one.name;
        EXPECT_EQ(outcome.status, wanted == State::error ? one.status : 0) << one.name;
    }
}

TEST(Chunked, EachRawCaseMeansTheSameInPiecesOfEverySize) {
    for (const auto& one : raw_chunk_cases) {
        const auto whole = decoded(one.bytes, one.bytes.size());
        for (std::size_t piece = 1; piece < one.bytes.size(); ++piece) {
            EXPECT_EQ(decoded(one.bytes, piece), whole) << one.name << " in pieces of " << piece;
        }
    }
}

TEST(Chunked, GivesTheBytesOfAllChunks) {
    EXPECT_EQ(decoded("3\r\nabc\r\nA;x=\"y\"\r\n0123\r\n6789\r\n0\r\nT: u\r\n\r\nrest", 100),
              (Outcome{State::done, 40, 0, "abc0123\r\n6789"}));
}

TEST(Chunked, ADataStepIsAViewOfItsInput) {
    const std::string_view bytes = "5\r\nhello\r\n0\r\n\r\n";
    const Limits limits;
    ChunkedDecoder decoder(limits, limits.body);
    const auto data = decoder.next(bytes);
    EXPECT_EQ(data.state, State::data);
    EXPECT_EQ(data.data.data(), bytes.data() + 3);
    EXPECT_EQ(data.data, "hello");
    EXPECT_EQ(data.consumed, 8U);
    const auto end = decoder.next(bytes.substr(8));
    EXPECT_EQ(end.state, State::done);
    EXPECT_EQ(end.consumed, 7U);
    EXPECT_TRUE(decoder.done());
}

TEST(Chunked, ABodyOfExactlyTheLimitIsTakenAndOneByteMoreIsRefusedAtItsSize) {
    const Limits limits{.body = 4};
    EXPECT_EQ(decoded("3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", 100, limits).state, State::done);
    const auto over = decoded("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 100, limits);
    EXPECT_EQ(over.status, 413);
    EXPECT_EQ(over.consumed, 10U);
}

TEST(Chunked, ExtensionsOfAllChunksCountTogether) {
    const Limits limits{.chunk_extension_bytes = 4};
    EXPECT_EQ(decoded("1;a\r\nx\r\n0;b\r\n\r\n", 100, limits).state, State::done);
    EXPECT_EQ(decoded("1;a\r\nx\r\n0;bc\r\n\r\n", 100, limits).status, 400);
}

TEST(Chunked, TrailersAreBoundedInBytesAndLines) {
    EXPECT_EQ(decoded("0\r\nA: b\r\n\r\n", 100, Limits{.trailer_bytes = 6}).state, State::done);
    EXPECT_EQ(decoded("0\r\nA: bc\r\n\r\n", 100, Limits{.trailer_bytes = 6}).status, 431);
    EXPECT_EQ(decoded("0\r\nA:\r\nB:\r\n\r\n", 100, Limits{.trailer_count = 2}).state, State::done);
    EXPECT_EQ(decoded("0\r\nA:\r\nB:\r\nC:\r\n\r\n", 100, Limits{.trailer_count = 2}).status, 431);
}

TEST(Chunked, AnErrorStays) {
    const Limits limits;
    ChunkedDecoder decoder(limits, limits.body);
    EXPECT_EQ(decoder.next("x").state, State::error);
    const auto again = decoder.next("0\r\n\r\n");
    EXPECT_EQ(again.state, State::error);
    EXPECT_EQ(again.consumed, 0U);
    EXPECT_EQ(again.rejection.code, "invalid_chunk");
}

TEST(Chunked, WhiteSpaceMayStandInsideOfExtensions) {
    EXPECT_EQ(decoded("1; a = b ;\tc\r\nx\r\n0\r\n\r\n", 100).state, State::done);
    EXPECT_EQ(decoded("1; a b\r\nx\r\n0\r\n\r\n", 100).status, 400);
}

}  // namespace
}  // namespace brio::http
