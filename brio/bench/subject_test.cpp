#include <brio/bench/subject.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <brio/base/text.hpp>

namespace brio::bench {
namespace {

using testing::HasSubstr;

Launch shell(std::string script) {
    return {.program = "/bin/sh", .arguments = {"-c", std::move(script)}, .environment = {{"WORD", "there"}}};
}

template <class Call>
std::string complaint_of(Call call) {
    try {
        call();
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "nothing";
}

constexpr const char* obedient = R"(
echo '{"protocol":1}'
while read order; do
    echo '{"times_ns":[7,9],"phases":[1,0,0,0,0,0,0,0,0,0,0,0,0,2],'\
         '"counts":{"statements":2,"bytes":10},"status":200,"error":""}'
done)";

TEST(BenchSubject, AnOrderIsAnswered) {
    Subject subject(shell(obedient));
    for (int i = 0; i < 3; ++i) {
        auto const reading =
            subject.ask({.task = Task::time, .request = "GET / HTTP/1.1\r\n\r\n", .requests = 2});
        EXPECT_EQ(reading.times_ns, (std::vector<std::uint32_t>{7, 9}));
        EXPECT_EQ(reading.phases[13], 2);
        EXPECT_EQ(reading.counts,
                  (Counts{.statements = 2, .bytes = 10, .allocations = {}, .system_calls = {}}));
    }
}

constexpr const char* unable = R"(
echo '{"protocol":1}'
read order
echo '{"error":"no answer","times_ns":[],"phases":[0,0,0,0,0,0,0,0,0,0,0,0,0,0],'\
     '"counts":{"statements":0,"bytes":0},"status":0}')";

TEST(BenchSubject, WhatItCannotDoIsThrown) {
    Subject subject(shell(unable));
    EXPECT_EQ(complaint_of([&] { subject.ask({}); }), "no answer");
    EXPECT_THAT(complaint_of([&] { subject.ask({}); }), HasSubstr("/bin/sh"));
}

TEST(BenchSubject, AProgramOfAnotherProtocolIsRefused) {
    EXPECT_THAT(complaint_of([] { Subject subject(shell(R"(echo '{"protocol":99}')")); }),
                HasSubstr("of one version of Brio"));
    EXPECT_THAT(complaint_of([] { Subject subject(shell("exit 3")); }),
                HasSubstr("ended while it was measured"));
}

TEST(BenchSubject, WhatAProgramPrintsBeforeItsHelloIsQuoted) {
    EXPECT_THAT(complaint_of([] { Subject subject(shell(concat({"echo connecting...;", obedient}))); }),
                HasSubstr("\"connecting...\""));
}

TEST(BenchSubject, ACommandThatFailsSaysWhy) {
    run_to_end(shell("test \"$WORD\" = there"));
    EXPECT_THAT(complaint_of([] { run_to_end(shell("echo no room >&2; exit 4")); }),
                HasSubstr("ended with 4: no room"));
    EXPECT_THAT(complaint_of([] { run_to_end({.program = "/nowhere"}); }), HasSubstr("ended with 127"));
}

}  // namespace
}  // namespace brio::bench
