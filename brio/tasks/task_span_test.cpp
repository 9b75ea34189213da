#include <brio/tasks/task_span.hpp>

#include <gtest/gtest.h>

namespace brio::tasks {
namespace {

TEST(TaskSpan, IsWithinWhoPushedItAndWhatItPushesIsWithinIt) {
    Message message{.id = "t-1", .name = "tests.grind", .queue = "q"};
    message.trace.parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    message.failures = 2;
    const auto span = begin_span(message);
    EXPECT_EQ(span.parent, 0xb7ad6b7169203331U);
    EXPECT_NE(span.own.span, span.parent);
    EXPECT_EQ(http::parse_traceparent(message.trace.parent), span.own) << "what it pushes has that parent";
    const auto made = span_of(span, message);
    EXPECT_EQ(made.trace_high, 0x0af7651916cd43ddU);
    EXPECT_EQ(made.id, span.own.span);
    EXPECT_TRUE(made.is_sampled);
    EXPECT_EQ(made.target, "q");
    EXPECT_EQ(made.own_id, "t-1");
    EXPECT_EQ(made.failures, 2U);
}

TEST(TaskSpan, OneThatNobodyPushedHasATraceOfItsOwn) {
    Message message{.id = "t-1", .name = "tests.grind"};
    message.trace = {.parent = "nonsense", .state = "a=1"};
    const auto span = begin_span(message);
    EXPECT_EQ(span.parent, 0U);
    EXPECT_FALSE(span.own.sampled());
    EXPECT_EQ(http::parse_traceparent(message.trace.parent), span.own);
    EXPECT_EQ(message.trace.state, "") << "that was of another";
}

}  // namespace
}  // namespace brio::tasks
