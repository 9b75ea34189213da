#include <brio/base/usage.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace brio {
namespace {

using ::testing::ElementsAre;

TEST(Usage, IsWhatTheCommandLineTakes) {
    CLI::App app("Sells things.", "shop");
    auto* sell = app.add_subcommand("sell", "one thing");
    std::string format;
    std::vector<std::string> what;
    bool fast = false;
    sell->add_option("-f,--format", format, "of the bill")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"html", "md"}));
    sell->add_option("what", what, "to sell")->type_name("")->required();
    sell->add_flag("--fast", fast, "at once");
    sell->add_flag("--inner", fast)->group("");
    app.add_subcommand("own", "of the program")->prefix_command();

    auto const usage = usage_of(app);
    EXPECT_EQ(usage.name, "shop");
    auto const* command = usage.find_command("sell");
    ASSERT_NE(command, nullptr);
    EXPECT_EQ(command->help, "one thing");
    auto const* option = command->find_option("-f");
    ASSERT_NE(option, nullptr);
    EXPECT_THAT(option->names, ElementsAre("-f", "--format"));
    EXPECT_EQ(option->value, "FORMAT");
    EXPECT_THAT(option->choices, ElementsAre("html", "md"));
    EXPECT_TRUE(option->takes_value);
    EXPECT_FALSE(command->find_option("--fast")->takes_value);
    EXPECT_EQ(command->find_option("--inner"), nullptr) << "hidden";
    auto const argument = std::ranges::find_if(command->options, &UsageOption::is_argument);
    ASSERT_NE(argument, command->options.end());
    EXPECT_THAT(argument->names, ElementsAre("what"));
    EXPECT_TRUE(argument->is_required);
    EXPECT_TRUE(argument->is_repeatable);
    EXPECT_TRUE(usage.find_command("own")->takes_any);
}

}  // namespace
}  // namespace brio
