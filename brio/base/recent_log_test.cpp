#include <brio/base/recent_log.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <brio/base/shared_memory.hpp>

namespace brio {
namespace {

using namespace std::chrono_literals;

class RecentLogTest : public ::testing::Test {
protected:
    void add(std::string_view message, Severity severity = Severity::warning, LogFields fields = {}) {
        log.add({.format = LogFormat::off, .severity = severity, .time = now, .message = message}, fields);
    }

    SharedMemory<RecentLog> memory;
    RecentLog& log = *memory;
    WallTime now{std::chrono::sys_days(std::chrono::year(2026) / 1 / 31)};
};

TEST_F(RecentLogTest, TheNewestComesFirstWithItsFieldsAsJson) {
    add("one");
    add("two", Severity::error, {{"trace_id", "4bf9"}, {"tries", 3}, {"is_last", true}, {"ms", 1.5}});
    const auto lines = log.lines();
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].message, "two");
    EXPECT_EQ(lines[0].fields, R"({"trace_id":"4bf9","tries":3,"is_last":true,"ms":1.5})");
    EXPECT_EQ(lines[0].number, 2U);
    EXPECT_EQ(lines[1].fields, "{}");
    EXPECT_EQ(log.lines(Severity::error).size(), 1U);
}

TEST_F(RecentLogTest, AFloodIsOneLineASecondAndLeavesOthersThere) {
    add("the disk is full", Severity::error);
    for (int i = 0; i < 10'000; ++i) {
        add("a task failed");
        now += 1ms;
    }
    const auto lines = log.lines();
    EXPECT_EQ(lines.size(), 11U);
    EXPECT_EQ(lines.back().message, "the disk is full");
    EXPECT_EQ(lines.front().times, 1'000U);
    EXPECT_EQ(log.count(Severity::warning), 10'000U);
}

TEST_F(RecentLogTest, NeitherLinesNorTheirLengthGoOverTheBound) {
    const std::string long_text(100'000, 'x');
    for (int i = 0; i < 1'000; ++i) {
        add(long_text, Severity::error, {{"long", long_text}, {"short", "kept"}});
        now += 2s;
    }
    const auto lines = log.lines();
    ASSERT_EQ(lines.size(), most_recent_lines);
    EXPECT_EQ(lines.front().number, 1'000U);
    EXPECT_EQ(lines.front().message.size(), RecentLog::most_message);
    EXPECT_EQ(lines.front().fields, R"({"short":"kept"})");
}

TEST_F(RecentLogTest, WhatIsNoUtf8OrCutWithinACharacterBecomesWhole) {
    add("caf\xc3", Severity::error, {{"name", "\xff"}});
    EXPECT_EQ(log.lines()[0].message, "caf\xef\xbf\xbd");
    EXPECT_EQ(log.lines()[0].fields, "{\"name\":\"\xef\xbf\xbd\"}");
}

TEST_F(RecentLogTest, WhatAnotherProcessLoggedIsThereWhenItHasEnded) {
    const SharedRecentLog shared(log);
    const auto child = ::fork();
    if (child == 0) {
        configure_log({.format = LogFormat::off});
        log_error("the end is near");
        ::_exit(0);
    }
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    const auto lines = recent_log().lines();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].message, "the end is near");
    EXPECT_EQ(lines[0].process, static_cast<std::uint32_t>(child));
}

TEST(RecentLogOfTheProcess, WarningsAreKeptThoughTheLogIsOff) {
    const auto before = log_settings();
    configure_log({.format = LogFormat::off});
    log_info("not kept");
    log_warning("kept", {{"why", "test"}});
    configure_log(before);
    const auto lines = recent_log().lines();
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines[0].message, "kept");
}

}  // namespace
}  // namespace brio
