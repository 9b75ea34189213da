#include "top_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <brio/base/terminal_text.hpp>

#include "top_harness.hpp"

namespace brio::tool {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr Size small{.columns = 80, .rows = 24};
constexpr Size large{.columns = 200, .rows = 60};

TopState shop() { return {.at = test::noon, .processes = {test::process("http://127.0.0.1:8000")}}; }

std::string text_of(const std::vector<Line>& lines) {
    std::string text;
    for (const auto& line : lines) {
        text += write_line(line, {}) + "\n";
    }
    return text;
}
std::string screen(const Choice& choice, Size size, const TopState& state = shop()) {
    return text_of(draw(state, choice, size).lines);
}

TEST(TopView, EveryPageFillsEveryTerminalAndNoMore) {
    for (const auto size : {small, large, Size{40, 10}, Size{20, 4}, Size{1, 1}, Size{500, 3}}) {
        for (auto page = Page::overview; page <= Page::log;
             page = static_cast<Page>(static_cast<int>(page) + 1)) {
            const auto drawing = draw(shop(), {.page = page}, size);
            EXPECT_EQ(drawing.lines.size(), std::max<std::size_t>(size.rows, 1))
                << size.columns << "x" << size.rows;
            for (const auto& line : drawing.lines) {
                EXPECT_LE(width_of(line), size.columns) << write_line(line, {});
            }
        }
    }
}

TEST(TopView, TheOverviewOfASmallTerminalHasWhatMatters) {
    const auto text = screen({}, small);
    EXPECT_THAT(text, HasSubstr("shop 1.4  http://127.0.0.1:8000  up 61m"));
    EXPECT_THAT(text, HasSubstr("1 missed, 1 kept, 1 other"));
    EXPECT_THAT(text, HasSubstr("cpu 62 % of 2  memory 41 MB  pool 18/20"));
    EXPECT_THAT(text, HasSubstr("101/s  97 % in goal  p99 21.0ms"));
    EXPECT_THAT(text, HasSubstr("12 ready, 3 running"));
    EXPECT_THAT(text, HasSubstr("waiting for a connection of the"));
    EXPECT_THAT(text, HasSubstr("GET /api/resourc"));
    EXPECT_THAT(text, HasSubstr("main-queue"));
    EXPECT_THAT(text, HasSubstr("handler failed"));
    EXPECT_THAT(text, HasSubstr("q quit"));
}

TEST(TopView, TheHeadIsAboutAllProcesses) {
    auto state = shop();
    state.processes.push_back(test::process("http://127.0.0.1:8001"));
    state.processes[1].usage->cpu.percent = 80;
    const auto text = screen({}, large, state);
    EXPECT_THAT(text, HasSubstr("busiest cpu 80 % of 2  memory 82 MB  pool 36/40"));
    EXPECT_THAT(screen({.process = 1}, large, state), HasSubstr(" cpu 62 % of 2  memory 41 MB"));
}

TEST(TopView, APageSaysWhatItsSectionOfTheDashboardSays) {
    EXPECT_THAT(screen({.page = Page::goals}, small), HasSubstr("● missed  GET /api/resources"));
    EXPECT_THAT(screen({.page = Page::queries}, large), HasSubstr("resources page by created_at"));
    EXPECT_THAT(screen({.page = Page::queries}, large), HasSubstr("ask for all at once"));
    const auto tasks = screen({.page = Page::tasks}, large);
    EXPECT_THAT(tasks, HasSubstr("01a21561-0480-71fd-8b43-a1982da8e115"));
    EXPECT_THAT(tasks, HasSubstr("25 % 2 of 8"));
    EXPECT_THAT(tasks, HasSubstr("paused"));
    EXPECT_THAT(tasks, HasSubstr("3/16"));
    EXPECT_THAT(screen({.page = Page::resources}, small),
                HasSubstr("18 of 20 in use, 2 idle, 3 wait for one"));
    EXPECT_THAT(screen({.page = Page::instances}, large), HasSubstr("gone 40s"));
    EXPECT_THAT(screen({.page = Page::log}, small),
                HasSubstr("11:59:10 warning pool full (3 times)  \"waiting\":7"));
}

TEST(TopView, RowsAreOrderedAndFiltered) {
    const auto position = [](const std::string& text, const char* what) { return text.find(what); };
    auto text = screen({.page = Page::routes}, large);
    EXPECT_LT(position(text, "GET /api/resources"), position(text, "POST /api/resources"));
    text = screen({.page = Page::routes, .is_reversed = true}, large);
    EXPECT_GT(position(text, "GET /api/resources"), position(text, "POST /api/resources"));
    text = screen({.page = Page::routes, .filter = "post"}, large);
    EXPECT_THAT(text, Not(HasSubstr("GET /api/resources")));
    EXPECT_THAT(text, HasSubstr("POST /api/resources"));
    EXPECT_THAT(screen({.page = Page::routes, .filter = "zzz"}, large), HasSubstr("nothing has the filter"));
}

TEST(TopView, ALongPageScrolls) {
    auto state = shop();
    for (int i = 0; i < 100; ++i) {
        state.processes[0].work.push_back(test::work("request", "GET /r" + std::to_string(i), 1));
    }
    const auto first = draw(state, {.page = Page::routes}, small);
    EXPECT_GT(first.most_scrolled, 80U);
    const auto last = text_of(draw(state, {.page = Page::routes, .scrolled = 1'000'000}, small).lines);
    EXPECT_THAT(last, HasSubstr("select"));
    EXPECT_THAT(last, Not(HasSubstr("GET /r0 ")));
}

TEST(TopView, HostileNamesAreOnlyText) {
    auto state = shop();
    const std::string hostile = "GET /\x1b[2J\x1b]0;x\x07\r\nevil\u202e\xff/日本語";
    auto& process = state.processes[0];
    process.work[0].name = hostile;
    process.goals->front().name = process.goals->front().words = hostile;
    process.program->program = hostile;
    process.tasks->dead[0].error = process.tasks->dead[0].name = process.tasks->queues[0].name = hostile;
    process.queries->statements[0].statement = process.queries->repeated[0].fix = hostile;
    process.log->lines[0].message = hostile;
    process.instances->instances[0].host = process.usage->bounds[0].name = hostile;
    process.problem = hostile;
    for (auto page = Page::overview; page <= Page::log;
         page = static_cast<Page>(static_cast<int>(page) + 1)) {
        for (const auto& line : draw(state, {.page = page, .filter = "\x1b[2J"}, small).lines) {
            const auto text = write_line(line, {.has_colour = false});
            EXPECT_EQ(text, printable(text));
        }
        for (const auto& line : draw(state, {.page = page}, small).lines) {
            EXPECT_LE(width_of(line), small.columns);
            EXPECT_EQ(write_line(line, {}), printable(write_line(line, {})));
        }
    }
}

TEST(TopView, AProcessThatDoesNotAnswerSaysSoAndKeepsWhatItSaid) {
    auto state = shop();
    state.processes[0].problem = "nobody answers at http://127.0.0.1:8000";
    const auto text = screen({}, small, state);
    EXPECT_THAT(text, HasSubstr("no answer"));
    EXPECT_THAT(text, HasSubstr("nobody answers at"));
    EXPECT_THAT(text, HasSubstr("GET /api/resourc"));
}

TEST(TopView, WithoutAnythingItStillDraws) {
    TopState state{.at = test::noon, .processes = {{.url = "http://127.0.0.1:8000"}}};
    for (auto page = Page::overview; page <= Page::log;
         page = static_cast<Page>(static_cast<int>(page) + 1)) {
        EXPECT_EQ(draw(state, {.page = page}, small).lines.size(), 24U);
    }
    EXPECT_EQ(draw({}, {}, small).lines.size(), 24U);
}

TEST(TopView, HelpNamesTheKeys) { EXPECT_THAT(screen({.shows_help = true}, small), HasSubstr("PgUp PgDn")); }

TEST(PhaseBar, NamesWhatHasRoomAndKeepsProportions) {
    const auto bar = phase_bar({{"pool", 1}, {"db", 2}, {"handler", 1}}, 20);
    EXPECT_EQ(write_line(bar, {}), "pool·│db·······│····");
    EXPECT_EQ(width_of(bar), 20U);
    EXPECT_TRUE(phase_bar({}, 20).empty());
    EXPECT_TRUE(phase_bar({{"db", 0}}, 20).empty());
    EXPECT_EQ(width_of(phase_bar({{"a phase of another version", 1}}, 7)), 7U);
}

TEST(DrawWhole, HasEveryPageAsLongAsItIs) {
    const auto text = text_of(draw_whole(shop(), std::nullopt, 100, ""));
    for (const auto name : page_names) {
        if (name != "overview") {
            EXPECT_THAT(text, HasSubstr("== " + std::string(name)));
        }
    }
    EXPECT_THAT(text, HasSubstr("● missed  GET /api/resources"));
    const auto tasks = text_of(draw_whole(shop(), Page::tasks, 100, ""));
    EXPECT_THAT(tasks, HasSubstr("main-queue"));
    EXPECT_THAT(tasks, Not(HasSubstr("== routes")));
}

}  // namespace
}  // namespace brio::tool
