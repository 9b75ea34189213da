#include "tasks_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin.hpp"

namespace brio::tool {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TaskWords words_of(const std::vector<std::string>& typed) {
    auto parsed = parse_task_words(typed);
    EXPECT_TRUE(parsed.words) << parsed.text;
    return parsed.words.value_or(TaskWords());
}

TEST(TaskWords, WithoutMoreItIsTheQueuesOfThisMachine) {
    const auto words = words_of({});
    EXPECT_EQ(words.verb, TaskVerb::queues);
    EXPECT_EQ(words.admin, "http://127.0.0.1:8000");
}

TEST(TaskWords, OptionsOfAllMayStandBehindTheVerb) {
    const auto words = words_of({"retry", "--name", "app.mail", "--admin", "8001", "--json"});
    EXPECT_EQ(words.verb, TaskVerb::retry);
    EXPECT_EQ(words.name, "app.mail");
    EXPECT_EQ(words.admin, "http://127.0.0.1:8001");
    EXPECT_TRUE(words.is_json);
}

TEST(TaskWords, TheVerbWithinTheScheduleIsTheOneThatCounts) {
    EXPECT_EQ(words_of({"schedule"}).verb, TaskVerb::schedule);
    const auto words = words_of({"schedule", "off", "nightly"});
    EXPECT_EQ(words.verb, TaskVerb::turn_off);
    EXPECT_EQ(words.name, "nightly");
}

TEST(TaskWords, IdsAreSeveral) {
    EXPECT_THAT(words_of({"drop", "a", "b", "--yes"}).ids, ElementsAre("a", "b"));
}

TEST(TaskWords, BadUseSaysWhatIsRight) {
    const std::pair<std::vector<std::string>, const char*> wrong[] = {
        {{"retry"}, "--all"},
        {{"drop", "a", "--all"}, "not both"},
        {{"list", "--state", "dead"}, "failed"},
        {{"show"}, "id"},
        {{"fly"}, "fly"},
        {{"--admin", "ftp://x"}, "HOST:PORT"},
    };
    for (const auto& [typed, hint] : wrong) {
        const auto parsed = parse_task_words(typed);
        EXPECT_EQ(parsed.status, 2) << typed.front();
        EXPECT_THAT(parsed.text, HasSubstr(hint));
    }
    const auto help = parse_task_words({"--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_LE(std::ranges::count(help.text, '\n'), 30);
}

TEST(AdminUrl, MayBeTypedInShort) {
    EXPECT_EQ(admin_url_of("8001"), "http://127.0.0.1:8001");
    EXPECT_EQ(admin_url_of(":8001"), "http://127.0.0.1:8001");
    EXPECT_EQ(admin_url_of("web-1:8001"), "http://web-1:8001");
    EXPECT_EQ(admin_url_of("https://web-1/"), "https://web-1");
    EXPECT_THROW(admin_url_of("web 1"), std::invalid_argument);
    EXPECT_THROW(admin_url_of(""), std::invalid_argument);
}

}  // namespace
}  // namespace brio::tool
