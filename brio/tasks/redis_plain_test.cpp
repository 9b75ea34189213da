#include <brio/tasks/redis_plain.hpp>

#include <gtest/gtest.h>

#include <brio/tasks/celery_message.hpp>

namespace brio::tasks::test {
namespace {

Message plain_message() {
    return {.id = "3e2a7e5c-7c6b-7d2e-9f00-3b2f8f6f3b11",
            .name = "app.\"Überweisung\"",
            .queue = "q\\\x1f",
            .priority = 7,
            .pushed_at = Timestamp(1'764'000'000'123'456)};
}

TEST(RedisPlain, WhatIsDueAndHasNoPastIsPlain) {
    EXPECT_TRUE(is_plain(plain_message()));
    auto message = plain_message();
    message.due = Timestamp(1);
    EXPECT_FALSE(is_plain(message));
    message = plain_message();
    message.expires = Timestamp(1);
    EXPECT_FALSE(is_plain(message));
    message = plain_message();
    message.failures = 1;
    EXPECT_FALSE(is_plain(message));
}

TEST(RedisPlain, AnIdThatScriptsCannotCutIsNotPlain) {
    for (const char* id : {"", "two words", "a\"b", "a\\b", "a/b", "\xc3\xa9", "a\nb"}) {
        auto message = plain_message();
        message.id = id;
        EXPECT_FALSE(is_plain(message)) << id;
    }
}

TEST(RedisPlain, ARecordSaysWhatWasWrittenIntoIt) {
    const auto message = plain_message();
    const auto record = write_plain(message);
    EXPECT_EQ(record.front(), 'n');
    const auto read = read_plain(record);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->state, State::pending);
    EXPECT_EQ(read->name, message.name);
    EXPECT_EQ(read->queue, message.queue);
    EXPECT_EQ(read->pushed_at, message.pushed_at);
    EXPECT_FALSE(read->begun_at);
}

TEST(RedisPlain, ARecordOfOneThatRunsSaysWhenItBegan) {
    const auto record = write_plain(plain_message());
    const auto read = read_plain("r42\x1fhost-1\x1f\"begun\":1764000000000001," + record.substr(1));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->state, State::running);
    EXPECT_EQ(read->name, plain_message().name);
    EXPECT_EQ(read->begun_at, Timestamp(1'764'000'000'000'001));
}

TEST(RedisPlain, WhatIsNoRecordIsNone) {
    for (const char* record : {"", "n", "r", "r1\x1fw\x1f", "rubbish", "n\"name\":1"}) {
        EXPECT_FALSE(read_plain(record) && !read_plain(record)->name.empty()) << record;
    }
}

TEST(RedisPlain, TheIdStandsInFrontOfAnEnvelope) {
    const auto message = plain_message();
    EXPECT_EQ(id_in_front(write_celery(message, "tag")), message.id);
    EXPECT_EQ(id_in_front("{"), "");
}

}  // namespace
}  // namespace brio::tasks::test
