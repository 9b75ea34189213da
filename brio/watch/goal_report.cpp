#include <brio/watch/goal_report.hpp>

#include <algorithm>
#include <limits>
#include <tuple>

#include <brio/base/figures.hpp>
#include <brio/base/text.hpp>

namespace brio::watch {

namespace {

std::string_view in_words(Window window) noexcept {
    static constexpr std::string_view words[] = {"5 minutes", "hour", "6 hours", "3 days"};
    return words[static_cast<std::size_t>(window)];
}

std::string subject_of(const Judged& judged) {
    return judged.scope == "query"  ? concat({"statements (", judged.name, ")"})
           : judged.scope == "task" ? concat({"task ", judged.name})
                                    : std::string(judged.name);
}

std::string words_of(const Judged& judged) {
    const WindowVerdict& now = judged.verdict.now();
    const auto subject = subject_of(judged);
    if (now.standing == Standing::idle) {
        return concat({subject, ": nothing in the last 3 days"});
    }
    const bool is_resource = judged.scope == "resource";
    auto words =
        concat({subject, judged.scope == "query" ? " hold " : " holds ",
                is_resource ? percent_text(judged.limit_percent / 100) : duration_text(judged.limit), " for ",
                percent_text(now.holds), " of ", grouped(now.counted.total), is_resource ? " readings" : "",
                " in the last ", in_words(now.window), "; asked are ", percent_text(judged.share)});
    if (now.standing == Standing::too_few) {
        words += concat({", which fewer than ", grouped(least_to_judge(judged.share)), " cannot show"});
    }
    std::string_view between = ". Of the overrun ";
    bool waits_for_pool = false;
    for (const ledger::Blame& each : judged.blame) {
        if (now.counted.missed() == 0 || each.share < 0.1) {
            break;
        }
        words += concat({between, percent_text(each.share, 0), " is ", ledger::in_words(each.phase)});
        between = ", ";
        waits_for_pool = waits_for_pool || each.phase == ledger::Phase::pool;
    }
    if (waits_for_pool && !judged.pool.empty()) {
        words += concat({"; ", judged.pool});
    }
    if (!judged.now.empty()) {
        words += concat({". Now ", judged.now});
    }
    return words;
}

/// Who comes first, and what stands before the line.
struct Need {
    int rank;
    std::string_view mark;
};
Need need_of(const GoalReport& report) noexcept {
    static constexpr std::pair<Standing, Need> needs[] = {{Standing::missed, {0, "MISSED  "}},
                                                          {Standing::kept, {1, "kept    "}},
                                                          {Standing::too_few, {2, "few     "}},
                                                          {Standing::idle, {3, "idle    "}}};
    for (const auto& [standing, need] : needs) {
        if (report.standing == name_of(standing)) {
            return need;
        }
    }
    return needs[0].second;
}

}  // namespace

GoalReport report_of(const Judged& judged) {
    GoalReport report{.scope = std::string(judged.scope),
                      .name = std::string(judged.name),
                      .limit_ms = static_cast<double>(judged.limit.count()) / 1e6,
                      .limit_percent = judged.limit_percent,
                      .share = judged.share,
                      .standing = std::string(name_of(judged.verdict.standing())),
                      .alarm = std::string(name_of(judged.verdict.alarm)),
                      .words = words_of(judged)};
    for (const WindowVerdict& each : judged.verdict.windows) {
        report.windows.push_back({.window = name_of(each.window),
                                  .standing = std::string(name_of(each.standing)),
                                  .holds = each.holds,
                                  .burn = each.burn,
                                  .good = each.counted.good,
                                  .total = each.counted.total});
    }
    for (const ledger::Blame& each : judged.blame) {
        report.blame.push_back({.phase = std::string(ledger::name(each.phase)),
                                .share = each.share,
                                .over_ms = each.over_ms,
                                .inside_ms = each.inside_ms});
    }
    return report;
}

void sort_by_need(std::vector<GoalReport>& reports) {
    std::ranges::sort(reports, {}, [](const GoalReport& each) {
        return std::tuple(need_of(each).rank,
                          std::numeric_limits<std::uint64_t>::max() - each.windows.back().total,
                          std::string_view(each.name));
    });
}

std::string write_goals(const std::vector<GoalReport>& reports) {
    std::string text;
    for (const GoalReport& each : reports) {
        text += concat({need_of(each).mark, each.words, "\n"});
        if (each.alarm != name_of(Alarm::none)) {
            text += concat({"        alarm: misses come ",
                            each.alarm == name_of(Alarm::fast) ? "many times " : "",
                            "faster than the goal allows\n"});
        }
    }
    return text;
}

}  // namespace brio::watch
