#include "top_view.hpp"

#include <algorithm>

#include <brio/base/byte_text.hpp>
#include <brio/base/figures.hpp>
#include <brio/base/terminal_text.hpp>
#include <brio/base/text.hpp>

namespace brio::tool {

namespace {

std::string joined(const std::vector<std::string>& all) {
    std::string text;
    for (const auto& each : all) {
        text += concat({text.empty() ? "" : ", ", each});
    }
    return text;
}

Line title_line(const TopState& state, const TopView& view, const Choice& choice, std::size_t columns) {
    Line line = line_of(view.programs.empty() ? "?" : joined(view.programs), Ink::strong);
    const auto where =
        view.urls.size() == 1 ? view.urls.front() : concat({integer_text(view.urls.size()), " processes"});
    append(line, line_of(concat({"  ", where}), Ink::soft));
    if (choice.process > 0 && state.processes.size() > 1) {
        append(line, line_of(concat({" (", integer_text(choice.process), " of ",
                                     integer_text(state.processes.size()), ")"}),
                             Ink::soft));
    }
    if (view.began) {
        append(line, line_of(concat({"  up ", age_text(*view.began, view.at)}), Ink::soft));
    }
    auto right = line_of(concat({clock_text(view.at), " UTC  "}), Ink::soft);
    append(right, choice.is_paused        ? line_of("paused", Ink::chosen)
                  : view.problems.empty() ? line_of("live", Ink::good)
                                          : line_of("no answer", Ink::bad));
    const auto width = width_of(right);
    line = cut(line, columns > width + 2 ? columns - width - 2 : 0);
    fill(line, columns > width ? columns - width : 0);
    append(line, right);
    return cut(line, columns);
}

std::size_t count_goals(const TopView& view, std::string_view standing) {
    return static_cast<std::size_t>(std::ranges::count(view.goals, standing, &GoalAnswer::standing));
}

// The processor time of the busiest, and the sums of what they hold.
UsageAnswer usage_of_all(const std::vector<TopView::Use>& uses) {
    UsageAnswer all;
    for (const auto& [url, usage] : uses) {
        if (usage.cpu.percent && usage.cpu.percent > all.cpu.percent) {
            all.cpu = usage.cpu;
        }
        if (usage.memory.bytes) {
            all.memory.bytes = all.memory.bytes.value_or(0) + *usage.memory.bytes;
        }
        if (const auto& pool = usage.connections) {
            auto sum = all.connections.value_or(ConnectionsAnswer());
            sum.in_use += pool->in_use;
            sum.waiting += pool->waiting;
            sum.most += pool->most;
            all.connections = sum;
        }
    }
    return all;
}

void add_usage(Line& line, const UsageAnswer& usage, bool is_of_several) {
    append(line, line_of(is_of_several ? "   busiest cpu " : "   cpu ", Ink::soft));
    append(line, line_of(usage.cpu.percent ? concat({decimal_text(*usage.cpu.percent, 0), " % of ",
                                                     decimal_text(usage.cpu.cores, 0)})
                                           : std::string("?")));
    append(line, line_of("  memory ", Ink::soft));
    append(line, line_of(usage.memory.bytes ? bytes_text(*usage.memory.bytes) : std::string("?")));
    if (const auto& pool = usage.connections) {
        append(line, line_of("  pool ", Ink::soft));
        append(line, line_of(concat({integer_text(pool->in_use), "/", integer_text(pool->most)}),
                             pool->waiting > 0 ? Ink::bad : Ink::plain));
    }
}

Line goals_line(const TopView& view) {
    const auto missed = count_goals(view, "missed");
    const auto kept = count_goals(view, "kept");
    Line line = line_of("goals     ", Ink::soft);
    if (view.goals.empty()) {
        append(line, line_of("none are watched here", Ink::soft));
    } else {
        append(line, missed > 0 ? line_of(concat({integer_text(missed), " missed"}), Ink::bad)
                                : line_of("none missed", Ink::good));
        append(line, line_of(concat({", ", integer_text(kept), " kept, ",
                                     integer_text(view.goals.size() - missed - kept), " other"})));
    }
    if (!view.uses.empty()) {
        add_usage(line, usage_of_all(view.uses), view.uses.size() > 1);
    }
    return line;
}

Line requests_line(const TopView& view) {
    const auto& all = view.requests;
    Line line = line_of("requests  ", Ink::soft);
    append(line, line_of(per_second_text(all.per_second), Ink::strong));
    if (all.count > 0) {
        append(line, line_of(concat(
                         {"  ", percent_text(all.holds), " in goal  p99 ", milliseconds_text(all.p99_ms)})));
    }
    if (all.failed > 0) {
        append(line, line_of(concat({"  ", grouped(all.failed), " failed"}), Ink::bad));
    }
    QueueAnswer sum;
    for (const auto& tasks : view.tasks) {
        for (const auto& queue : tasks.answer.queues) {
            sum.ready += queue.ready;
            sum.running += queue.running;
            sum.dead += queue.dead;
            if (queue.oldest && (!sum.oldest || *queue.oldest < *sum.oldest)) {
                sum.oldest = queue.oldest;
            }
        }
    }
    if (!view.tasks.empty()) {
        append(line, line_of("   tasks ", Ink::soft));
        append(line, line_of(concat({grouped(sum.ready), " ready, ", grouped(sum.running), " running"})));
        append(line,
               line_of(concat({", ", grouped(sum.dead), " dead"}), sum.dead > 0 ? Ink::bad : Ink::plain));
        if (sum.oldest) {
            append(line, line_of(concat({", oldest ", age_text(*sum.oldest, view.at)})));
        }
    }
    return line;
}

Line tabs_line(Page chosen, std::size_t columns) {
    Line line;
    const std::string_view between = columns < 90 ? "" : " ";
    for (std::size_t i = 0; i < page_names.size(); ++i) {
        const bool is_chosen = static_cast<Page>(i) == chosen;
        append(line, line_of(concat({is_chosen ? "[" : " ", integer_text(i + 1), between, page_names[i],
                                     is_chosen ? "]" : " "}),
                             is_chosen ? Ink::chosen : Ink::soft));
    }
    return cut(line, columns);
}

Line keys_line(const Choice& choice, std::size_t columns) {
    if (choice.is_typing) {
        return cut(line_of(concat({"filter: ", choice.filter, "_   Enter keeps it, Esc takes it away"})),
                   columns);
    }
    const auto order = choice.order();
    std::string text = "q quit  p pause  / filter";
    if (!choice.filter.empty()) {
        text += concat({" \"", choice.filter, "\""});
    }
    if (!order.empty()) {
        text += concat({"  s order: ", order, choice.is_reversed ? " (reversed)" : ""});
    }
    text += "  1-8 pages  i process  ? help";
    return cut(line_of(text, Ink::soft), columns);
}

std::vector<Line> help_lines() {
    static constexpr std::string_view rows[] = {
        "1 to 8, Tab, ← →   pages: overview, goals, routes, queries, tasks,",
        "                   resources, instances, log",
        "s, r               another order of the rows, reversed",
        "/                  only rows with these letters; Esc takes it away",
        "i                  one process after the other, then all together",
        "p, space           hold still what is shown, go on",
        "↑ ↓ PgUp PgDn g G  scroll",
        "Ctrl-L             ask and draw anew",
        "q, Ctrl-C          end",
        "",
        "Rates, times and shares are of the last minute. \"in goal\" is the share",
        "of the work that was within its goal; red: less than is asked.",
        "Of several processes the times are those of the slowest.",
    };
    std::vector<Line> lines;
    for (const auto row : rows) {
        lines.push_back(line_of(row));
    }
    return lines;
}

std::vector<Line> problem_lines(const TopView& view, std::size_t columns) {
    std::vector<Line> lines;
    constexpr std::size_t most_problems = 3;
    for (std::size_t i = 0; i < std::min(view.problems.size(), most_problems); ++i) {
        for (const auto& each : wrap(view.problems[i], columns, 2)) {
            lines.push_back(line_of(each, Ink::bad));
        }
    }
    return lines;
}

std::string_view empty_words(Page page) noexcept {
    switch (page) {
        case Page::goals: return "no goals are watched here";
        case Page::queries: return "no statements";
        case Page::tasks: return "no tasks";
        case Page::log: return "no warnings and no errors";
        default: return "nothing";
    }
}

}  // namespace

Drawing draw(const TopState& state, const Choice& choice, Size size) {
    const auto process = std::min(choice.process, state.processes.size());
    const auto view = view_of(state, process);
    std::vector<Line> lines{title_line(state, view, choice, size.columns), goals_line(view),
                            requests_line(view), tabs_line(choice.page, size.columns)};
    for (auto& each : problem_lines(view, size.columns)) {
        lines.push_back(std::move(each));
    }
    const auto room = size.rows > lines.size() + 1 ? size.rows - lines.size() - 1 : 0;
    auto page = choice.shows_help ? help_lines()
                                  : page_lines(view, choice.page,
                                               {.columns = size.columns,
                                                .lines = room,
                                                .filter = choice.filter,
                                                .order = choice.order(),
                                                .is_reversed = choice.is_reversed});
    if (page.empty()) {
        page.push_back(
            line_of(choice.filter.empty() ? empty_words(choice.page) : "nothing has the filter", Ink::soft));
    }
    Drawing drawing{
        .lines = {}, .page_lines = room, .most_scrolled = page.size() > room ? page.size() - room : 0};
    const auto from = std::min(choice.scrolled, drawing.most_scrolled);
    for (std::size_t i = from; i < page.size() && i < from + room; ++i) {
        lines.push_back(page[i]);
    }
    lines.resize(std::max<std::size_t>(size.rows, 1) - 1);
    lines.push_back(keys_line(choice, size.columns));
    for (const auto& each : lines) {
        drawing.lines.push_back(cut(each, size.columns));
    }
    return drawing;
}

std::vector<Line> draw_whole(const TopState& state, std::optional<Page> only, std::size_t columns,
                             std::string_view filter) {
    const auto view = view_of(state, 0);
    Line title = line_of(view.programs.empty() ? "?" : joined(view.programs), Ink::strong);
    append(title, line_of(concat({"  ", joined(view.urls), "  ", clock_text(view.at), " UTC"}), Ink::soft));
    std::vector<Line> lines{title, goals_line(view), requests_line(view)};
    for (auto& each : problem_lines(view, columns)) {
        lines.push_back(std::move(each));
    }
    for (auto page = Page::goals; page <= Page::log; page = static_cast<Page>(static_cast<int>(page) + 1)) {
        if (only && *only != Page::overview && page != *only) {
            continue;
        }
        const Choice choice{.page = page};
        auto part = page_lines(view, page,
                               {.columns = columns, .filter = std::string(filter), .order = choice.order()});
        if (part.empty()) {
            part.push_back(line_of(empty_words(page), Ink::soft));
        }
        lines.emplace_back();
        lines.push_back(line_of(concat({"== ", page_names[static_cast<std::size_t>(page)]}), Ink::strong));
        std::ranges::move(part, std::back_inserter(lines));
    }
    return lines;
}

}  // namespace brio::tool
