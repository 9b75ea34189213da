#include <brio/base/completion.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brio {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Usage shop() {
    return {.name = "shop",
            .commands = {{.name = "sell",
                          .help = "one thing",
                          .options = {{.names = {"-f", "--format"},
                                       .help = "of the bill",
                                       .value = "FORMAT",
                                       .choices = {"html", "json", "md"},
                                       .takes_value = true},
                                      {.names = {"--out"}, .value = "FILE", .takes_value = true},
                                      {.names = {"--tag"}, .takes_value = true, .is_repeatable = true},
                                      {.names = {"--fast"}},
                                      {.names = {"what"},
                                       .choices = {"apples", "pears"},
                                       .takes_value = true,
                                       .is_argument = true}}},
                         {.name = "store", .commands = {{.name = "open"}, {.name = "close"}}},
                         {.name = "own", .takes_any = true}}};
}

std::vector<std::string> texts(std::vector<std::string> words) {
    std::vector<std::string> found;
    for (auto const& each : complete(shop(), words).candidates) {
        found.push_back(each.text);
    }
    return found;
}

TEST(Complete, CommandsThatBeginAsTheWordDoes) {
    EXPECT_THAT(texts({""}), ElementsAre("sell", "store", "own"));
    EXPECT_THAT(texts({"s"}), ElementsAre("sell", "store"));
    EXPECT_THAT(texts({"store", ""}), ElementsAre("open", "close"));
    EXPECT_THAT(texts({}), ElementsAre("sell", "store", "own"));
}

TEST(Complete, OptionsThatAreNotThereYet) {
    EXPECT_THAT(texts({"sell", "-"}), ElementsAre("--format", "--out", "--tag", "--fast"));
    EXPECT_THAT(texts({"sell", "-f", "md", "--fast", "--tag", "a", "--"}), ElementsAre("--out", "--tag"));
    EXPECT_THAT(texts({"sell", "--format=md", "--f"}), ElementsAre("--fast"));
}

TEST(Complete, ValuesOfAnOptionHoweverItIsTyped) {
    EXPECT_THAT(texts({"sell", "--format", ""}), ElementsAre("html", "json", "md"));
    EXPECT_THAT(texts({"sell", "-f", "j"}), ElementsAre("json"));
    EXPECT_THAT(texts({"sell", "--format=j"}), ElementsAre("--format=json"));
    EXPECT_THAT(texts({"sell", "--format", "=", "j"}), ElementsAre("json")) << "as bash cuts it";
    EXPECT_THAT(texts({"sell", "--format", "="}), ElementsAre("html", "json", "md"));
    EXPECT_THAT(texts({"sell", "--format", "=", "md", "--f"}), ElementsAre("--fast"));
}

TEST(Complete, ArgumentsByTheirPlace) {
    EXPECT_THAT(texts({"sell", "--tag", "x", "p"}), ElementsAre("pears"));
    EXPECT_THAT(texts({"sell", "--", "p"}), ElementsAre("pears"));
    EXPECT_THAT(texts({"sell", "pears", "a"}), IsEmpty()) << "there is one only";
}

TEST(Complete, FilesWhereAFileIsDueOrNobodyKnows) {
    EXPECT_TRUE(complete(shop(), std::vector<std::string>{"sell", "--out", "x"}).files);
    EXPECT_TRUE(complete(shop(), std::vector<std::string>{"own", "x"}).files);
    EXPECT_FALSE(complete(shop(), std::vector<std::string>{"sell", "--tag", ""}).files);
}

TEST(Complete, AnUnknownWordIsNoTrouble) {
    EXPECT_THAT(texts({"nothing", "--of", "="}), IsEmpty());
    EXPECT_THAT(texts({"sell", "--nothing=a"}), IsEmpty());
}

TEST(CompletionLines, HaveTheHelpBehindATab) {
    EXPECT_EQ(completion_lines({.candidates = {{"a", "b"}, {"c", ""}}, .files = true}), "a\tb\nc\n:files\n");
}

TEST(CompletionScript, AsksTheProgramByItsName) {
    for (auto const* shell : {"bash", "zsh", "fish"}) {
        auto const script = completion_script(shell, "my-shop");
        ASSERT_TRUE(script) << shell;
        EXPECT_THAT(*script, HasSubstr("_my_shop_completion")) << shell;
        EXPECT_THAT(*script, ::testing::Not(HasSubstr("PROGRAM"))) << shell;
    }
    EXPECT_FALSE(completion_script("tcsh", "shop"));
}

TEST(PrintCompletion, SaysWhatItIsFor) {
    std::vector<std::string> const words{"words", "store", "o"};
    EXPECT_EQ(print_completion(shop(), words).text, "open\n");
    EXPECT_THAT(print_completion(shop(), {}).error, HasSubstr("shop completion bash"));
}

}  // namespace
}  // namespace brio
