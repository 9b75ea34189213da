#include <brio/tasks/amqp_url.hpp>

#include <gmock/gmock.h>

namespace brio::tasks {
namespace {

using testing::HasSubstr;

TEST(AmqpUrl, EachPartIsRead) {
    const auto all = parse_amqp_url("amqp://us%40er:p%3Aw%2F@mq.example:5673/my%2Fhost");
    ASSERT_TRUE(all) << all.error();
    EXPECT_EQ(all->user, "us@er");
    EXPECT_EQ(all->password, "p:w/");
    EXPECT_EQ(all->host, "mq.example");
    EXPECT_EQ(all->port, 5673);
    EXPECT_EQ(all->vhost, "my/host");
    EXPECT_EQ(all->text(), "mq.example:5673/my/host");
}

TEST(AmqpUrl, WhatIsLeftOutIsRabbitMqsDefault) {
    for (const char* url : {"amqp://localhost", "amqp://localhost/", "pyamqp://localhost//"}) {
        const auto address = parse_amqp_url(url);
        ASSERT_TRUE(address) << address.error();
        EXPECT_EQ(address->user, "guest");
        EXPECT_EQ(address->password, "guest");
        EXPECT_EQ(address->port, 5672);
        EXPECT_EQ(address->vhost, "/");
        EXPECT_EQ(address->text(), "localhost:5672");
    }
    EXPECT_EQ(parse_amqp_url("amqp://[::1]:5673")->text(), "[::1]:5673");
}

TEST(AmqpUrl, WhatIsWrongIsSaidWithoutThePassword) {
    EXPECT_THAT(parse_amqp_url("redis://h").error(), HasSubstr("no URL of RabbitMQ"));
    EXPECT_THAT(parse_amqp_url("amqps://h").error(), HasSubstr("TLS"));
    EXPECT_THAT(parse_amqp_url("amqp://:5672").error(), HasSubstr("no host"));
    EXPECT_THAT(parse_amqp_url("amqp://h:0").error(), HasSubstr("port '0'"));
    EXPECT_THAT(parse_amqp_url("amqp://h:99999").error(), HasSubstr("port '99999'"));
    EXPECT_THAT(parse_amqp_url("amqp://[::1").error(), HasSubstr("brackets"));
    EXPECT_THAT(parse_amqp_url("amqp://h/a/b").error(), HasSubstr("%2F"));
    const auto secret = parse_amqp_url("amqp://u:se%zzcret@h").error();
    EXPECT_THAT(secret, HasSubstr("hexadecimal"));
    EXPECT_THAT(secret, testing::Not(HasSubstr("cret")));
}

}  // namespace
}  // namespace brio::tasks
