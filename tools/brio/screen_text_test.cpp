#include "screen_text.hpp"

#include <gtest/gtest.h>

namespace brio::tool {
namespace {

std::string plain(const Line& line) { return write_line(line, {}); }

TEST(Cut, ALineEndsWithADotsSignWhereItIsCut) {
    Line line = line_of("abc", Ink::good);
    append(line, line_of("def"));
    EXPECT_EQ(plain(cut(line, 6)), "abcdef");
    EXPECT_EQ(plain(cut(line, 5)), "abcd…");
    EXPECT_EQ(plain(cut(line, 3)), "ab…") << "where a piece ends, too";
    EXPECT_EQ(plain(cut(line, 0)), "");
}

TEST(Wrap, BreaksBetweenWordsAndCutsLongOnes) {
    EXPECT_EQ(wrap("one two three", 7, 9), (std::vector<std::string>{"one two", "three"}));
    EXPECT_EQ(wrap("unbreakable as", 6, 9), (std::vector<std::string>{"unbre…", "as"}));
    EXPECT_EQ(wrap("one two three", 5, 2), (std::vector<std::string>{"one", "two …"}));
    EXPECT_TRUE(wrap("  ", 5, 2).empty());
}

TEST(LayOut, AlignsFiguresAndCutsTheNameThatStretches) {
    const Table table{.columns = {{.title = "name", .stretches = true},
                                  {.title = "rate", .is_right = true},
                                  {.title = "spare", .is_spare = true}},
                      .rows = {{line_of("GET /api/resources/{id}"), line_of("1,234/s"), line_of("x")},
                               {line_of("日本"), line_of("7/s"), line_of("y")}}};
    const auto wide = lay_out(table, 60);
    EXPECT_EQ(plain(wide[0]), "name                        rate  spare");
    EXPECT_EQ(plain(wide[1]), "GET /api/resources/{id}  1,234/s  x");
    EXPECT_EQ(plain(wide[2]), "日本                         7/s  y");
    const auto narrow = lay_out(table, 26);
    EXPECT_EQ(plain(narrow[0]), "name                  rate");
    EXPECT_EQ(plain(narrow[1]), "GET /api/resourc…  1,234/s");
    for (const auto& line : lay_out(table, 12)) {
        EXPECT_LE(width_of(line), 12U);
    }
}

TEST(WriteLine, NothingFromElsewhereCommandsTheTerminal) {
    const Line hostile{{.text = "a\x1b]0;title\x07\x1b[2J\nb\xff", .ink = Ink::plain}};
    EXPECT_EQ(write_line(hostile, {.has_colour = true}), "a ]0;title  [2J b\ufffd");
}

TEST(WriteLine, ColoursAreOnATerminalOnly) {
    const auto line = line_of("missed", Ink::bad);
    EXPECT_EQ(write_line(line, {.has_colour = true}), "\x1b[1;31mmissed\x1b[0m");
    EXPECT_EQ(write_line(line, {.has_colour = false}), "missed");
}

TEST(WriteLine, WithoutUnicodeItIsAscii) {
    EXPECT_EQ(write_line(line_of("● cut… │·█░ 日é"), {.is_unicode = false}), "* cut~ |-#. ??");
}

TEST(WriteScreen, HasEachRowOnceAndNoMore) {
    const auto text = write_screen({line_of("a"), line_of("b"), line_of("c")}, 10, 2, {});
    EXPECT_EQ(text, "\x1b[Ha\x1b[K\r\nb\x1b[K");
}

TEST(WriteScreen, LeavesTheLastCharacterOfAFullLine) {
    EXPECT_EQ(write_screen({line_of("full"), line_of("too long")}, 4, 3, {}), "\x1b[Hfull\r\ntoo…\r\n\x1b[K");
}

TEST(Gauge, IsAsFullAsItsShare) {
    EXPECT_EQ(plain(gauge(0.5, 4, Ink::good)), "██░░");
    EXPECT_EQ(plain(gauge(7, 2, Ink::good)), "██");
    EXPECT_EQ(plain(gauge(-1, 2, Ink::good)), "░░");
}

}  // namespace
}  // namespace brio::tool
