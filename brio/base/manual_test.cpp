#include <brio/base/manual.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brio {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string page_with(std::string text) {
    return manual_page({.name = "shop",
                        .typed = "shop",
                        .summary = "sells things",
                        .source = "Shop 1.0",
                        .date = "2026-11-26",
                        .usage = {},
                        .first = {{"DESCRIPTION", std::move(text)}},
                        .last = {}});
}

TEST(ManualPage, TextCannotBecomeMacros) {
    auto const page = page_with(".so /etc/passwd\n'in a\\nb");
    EXPECT_THAT(page, HasSubstr("\n\\&.so /etc/passwd\n\\&'in a\\enb\n"));
}

TEST(ManualPage, HasParagraphsListsAndExamples) {
    auto const page = page_with("One.\n\nTwo `--x`.\n\n* `A`: b\n\n    $ shop -1\n    .done");
    EXPECT_THAT(page, HasSubstr(".SH DESCRIPTION\nOne.\n.PP\nTwo \\fB\\-\\-x\\fR\\&.\n"));
    EXPECT_THAT(page, HasSubstr(".TP\n\\fBA\\fR\nb\n"));
    EXPECT_THAT(page, HasSubstr(".EX\n$ shop \\-1\n\\&.done\n.EE\n"));
}

TEST(ManualPage, ShowsEachCommandWithItsOptions) {
    UsageOption const help{.names = {"-h", "--help"}, .help = "show it"};
    auto const page = manual_page(
        {.name = "shop",
         .typed = "shop",
         .summary = "sells things",
         .source = "Shop 1.0",
         .date = "2026-11-26",
         .usage =
             {.name = "shop",
              .options = {help},
              .commands = {{.name = "sell",
                            .help = "one thing",
                            .options = {help,
                                        {.names = {"--format"},
                                         .help = "of the bill",
                                         .value = "FORMAT",
                                         .choices = {"html", "md"},
                                         .takes_value = true},
                                        {.names = {"what"}, .is_argument = true, .is_required = true}}}}},
         .first = {},
         .last = {}});
    EXPECT_THAT(page, HasSubstr("\\fBshop sell\\fR [\\fIoptions\\fR] \\fIwhat\\fR\n"));
    EXPECT_THAT(page, HasSubstr(".TP\n\\fB\\-\\-format\\fR \\fIFORMAT\\fR\nof the bill\n"
                                "One of \\fBhtml\\fR, \\fBmd\\fR.\n"));
    EXPECT_EQ(page.find("show it"), page.rfind("show it")) << "once, for all commands";
}

}  // namespace
}  // namespace brio
