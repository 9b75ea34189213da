#include "top_choice.hpp"

#include <gtest/gtest.h>

namespace brio::tool {
namespace {

using Kind = Key::Kind;

Key letter(std::string_view text) { return {Kind::text, std::string(text)}; }

TEST(KeyReader, SequencesAreKeys) {
    KeyReader reader;
    EXPECT_EQ(reader.read("q\x1b[A\x1bOB\t\x1b[Z\r\x7f"), (std::vector<Key>{letter("q"),
                                                                            {Kind::up, {}},
                                                                            {Kind::down, {}},
                                                                            {Kind::tab, {}},
                                                                            {Kind::back_tab, {}},
                                                                            {Kind::enter, {}},
                                                                            {Kind::backspace, {}}}));
}

TEST(KeyReader, WhatIsNotWholeWaits) {
    KeyReader reader;
    EXPECT_TRUE(reader.read("\x1b[").empty());
    EXPECT_TRUE(reader.is_waiting());
    EXPECT_EQ(reader.read("5~\xc3"), (std::vector<Key>{{Kind::page_up, {}}}));
    EXPECT_EQ(reader.read("\xa9"), (std::vector<Key>{letter("é")}));
    EXPECT_FALSE(reader.is_waiting());
}

TEST(KeyReader, AnEscapeAloneIsOneOnceNothingFollows) {
    KeyReader reader;
    EXPECT_TRUE(reader.read("\x1b").empty());
    EXPECT_EQ(reader.settle(), (std::vector<Key>{{Kind::escape, {}}}));
    EXPECT_TRUE(reader.settle().empty());
}

TEST(KeyReader, WhatIsUnknownIsNothing) {
    KeyReader reader;
    EXPECT_EQ(reader.read("\x1b[1;5Z\x1b[200~x\x01"), (std::vector<Key>{letter("x")}));
    EXPECT_FALSE(reader.is_waiting());
}

TEST(Press, PagesAreChosenByNumberAndInTurn) {
    Choice choice{.scrolled = 7};
    press(choice, letter("3"), {});
    EXPECT_EQ(choice.page, Page::routes);
    EXPECT_EQ(choice.scrolled, 0U);
    press(choice, {Kind::tab, {}}, {});
    EXPECT_EQ(choice.page, Page::queries);
    press(choice, letter("1"), {});
    press(choice, {Kind::back_tab, {}}, {});
    EXPECT_EQ(choice.page, Page::log);
}

TEST(Press, AFilterIsTypedUntilItIsKeptOrTakenAway) {
    Choice choice;
    for (const auto* each : {"/", "q", "é", "x"}) {
        EXPECT_NE(press(choice, letter(each), {}), Act::quit);
    }
    press(choice, {Kind::backspace, {}}, {});
    EXPECT_EQ(choice.filter, "qé");
    press(choice, {Kind::backspace, {}}, {});
    EXPECT_EQ(choice.filter, "q");
    press(choice, {Kind::enter, {}}, {});
    EXPECT_FALSE(choice.is_typing);
    EXPECT_EQ(choice.filter, "q");
    press(choice, {Kind::escape, {}}, {});
    EXPECT_EQ(choice.filter, "");
}

TEST(Press, AFilterHasABound) {
    Choice choice{.is_typing = true};
    for (int i = 0; i < 200; ++i) {
        press(choice, letter("é"), {});
    }
    EXPECT_LE(choice.filter.size(), Choice::most_filter);
}

TEST(Press, OrdersComeRound) {
    Choice choice{.page = Page::routes};
    EXPECT_EQ(choice.order(), "rate");
    press(choice, letter("s"), {});
    EXPECT_EQ(choice.order(), "p99");
    for (std::size_t i = 1; i < orders_of(Page::routes).size(); ++i) {
        press(choice, letter("s"), {});
    }
    EXPECT_EQ(choice.order(), "rate");
    choice.page = Page::log;
    press(choice, letter("s"), {});
    EXPECT_EQ(choice.order(), "");
}

TEST(Press, ScrollsWithinThePage) {
    Choice choice;
    const Bounds bounds{.most_scrolled = 12, .lines = 10};
    press(choice, {Kind::page_down, {}}, bounds);
    EXPECT_EQ(choice.scrolled, 9U);
    press(choice, {Kind::page_down, {}}, bounds);
    EXPECT_EQ(choice.scrolled, 12U);
    press(choice, {Kind::home, {}}, bounds);
    press(choice, {Kind::up, {}}, bounds);
    EXPECT_EQ(choice.scrolled, 0U);
}

TEST(Press, GoesFromProcessToProcessAndPauses) {
    Choice choice;
    const Bounds bounds{.processes = 2};
    press(choice, letter("i"), bounds);
    press(choice, letter("i"), bounds);
    EXPECT_EQ(choice.process, 2U);
    press(choice, letter("i"), bounds);
    EXPECT_EQ(choice.process, 0U);
    EXPECT_EQ(press(choice, letter("p"), bounds), Act::draw);
    EXPECT_EQ(press(choice, letter("p"), bounds), Act::refresh);
    EXPECT_EQ(press(choice, letter("q"), bounds), Act::quit);
}

}  // namespace
}  // namespace brio::tool
