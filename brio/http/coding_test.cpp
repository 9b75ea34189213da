#include <brio/http/coding.hpp>

#include <brio/http/parse_head.hpp>

#include <gtest/gtest.h>

namespace brio::http {
namespace {

struct Row {
    std::string_view field;
    std::optional<Coding> now;
};

void expect_choices(const BodyFacts& facts, std::initializer_list<Row> rows) {
    for (auto const& row : rows) {
        auto const choice = choose_coding(accept_encoding(row.field), facts);
        EXPECT_EQ(choice.now, row.now) << row.field;
    }
}

constexpr auto none = std::nullopt;
constexpr auto everything = Coding::identity | Coding::gzip | Coding::zstd | Coding::br;

TEST(Coding, OnTheFlyThereIsGzipForWhoLikesItNoLessThanIdentity) {
    expect_choices({.gains = true}, {
                                        {"", Coding::identity},
                                        {"gzip", Coding::gzip},
                                        {"x-gzip", Coding::gzip},
                                        {"xgzip", Coding::identity},
                                        {"gzip;q=0", Coding::identity},
                                        {"gzip, gzip;q=0", Coding::identity},
                                        {"gzip;q=0.5", Coding::gzip},
                                        {"gzip;q=0.5, identity", Coding::identity},
                                        {"gzip;q=0.5, identity;q=0.4", Coding::gzip},
                                        {"*", Coding::gzip},
                                        {"*;q=0", none},
                                        {"br, zstd", Coding::identity},
                                        {"identity;q=0", none},
                                        {"identity;q=0, gzip;q=0.1", Coding::gzip},
                                    });
}

TEST(Coding, WhoRefusesIdentityGetsWhatItTakesWhateverTheBody) {
    for (auto const gains : {true, false}) {
        expect_choices({.gains = gains}, {
                                             {"br, identity;q=0", Coding::br},
                                             {"zstd, br;q=0.5, identity;q=0", Coding::zstd},
                                             {"gzip, identity;q=0", Coding::gzip},
                                             {"deflate, identity;q=0", none},
                                         });
    }
}

TEST(Coding, WhatDoesNotGainStaysAsItIs) {
    expect_choices({.gains = false}, {{"gzip, br", Coding::identity}});
}

TEST(Coding, WhatMayNotBeCodedIsSentAsItIsOrNotAtAll) {
    expect_choices({.may_be_coded = false, .gains = true},
                   {{"gzip", Coding::identity}, {"gzip, identity;q=0", none}});
}

TEST(Coding, AStreamComesInGzipOrIdentity) {
    expect_choices({.gains = true, .is_stream = true},
                   {{"gzip, br", Coding::gzip}, {"br, identity;q=0", none}, {"br", Coding::identity}});
}

TEST(Coding, OfAKeptBodyTheServerPrefersBrotliThenZstd) {
    BodyFacts const facts{.gains = true, .is_kept = true, .made = everything, .possible = everything};
    expect_choices(facts, {
                              {"gzip, deflate, br, zstd", Coding::br},
                              {"gzip, zstd", Coding::zstd},
                              {"gzip, br;q=0.9", Coding::gzip},
                              {"br;q=0", Coding::identity},
                          });
}

TEST(Coding, WhatAKeptBodyLacksIsNamedAndGzipServesMeanwhile) {
    BodyFacts const facts{.gains = true, .is_kept = true, .made = Coding::identity, .possible = everything};
    EXPECT_EQ(choose_coding(accept_encoding("gzip, br"), facts),
              (CodingChoice{.now = Coding::gzip, .better = Coding::br}));
    EXPECT_EQ(choose_coding(accept_encoding("br"), facts),
              (CodingChoice{.now = Coding::identity, .better = Coding::br}));
}

TEST(Coding, AKeptBodyThatDoesNotGetSmallerStaysAsItIs) {
    BodyFacts const facts{
        .gains = true, .is_kept = true, .made = Coding::identity, .possible = Coding::identity};
    EXPECT_EQ(choose_coding(accept_encoding("gzip, br"), facts), (CodingChoice{.now = Coding::identity}));
}

TEST(Coding, TextsGetSmallerAndPicturesDoNot) {
    for (auto const* type : {"application/json", "application/json; charset=utf-8", "APPLICATION/JSON",
                             "application/problem+json", "image/svg+xml", "text/html; charset=utf-8",
                             "text/css", "application/javascript", "text/plain;version=0.0.4",
                             "application/x-ndjson", "application/openmetrics-text; version=1.0.0"}) {
        EXPECT_TRUE(is_compressible(type)) << type;
    }
    for (auto const* type : {"", "image/png", "application/zip", "application/octet-stream", "video/mp4",
                             "font/woff2", "text/event-stream", "json", "application/pdf", "+json"}) {
        EXPECT_FALSE(is_compressible(type)) << type;
    }
}

// Views the bytes that it was made of.
struct Head {
    explicit Head(std::string_view fields)
        : bytes("GET / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n") {
        std::size_t const before = 0;
        EXPECT_EQ(parse_head(bytes, before, head, Limits{}).state, ParseResult::State::complete);
    }
    std::string bytes;
    RequestHead head;
};

TEST(Coding, WhatIsRememberedOfAcceptEncodingIsWhatTheRequestSays) {
    AcceptedCodings accepted;
    for (auto const& [fields, wanted] : std::initializer_list<std::pair<std::string, std::string_view>>{
             {"", ""},
             {"Accept-Encoding: gzip\r\n", "gzip"},
             {"Accept-Encoding: gzip\r\n", "gzip"},
             {"Accept-Encoding: gzip;q=0\r\n", "gzip;q=0"},
             {"Accept-Encoding: br\r\nX: y\r\nAccept-Encoding: gzip\r\n", "br,gzip"},
             {"", ""},
             {"Accept-Encoding: br," + std::string(200, ' ') + "zstd\r\n", "br, zstd"},
             {"Accept-Encoding: \r\n", ""}}) {
        EXPECT_EQ(accepted.of(Head(fields).head), accept_encoding(wanted)) << fields;
    }
}

TEST(Coding, ABusyLoopSparesEffort) {
    EXPECT_EQ(effort_for(0.2, 0.7), Effort::usual);
    EXPECT_EQ(effort_for(0.7, 0.7), Effort::quick);
}

}  // namespace
}  // namespace brio::http
