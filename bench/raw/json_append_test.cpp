#include <bench/raw/json_append.hpp>

#include <gtest/gtest.h>
#include <simdjson.h>
#include <ctime>
#include <random>

namespace bench {
namespace {

TEST(JsonAppend, EveryByteBelowBlankComesBackFromAParser) {
    std::string text = "plain text before ";
    for (char c = 0; c < 0x20; ++c) {
        text += c;
    }
    text += "\"quoted\" \\ and Zażółć 🚀 to the end";
    for (std::size_t cut = 0; cut < 18; ++cut) {
        brio::Buffer out;
        append_string(out, std::string_view(text).substr(cut));
        simdjson::dom::parser parser;
        std::string_view back;
        ASSERT_EQ(parser.parse(simdjson::padded_string(out.view())).get(back), simdjson::SUCCESS)
            << out.view();
        EXPECT_EQ(back, std::string_view(text).substr(cut));
    }
}

TEST(JsonAppend, EmptyStringIsTwoQuotes) {
    brio::Buffer out;
    append_string(out, "");
    EXPECT_EQ(out.view(), "\"\"");
}

TEST(JsonAppend, TimesAgreeWithTheCalendarOfTheSystem) {
    std::mt19937_64 random(3);
    std::uniform_int_distribution<std::int64_t> moments(-2'208'988'800'000'000,
                                                        4'102'444'800'000'000);  // 1900 to 2100
    for (int i = 0; i < 2000; ++i) {
        const std::int64_t moment = moments(random) / 1'000'000 * 1'000'000 + i;
        const std::time_t seconds = (moment - i) / 1'000'000;
        std::tm civil{};
        gmtime_r(&seconds, &civil);
        char text[64];
        std::snprintf(text, sizeof text, "\"%04d-%02d-%02dT%02d:%02d:%02d.%06dZ\"", civil.tm_year + 1900,
                      civil.tm_mon + 1, civil.tm_mday, civil.tm_hour, civil.tm_min, civil.tm_sec, i);
        brio::Buffer out;
        append_time(out, moment);
        ASSERT_EQ(out.view(), text) << moment;
    }
}

}  // namespace
}  // namespace bench
