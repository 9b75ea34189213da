#include <brio/watch/review_writers.hpp>

#include <gtest/gtest.h>

#include <algorithm>

#include <brio/json/read.hpp>
#include <brio/json/write.hpp>
#include <brio/watch/review_findings.hpp>
#include <brio/watch/review_harness.hpp>

namespace brio::watch {
namespace {

/// A review in which every text that comes from a program is `text`.
Review review_with(const std::string& text) {
    FactsHarness harness;
    harness.facts.program = text;
    harness.facts.version = text;
    harness.facts.began = Timestamp(harness.facts.at.count() * 1'000'000);
    harness.add_route("GET /" + text, 1000, 0.5F, 0.2F);
    harness.add("overrun", "/" + text, "db", 3);
    harness.add("cached", text, "hits", 1);
    harness.add("resources", text, "limit", 90);
    harness.add("resources", text, "limit_most", 100);
    harness.add("resources", text, "refused", 1);
    harness.facts.slow = {{.name = "/" + text, .words = text}};
    harness.facts.queries.slow = {
        {.statement = text,
         .endpoint = text,
         .text = text,
         .plan = text,
         .words = text,
         .advice = {{.table = text, .columns = {text}, .why = text, .migration = text, .after = text}}}};
    harness.facts.queries.repeated = {{.statement = text, .endpoint = text, .text = text, .fix = text}};
    harness.facts.queries.over_budget = {{.endpoint = text, .ran = text}};
    harness.facts.indexes.missing = {{.table = text, .why = text, .migration = text}};
    harness.facts.indexes.unused = {{.table = text, .index = text, .why = text, .migration = text}};
    harness.facts.queues = {{.name = text, .ready = 1, .is_paused = true}};
    harness.facts.dead = {{.name = text, .error = text, .error_type = text}};
    harness.facts.problems = {text};
    return review_of(harness.facts);
}

std::size_t count_of(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

TEST(ReviewPage, WhatComesFromTheProgramIsText) {
    const auto html = write_html(review_with("<script>alert('\"&')</script>"));
    EXPECT_EQ(html.find("<script"), html.npos);
    EXPECT_EQ(html.find("alert('"), html.npos);
    EXPECT_GT(count_of(html, "&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;"), 30u);
}

TEST(ReviewPage, NeedsNothingElse) {
    const auto html = write_html(review_with("x"));
    for (const auto* foreign : {"http://", "https://", "<script", "<link", "@import", "url("}) {
        EXPECT_EQ(html.find(foreign), html.npos) << foreign;
    }
}

TEST(ReviewPage, ElementsAreClosed) {
    const auto html = write_html(review_with("x"));
    for (const std::string name : {"section", "table", "thead", "tbody", "tr", "td", "th", "li", "ol", "p",
                                   "div", "svg", "span", "code", "main", "body", "html"}) {
        EXPECT_EQ(count_of(html, "<" + name + ">") + count_of(html, "<" + name + " "),
                  count_of(html, "</" + name + ">"))
            << name;
    }
}

TEST(ReviewPage, AnEmptyReviewSaysSo) {
    const auto html = write_html({.program = "shop", .since = "24h", .is_running = true});
    EXPECT_NE(html.find("Nothing asks for it."), html.npos);
    EXPECT_EQ(html.find("<table>"), html.npos);
}

TEST(ReviewMarkdown, WhatComesFromTheProgramMeansNothingInIt) {
    const auto text = write_markdown(review_with("a|b\n# c `d` <e> *f* g_h _i_ [j](k)"));
    EXPECT_EQ(text.find(R"(<e> \*f)"), text.npos);
    EXPECT_EQ(text.find("\n# c"), text.npos);
    EXPECT_NE(text.find(R"(a\|b \# c \`d\` &lt;e&gt; \*f\* g_h \_i\_ \[j\](k))"), text.npos);
    EXPECT_NE(text.find(R"(`a\|b # c 'd' <e> *f* g_h _i_ [j](k)`)"), text.npos);
}

TEST(ReviewMarkdown, HasNothingThatATerminalObeys) {
    const auto text = write_markdown(review_with("a\x1b[2Jb\rc\td\x7f"));
    EXPECT_TRUE(std::ranges::all_of(
        text, [](char c) { return c == '\n' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f'); }));
    EXPECT_NE(text.find(R"(a \[2Jb c d )"), text.npos);
}

TEST(ReviewMarkdown, EveryRowHasTheCellsOfItsHead) {
    const auto text = write_markdown(review_with("x"));
    std::size_t cells = 0;
    std::size_t rows = 0;
    std::size_t from = 0;
    for (auto to = text.find('\n'); to != text.npos; from = to + 1, to = text.find('\n', from)) {
        const auto line = std::string_view(text).substr(from, to - from);
        const auto its = count_of(line, " |");
        EXPECT_TRUE(line.starts_with('|') ? cells == 0 || its == cells : true) << line;
        cells = line.starts_with('|') ? its : 0;
        rows += line.starts_with('|') ? 1 : 0;
    }
    EXPECT_GT(rows, 20u);
}

TEST(ReviewJson, ReadsBackAsItWas) {
    const auto review = review_with("x");
    const auto text = write_review(review, ReviewFormat::json);
    const auto read = json::read<Review>(text, {.bytes = SIZE_MAX});
    ASSERT_TRUE(read);
    EXPECT_EQ(json::to_string(*read) + "\n", text);
}

TEST(ReviewFormats, HaveTheNamesOfTheirFiles) {
    EXPECT_EQ(review_format("md"), ReviewFormat::markdown);
    EXPECT_EQ(review_format("html"), ReviewFormat::html);
    EXPECT_EQ(review_format("json"), ReviewFormat::json);
    EXPECT_FALSE(review_format("pdf"));
    EXPECT_FALSE(review_format(""));
}

}  // namespace
}  // namespace brio::watch
