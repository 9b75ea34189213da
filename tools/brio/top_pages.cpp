#include "top_pages.hpp"

#include <algorithm>
#include <cmath>

#include <brio/base/figures.hpp>
#include <brio/base/terminal_text.hpp>
#include <brio/base/text.hpp>
#include <brio/ledger/phase.hpp>

namespace brio::tool {

namespace {

Line title(std::string_view text) { return line_of(text, Ink::strong); }

void add_section(std::vector<Line>& lines, std::string_view name, std::vector<Line> more) {
    if (more.empty()) {
        return;
    }
    if (!lines.empty()) {
        lines.emplace_back();
    }
    lines.push_back(title(name));
    std::ranges::move(more, std::back_inserter(lines));
}

void limit(std::vector<Line>& lines, std::size_t most) {
    if (lines.size() > most) {
        lines.resize(most);
    }
}

/// All at once, or as much of each as `frame.lines` leaves: routes get what the others do not need.
std::vector<Line> overview(const TopView& view, const Frame& frame) {
    std::vector<Line> missed;
    for (const auto& each : view.goals) {
        if (each.standing == "missed" && passes(frame, {each.name, each.words})) {
            for (const auto& words :
                 wrap(each.words, frame.columns - std::min<std::size_t>(frame.columns, 2), 3)) {
                missed.push_back(line_of(concat({"  ", words}), Ink::bad));
            }
        }
    }
    auto queues = queue_lines(view, frame);
    auto log = log_lines(view, frame);
    auto routes = work_lines(view, frame, "request");
    if (frame.lines > 0) {
        limit(missed, std::max<std::size_t>(frame.lines / 3, 1));
        limit(queues, std::max<std::size_t>(frame.lines / 4, 2));
        limit(log, std::max<std::size_t>(frame.lines / 6, 1));
        const auto taken = [](const std::vector<Line>& part) { return part.empty() ? 0 : part.size() + 2; };
        const auto others = taken(missed) + taken(queues) + taken(log) + 1;
        limit(routes, others + 3 < frame.lines ? frame.lines - others : 3);
    }
    std::vector<Line> lines;
    add_section(lines, "missed goals", std::move(missed));
    add_section(lines, "routes, in the last minute", std::move(routes));
    add_section(lines, "queues", std::move(queues));
    add_section(lines, "last warnings and errors", std::move(log));
    return lines;
}

}  // namespace

std::string milliseconds_text(double ms) {
    return duration_text(std::chrono::nanoseconds(std::llround(ms * 1e6)));
}

std::string per_second_text(double rate) {
    const bool is_small = rate > 0 && rate < 10;  // one a minute is 0.02/s
    return concat({is_small ? decimal_text(rate, 2) : rate_text(rate), "/s"});
}

std::string age_text(Timestamp from, Timestamp now) {
    const auto seconds = std::max<std::int64_t>(now.microseconds - from.microseconds, 0) / 1'000'000;
    if (seconds < 120) {
        return concat({integer_text(seconds), "s"});
    }
    if (seconds < 7'200) {
        return concat({integer_text(seconds / 60), "m"});
    }
    return seconds < 172'800 ? concat({integer_text(seconds / 3'600), "h"})
                             : concat({integer_text(seconds / 86'400), "d"});
}

std::string clock_text(Timestamp moment) { return moment.text().substr(11, 8); }

bool passes(const Frame& frame, std::initializer_list<std::string_view> texts) {
    if (frame.filter.empty()) {
        return true;
    }
    const auto wanted = lower(frame.filter);
    return std::ranges::any_of(texts, [&](std::string_view text) { return lower(text).contains(wanted); });
}

Line phase_bar(const std::vector<PhaseAnswer>& phases, std::size_t columns) {
    double sum = 0;
    for (const auto& each : phases) {
        sum += std::max(each.ms, 0.0);
    }
    Line bar;
    double before = 0;
    std::size_t at = 0;
    for (const auto& each : phases) {
        if (sum <= 0) {
            break;
        }
        before += std::max(each.ms, 0.0);
        const auto end = std::min<std::size_t>(
            static_cast<std::size_t>(std::lround(before / sum * static_cast<double>(columns))), columns);
        if (end == at) {
            continue;
        }
        // a line between two of them, so that they stand apart without colours too
        auto text = concat({at == 0 ? "" : "│", printable(each.phase)});
        const auto width = end - at;
        auto shown = std::string();
        std::size_t shown_width = 0;
        if (display_width(text) <= width) {
            shown_width = display_width(text);
            shown = std::move(text);
        } else if (at > 0 && width > 1) {
            shown = "│";
            shown_width = 1;
        }
        for (; shown_width < width; ++shown_width) {
            shown += "·";
        }
        const auto number = std::ranges::find(ledger::phase_names, each.phase) - ledger::phase_names.begin();
        bar.push_back(
            {.text = std::move(shown), .ink = Ink::phase, .number = static_cast<std::uint8_t>(number)});
        at = end;
    }
    return bar;
}

std::vector<Line> page_lines(const TopView& view, Page page, const Frame& frame) {
    std::vector<Line> lines;
    switch (page) {
        case Page::overview: return overview(view, frame);
        case Page::goals: return goal_lines(view, frame);
        case Page::routes:
            add_section(lines, "routes, in the last minute", work_lines(view, frame, "request"));
            add_section(lines, "tasks, in the last minute", work_lines(view, frame, "task"));
            add_section(lines, "statements, in the last minute", work_lines(view, frame, "query"));
            return lines;
        case Page::queries: return query_lines(view, frame);
        case Page::tasks: return task_lines(view, frame);
        case Page::resources: return resource_lines(view, frame);
        case Page::instances: return instance_lines(view, frame);
        case Page::log: return log_lines(view, frame);
    }
    return lines;
}

}  // namespace brio::tool
