#include <brio/http/traceparent.hpp>

#include <gtest/gtest.h>

#include <string>

namespace brio::http {
namespace {

constexpr std::string_view example = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

std::string with(std::size_t at, char c) {
    std::string text(example);
    text[at] = c;
    return text;
}

TEST(Traceparent, ReadsTheExampleOfTheSpecification) {
    const auto context = parse_traceparent(example);
    ASSERT_TRUE(context);
    EXPECT_EQ(*context, (TraceContext{0x0af7651916cd43dd, 0x8448eb211c80319c, 0xb7ad6b7169203331, 1}));
    EXPECT_TRUE(context->sampled());
}

TEST(Traceparent, WhatIsReadIsWrittenAgain) {
    const auto text = format_traceparent(*parse_traceparent(example));
    EXPECT_EQ(std::string_view(text.data(), text.size()), example);
}

TEST(Traceparent, RefusesWhatTheSpecificationCallsInvalid) {
    EXPECT_FALSE(parse_traceparent(""));
    EXPECT_FALSE(parse_traceparent(example.substr(0, 54)));
    EXPECT_FALSE(parse_traceparent(std::string(example) + "-"));
    EXPECT_FALSE(parse_traceparent(std::string(example) + "0"));
    EXPECT_FALSE(parse_traceparent("00-00000000000000000000000000000000-b7ad6b7169203331-01"));
    EXPECT_FALSE(parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"));
    EXPECT_FALSE(parse_traceparent("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    EXPECT_FALSE(parse_traceparent("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"));
    for (std::size_t at = 0; at < example.size(); ++at) {
        EXPECT_FALSE(parse_traceparent(with(at, 'g'))) << at;
        EXPECT_FALSE(parse_traceparent(with(at, ' '))) << at;
    }
}

TEST(Traceparent, HigherVersionsAreReadByTheirFirstFourParts) {
    EXPECT_TRUE(parse_traceparent("01" + std::string(example.substr(2))));
    EXPECT_TRUE(parse_traceparent("cc" + std::string(example.substr(2)) + "-what-the-future-brings"));
    EXPECT_FALSE(parse_traceparent("cc" + std::string(example.substr(2)) + ".what"));
}

TEST(Traceparent, AChildKeepsTheTraceAndTheSampledBitOnly) {
    const auto child = child_of({1, 2, 3, 0xff}, 9);
    EXPECT_EQ(child, (TraceContext{1, 2, 9, 1}));
}

TEST(Traceparent, NewIdsAreNeverZero) {
    EXPECT_NE(child_of({1, 2, 3, 0}, 0).span, 0U);
    const auto trace = new_trace(0, 0, 0);
    EXPECT_NE(trace.trace_high | trace.trace_low, 0U);
    EXPECT_NE(trace.span, 0U);
    EXPECT_EQ(new_trace(5, 0, 7), (TraceContext{5, 0, 7, 0}));
}

}  // namespace
}  // namespace brio::http
