#include <brio/http/accept.hpp>

#include <gtest/gtest.h>

#include <ostream>

namespace brio::http {

void PrintTo(const EncodingQualities& qualities, std::ostream* out) {
    *out << "gzip " << qualities.gzip << " br " << qualities.br << " zstd " << qualities.zstd << " identity "
         << qualities.identity;
}

namespace {

struct Row {
    std::string_view field;
    EncodingQualities wanted;  // gzip, br, zstd, identity
};

TEST(AcceptEncoding, ReadsTheWholeMatrix) {
    const Row rows[] = {
        {"", {0, 0, 0, 1000}},
        {"gzip", {1000, 0, 0, 1000}},
        {"GZIP, x-GZip", {1000, 0, 0, 1000}},
        {"x-gzip;q=0.5", {500, 0, 0, 500}},
        {"xgzip", {0, 0, 0, 1000}},
        {"gzipx, deflate", {0, 0, 0, 1000}},
        {"gzip, deflate, br, zstd", {1000, 1000, 1000, 1000}},
        {"gzip;q=0", {0, 0, 0, 1000}},
        {"gzip;q=0.000", {0, 0, 0, 1000}},
        {"gzip;q=0.001", {1, 0, 0, 1}},
        {"gzip ; q=0.8 , br ;Q=1.000", {800, 1000, 0, 800}},
        {"*", {1000, 1000, 1000, 1000}},
        {"*;q=0", {0, 0, 0, 0}},
        {"*;q=0, identity", {0, 0, 0, 1000}},
        {"gzip, *;q=0", {1000, 0, 0, 0}},
        {"*;q=0.5, gzip;q=0", {0, 500, 500, 500}},
        {"identity;q=0", {0, 0, 0, 0}},
        {"gzip, identity;q=0", {1000, 0, 0, 0}},
        {"gzip;q=0, gzip", {0, 0, 0, 1000}},
        {"gzip, gzip;q=0.2", {200, 0, 0, 200}},
        {",, gzip ,", {1000, 0, 0, 1000}},
        {"gzip;q=", {0, 0, 0, 1000}},
        {"gzip;q=2", {0, 0, 0, 1000}},
        {"gzip;q=1.001", {0, 0, 0, 1000}},
        {"gzip;q=0.1234", {0, 0, 0, 1000}},
        {"gzip;q=-1", {0, 0, 0, 1000}},
        {"gzip;q=.5", {0, 0, 0, 1000}},
        {"gzip;q=1.", {1000, 0, 0, 1000}},
        {"gzip;level=9;q=0.3", {300, 0, 0, 300}},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(accept_encoding(row.field), row.wanted) << row.field;
    }
}

TEST(Accept, AnEmptyFieldAcceptsEverything) { EXPECT_EQ(accept_quality("", "text", "plain"), 1000); }

TEST(Accept, TheMostSpecificRangeDecides) {
    constexpr std::string_view field = "text/*;q=0.3, text/plain;q=0.7, */*;q=0.1, image/png;q=0";
    EXPECT_EQ(accept_quality(field, "text", "plain"), 700);
    EXPECT_EQ(accept_quality(field, "TEXT", "Html"), 300);
    EXPECT_EQ(accept_quality(field, "application", "json"), 100);
    EXPECT_EQ(accept_quality(field, "image", "png"), 0);
}

TEST(Accept, WhatIsNotListedIsNotAccepted) { EXPECT_EQ(accept_quality("text/html", "text", "plain"), 0); }

TEST(Accept, ReadsWhatPrometheusSends) {
    constexpr std::string_view field =
        "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
        "text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
    EXPECT_EQ(accept_quality(field, "application", "openmetrics-text"), 500);
    EXPECT_EQ(accept_quality(field, "text", "plain"), 300);
}

TEST(Accept, MalformedRangesCoverNothing) {
    for (const auto* field : {"text", "text/", "*", "/plain", "text/plain/x", ";q=1"}) {
        EXPECT_EQ(accept_quality(field, "text", "plain"), 0) << field;
    }
}

}  // namespace
}  // namespace brio::http
