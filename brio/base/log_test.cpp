#include <brio/base/log.hpp>

#include <gtest/gtest.h>
#include <cmath>
#include <string>

namespace brio {

namespace {
const WallTime noon{std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) + std::chrono::hours(12) +
                    std::chrono::microseconds(7'999)};

std::string line(LogFormat format, std::string_view message, LogFields fields) {
    Buffer out;
    append_log_line(out, {format, Severity::info, noon, message}, fields);
    return std::string(out.view());
}

std::string stderr_of(LogSettings settings, void (*act)()) {
    const LogSettings before = log_settings();
    configure_log(settings);
    testing::internal::CaptureStderr();
    act();
    configure_log(before);
    return testing::internal::GetCapturedStderr();
}
}  // namespace

TEST(LogLine, TextQuotesOnlyWhatNeedsIt) {
    EXPECT_EQ(line(LogFormat::text, "listening",
                   {{"url", "http://127.0.0.1:8080"},
                    {"name", "a b"},
                    {"none", ""},
                    {"port", 8080},
                    {"ok", true},
                    {"share", 0.5}}),
              "2026-01-31T12:00:00.007Z info listening url=http://127.0.0.1:8080 name=\"a b\" none=\"\" "
              "port=8080 ok=true "
              "share=0.5\n");
}

TEST(LogLine, TextStaysOnOneLineWhateverAClientSends) {
    EXPECT_EQ(line(LogFormat::text, "a\nb", {{"path", "/x\n2026 info fake"}}),
              "2026-01-31T12:00:00.007Z info \"a\\nb\" path=\"/x\\n2026 info fake\"\n");
    EXPECT_EQ(line(LogFormat::text, "m", {{"v", "\x1b[31m"}}),
              "2026-01-31T12:00:00.007Z info m v=\"\\u001b[31m\"\n");
}

TEST(LogLine, JsonEscapesAndKeepsTypes) {
    EXPECT_EQ(
        line(LogFormat::json, "say \"hi\"",
             {{"n", -1}, {"u", UINT64_MAX}, {"b", false}, {"bad", "\xff"}, {"inf", HUGE_VAL}}),
        "{\"time\":\"2026-01-31T12:00:00.007Z\",\"level\":\"info\",\"message\":\"say \\\"hi\\\"\",\"n\":-1,"
        "\"u\":18446744073709551615,\"b\":false,\"bad\":\"\xef\xbf\xbd\",\"inf\":null}\n");
}

TEST(LogLine, OffIsNothing) { EXPECT_EQ(line(LogFormat::off, "x", {}), ""); }

TEST(Log, WritesFromTheLeastSeverityOn) {
    const auto act = [] {
        log_info("quiet");
        log_warning("loud", {{"n", 1}});
        log_error("louder");
    };
    const std::string out = stderr_of({LogFormat::text, Severity::warning}, act);
    EXPECT_EQ(out.find("quiet"), std::string::npos);
    EXPECT_NE(out.find(" warning loud n=1\n"), std::string::npos);
    EXPECT_NE(out.find(" error louder\n"), std::string::npos);
}

TEST(Log, OffWritesNothing) {
    EXPECT_EQ(stderr_of({LogFormat::off, Severity::debug}, [] { log_error("x"); }), "");
}

TEST(LogFormatWord, KnowsThreeWords) {
    EXPECT_EQ(log_format("text"), LogFormat::text);
    EXPECT_EQ(log_format("json"), LogFormat::json);
    EXPECT_EQ(log_format("off"), LogFormat::off);
    EXPECT_EQ(log_format("JSON"), std::nullopt);
    EXPECT_EQ(log_format(""), std::nullopt);
}

}  // namespace brio
