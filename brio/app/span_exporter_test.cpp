#include <brio/app/span_exporter.hpp>

#include <gmock/gmock.h>

namespace brio::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;
using testing::Pair;

TEST(OtlpHeaders, AreNamesAndValuesInPercentEncoding) {
    EXPECT_THAT(parse_otlp_headers(""), Optional(IsEmpty()));
    EXPECT_THAT(parse_otlp_headers("api-key=secret"), Optional(ElementsAre(Pair("api-key", "secret"))));
    EXPECT_THAT(parse_otlp_headers("Authorization=Basic%20YQ==, x-tenant = a"),
                Optional(ElementsAre(Pair("Authorization", "Basic YQ=="), Pair("x-tenant", "a"))));
}

TEST(OtlpHeaders, WhatIsNoSuchTextIsRefused) {
    for (const auto* text : {"a", "=b", "a b=c", "a=%0d%0ab", "a=%2", ",", "a=b,,c=d"}) {
        EXPECT_FALSE(parse_otlp_headers(text)) << text;
    }
}

}  // namespace
}  // namespace brio::app
