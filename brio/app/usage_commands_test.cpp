#include <brio/app/usage_commands.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <brio/app/command_line.hpp>
#include <brio/app/detail/setting_table.hpp>
#include <brio/base/completion.hpp>

namespace brio::app {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

Usage shop_usage() {
    return usage_of_commands(
        {.program = "shop", .version = "1.0", .has_database = true, .has_tasks = true, .own = {}});
}

std::vector<std::string> offered(const Usage& usage, std::vector<std::string> words) {
    std::vector<std::string> texts;
    for (auto const& each : complete(usage, words).candidates) {
        texts.push_back(each.text);
    }
    return texts;
}

TEST(UsageCommands, CompletionKnowsCommandsOptionsAndRevisions) {
    db::Migration const migrations[] = {{"0001_first", {}, {}}};
    Program program;
    program.name = "shop";
    program.migrations = migrations;
    auto const usage = complete_usage(program, shop_usage());
    EXPECT_THAT(offered(usage, {"ser"}), ::testing::ElementsAre("serve"));
    EXPECT_THAT(offered(usage, {"serve", "--p"}), ::testing::ElementsAre("--port"));
    EXPECT_THAT(offered(usage, {"migrate", "downgrade", ""}), Contains("0001_first"));
    EXPECT_THAT(offered(usage, {"review", "--format", ""}), ::testing::ElementsAre("html", "md", "json"));
    EXPECT_THAT(offered(usage, {"completion", ""}), Contains("fish"));
}

TEST(UsageCommands, TheManualHasEveryCommandOptionAndSetting) {
    Program program;
    program.name = "shop";
    program.version = "1.0";
    auto const usage = complete_usage(program, shop_usage());
    auto page = manual_of(program, usage);
    std::erase(page, '\\');
    for (auto const& command : usage.commands) {
        EXPECT_THAT(page, HasSubstr("fBshop " + command.name));
        for (auto const& option : command.options) {
            EXPECT_THAT(page, HasSubstr(option.names.back())) << command.name;
        }
    }
    for (auto const& setting : detail::setting_table()) {
        EXPECT_THAT(page, HasSubstr("fB" + setting.name + "fR")) << setting.name;
    }
}

TEST(UsageCommands, ASecretIsNotInTheManual) {
    Program program;
    program.name = "shop";
    program.defaults.admin_token = "hidden-words";
    EXPECT_THAT(manual_of(program, shop_usage()), ::testing::Not(HasSubstr("hidden")));
}

}  // namespace
}  // namespace brio::app
