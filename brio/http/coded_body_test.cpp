// Requests whose bodies come in gzip.
#include <brio/base/text.hpp>
#include <brio/http/compressor.hpp>
#include <brio/http/wire_harness.hpp>

#include <gtest/gtest.h>

namespace brio::http {
namespace {

using test::body_of;
using test::header_of;
using test::status_of;
using test::Wire;

struct Note {
    std::string text;
};
Note keep(Body<Note> note) { return *note; }
std::string measure_body(Request request) { return integer_text(request.body().size()); }

void routes(Router& router) {
    router.post<"/notes">(keep, {.gzip_bodies = true});
    router.post<"/size">(measure_body, {.body_limit = 100'000, .gzip_bodies = true});
    router.post<"/large">(measure_body, {.body_limit = 64 << 20, .gzip_bodies = true});
    router.post<"/plain">(measure_body);
}

std::string gzipped(std::string_view body) {
    Buffer out;
    compress_now(out, body, Coding::gzip, Effort::usual);
    return std::string(out.view());
}

std::string post(std::string_view path, std::string_view body, std::string_view fields) {
    return concat({"POST ", path, " HTTP/1.1\r\nHost: a\r\nContent-Length: ", integer_text(body.size()),
                   "\r\n", fields, "\r\n", body});
}
constexpr std::string_view in_gzip = "Content-Encoding: gzip\r\n";

TEST(CodedBody, AHandlerSeesItDecoded) {
    Wire wire(routes);
    auto const note = R"({"text":"hello"})";
    EXPECT_EQ(body_of(wire.ask(post("/notes", gzipped(note), in_gzip))), note);
    EXPECT_EQ(body_of(wire.ask(post("/notes", gzipped(note), "Content-Encoding: X-GZip\r\n"))), note);
    EXPECT_EQ(body_of(wire.ask(post("/notes", note, "Content-Encoding: identity\r\n"))), note);
    EXPECT_EQ(body_of(wire.ask(post("/notes", note, ""))), note);
}

TEST(CodedBody, ChunksAreOneBody) {
    Wire wire(routes);
    auto const coded = gzipped(std::string(5000, 'a'));
    std::string request =
        "POST /size HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" + std::string(in_gzip) + "\r\n";
    for (auto const byte : coded) {
        request.append("1\r\n").append(1, byte).append("\r\n");
    }
    auto const client = wire.connect();
    wire.send(client, request + "0\r\n\r\n" + post("/size", "ab", ""));
    auto const answers = wire.receive(client);
    EXPECT_NE(answers.find("\r\n\r\n5000HTTP/1.1 200"), std::string::npos);
    EXPECT_TRUE(answers.ends_with("\r\n\r\n2"));
}

TEST(CodedBody, TheLimitIsOnWhatComesOut) {
    Wire wire(routes);
    std::string text;
    for (int i = 0; text.size() < 200'000; ++i) {
        text += integer_text(i * 7919LL);
    }
    EXPECT_EQ(body_of(wire.ask(post("/size", gzipped(text.substr(0, 100'000)), in_gzip))), "100000");
    auto const answer = wire.ask(post("/size", gzipped(text.substr(0, 100'001)), in_gzip));
    EXPECT_EQ(status_of(answer), 413);
    EXPECT_NE(answer.find("body_too_large"), std::string::npos);
    EXPECT_TRUE(wire.closed);
}

TEST(CodedBody, ABombIs413) {
    Wire wire(routes);
    EXPECT_EQ(status_of(wire.ask(post("/large", gzipped(std::string(32 << 20, '\0')), in_gzip))), 413);
}

TEST(CodedBody, WhatIsNoGzipIs400) {
    Wire wire(routes);
    auto const answer = wire.ask(post("/notes", "hello", in_gzip));
    EXPECT_EQ(status_of(answer), 400);
    EXPECT_NE(answer.find("body_not_gzip"), std::string::npos);
    auto const coded = gzipped("hello");
    EXPECT_EQ(status_of(wire.ask(post("/notes", coded.substr(0, coded.size() - 1), in_gzip))), 400);
}

TEST(CodedBody, ACodingThatTheRouteDoesNotTakeIs415AndTheAnswerSaysWhichItDoes) {
    Wire wire(routes);
    auto const off = wire.ask(post("/plain", gzipped("hello"), in_gzip));
    EXPECT_EQ(status_of(off), 415);
    EXPECT_EQ(header_of(off, "Accept-Encoding"), "identity");
    for (auto const* coding : {"br", "gzip, gzip", "gzip\r\nContent-Encoding: br", "br, gzip", "xgzip"}) {
        auto const other =
            wire.ask(post("/notes", gzipped("hello"), concat({"Content-Encoding: ", coding, "\r\n"})));
        EXPECT_EQ(status_of(other), 415) << coding;
        EXPECT_EQ(header_of(other, "Accept-Encoding"), "gzip");
    }
}

TEST(CodedBody, TheServerMayTakeItEverywhere) {
    Wire wire(routes, {}, {gzip_bodies()});
    EXPECT_EQ(body_of(wire.ask(post("/plain", gzipped("hello"), in_gzip))), "5");
}

}  // namespace
}  // namespace brio::http
