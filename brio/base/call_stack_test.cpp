#include <brio/base/call_stack.hpp>

#include <brio/base/fatal_signals.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

namespace brio {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

std::vector<std::string> named_lines(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.push_back(named_frame(text.substr(0, end), std::time(nullptr)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::string all_of(int file) {
    std::string text(16'384, 0);
    const auto count = ::read(file, text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
}

[[gnu::noinline]] void a_function_of_this_test(const CallStack& stack, int file) {
    stack.write(file, nullptr);
    asm volatile("");  // what comes after the call keeps it from being a jump
}

TEST(CallStack, ItNamesTheFunctionsThatWereCalled) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const CallStack stack;
    a_function_of_this_test(stack, ends[1]);
    EXPECT_THAT(named_lines(all_of(ends[0])), Contains(HasSubstr("a_function_of_this_test")));
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST(CallStack, WhatHasNoNameStaysAsItIs) {
    const auto now = std::time(nullptr);
    EXPECT_EQ(named_frame("/no/such/file.so+0x12f", now), "file.so+0x12f");
    EXPECT_EQ(named_frame("?+0x7", now), "?+0x7");
    EXPECT_EQ(named_frame("nothing of the kind", now), "nothing of the kind");
    EXPECT_EQ(named_frame("/etc/hostname+0x0", now), "hostname+0x0");
}

TEST(CallStack, AFileThatIsNewerThanTheStackGivesNoNames) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    CallStack().write(ends[1], nullptr);
    const auto text = all_of(ends[0]);
    const auto line = text.substr(0, text.find('\n'));
    EXPECT_THAT(named_frame(line, std::time(nullptr)), HasSubstr(" "));
    EXPECT_THAT(named_frame(line, 0), ::testing::Not(HasSubstr(" ")));
    ::close(ends[0]);
    ::close(ends[1]);
}

const CallStack* of_death = nullptr;
int ends_of_death[2];

[[gnu::noinline]] int overflow(volatile int* deeper) {
    volatile int more[256];
    if (*deeper < 0) {
        return 0;  // never: the stack ends before
    }
    more[0] = *deeper + 1;
    return overflow(more) + more[0];
}

// What a child that dies so has written.
template <class Die>
std::vector<std::string> stack_of(Die die) {
    if (::pipe(ends_of_death) != 0) {
        return {};
    }
    const auto pid = ::fork();
    if (pid == 0) {
        const CallStack stack;
        of_death = &stack;
        const AlternateStack own;
        const OnFatalSignal signals(
            [](const OnFatalSignal::Death& death) { of_death->write(ends_of_death[1], death.context); });
        die();
        ::_exit(0);
    }
    ::close(ends_of_death[1]);
    int status = 0;
    ::waitpid(pid, &status, 0);
    EXPECT_NE(status, 0) << "it was to die";  // a sanitizer makes an exit of it
    auto lines = named_lines(all_of(ends_of_death[0]));
    ::close(ends_of_death[0]);
    return lines;
}

TEST(CallStack, AStackThatOverflowedIsWrittenFromWhereItDid) {
    const auto lines = stack_of([] {
        volatile int first = 0;
        overflow(&first);
    });
    ASSERT_FALSE(lines.empty());
    EXPECT_THAT(lines.front(), HasSubstr("overflow"));
}

TEST(CallStack, AnAbortIsWrittenWithoutTheHandlersOwnFrames) {
    const auto lines = stack_of([] { std::abort(); });
    EXPECT_THAT(lines, Contains(HasSubstr("AnAbortIsWritten")));
    EXPECT_THAT(lines, ::testing::Each(::testing::Not(HasSubstr("on_fatal"))));
}

}  // namespace
}  // namespace brio
