#include <brio/tasks/payload.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brio::tasks {
namespace {

using testing::HasSubstr;

struct Order {
    std::int64_t data_id;
    std::string words;
    std::optional<double> weight;
};

Message message(std::string args, std::string kwargs) {
    Message made;
    made.args = std::move(args);
    made.kwargs = std::move(kwargs);
    return made;
}
std::string error_of(std::string args, std::string kwargs) {
    const auto order = read_payload<Order>(message(std::move(args), std::move(kwargs)));
    return order ? "" : order.error().words;
}

TEST(Payload, ArgumentsComeByPositionByNameOrBoth) {
    const auto both = read_payload<Order>(message(R"([7])", R"({"words":"a"})"));
    ASSERT_TRUE(both);
    EXPECT_EQ(both->data_id, 7);
    EXPECT_EQ(both->words, "a");
    EXPECT_TRUE(read_payload<Order>(message(R"([7,"a",1.5])", "{}")));
    EXPECT_TRUE(read_payload<Order>(message("[]", R"({"words":"a","data_id":7})")));
}

TEST(Payload, LargeIntegersLoseNothing) {
    const auto order = read_payload<Order>(message("[9223372036854775807]", R"({"words":""})"));
    ASSERT_TRUE(order);
    EXPECT_EQ(order->data_id, INT64_MAX);
    EXPECT_EQ(read_payload<Order>(message("[9007199254740993]", R"({"words":""})"))->data_id,
              9007199254740993);
}

TEST(Payload, WhatIsWrongIsSaid) {
    EXPECT_THAT(error_of("[1,2,3,4]", "{}"), HasSubstr("4 arguments by position; the task has 3"));
    EXPECT_THAT(error_of("[1]", R"({"data_id":1,"words":""})"),
                HasSubstr("data_id is given by position and"));
    EXPECT_THAT(error_of("{}", "{}"), HasSubstr("args is no JSON array"));
    EXPECT_THAT(error_of("[]", "[]"), HasSubstr("kwargs is no JSON object"));
    EXPECT_THAT(error_of(R"(["seven"])", R"({"words":""})"), HasSubstr("data_id"));
    EXPECT_THAT(error_of("[7]", "{}"), HasSubstr("words"));
    EXPECT_THAT(error_of("[7]", R"({"words":"","colour":1})"), HasSubstr("colour"));
}

TEST(Payload, WhatIsWrittenIsRead) {
    const auto written = write_payload(Order{7, "a \"b\"", 0.1});
    const auto order = read_payload<Order>(message("[]", written));
    ASSERT_TRUE(order);
    EXPECT_EQ(order->words, "a \"b\"");
    EXPECT_EQ(order->weight, 0.1);
}

}  // namespace
}  // namespace brio::tasks
