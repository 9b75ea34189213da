// Tasks, resources, instances and the log: the pages that say what there is of it.
#include <algorithm>
#include <tuple>

#include <brio/base/byte_text.hpp>
#include <brio/base/figures.hpp>
#include <brio/base/text.hpp>

#include "top_pages.hpp"

namespace brio::tool {

namespace {

Line number(std::uint64_t value, Ink ink = Ink::plain) { return line_of(grouped(value), ink); }

std::string whole_percent(double percent) { return concat({decimal_text(percent, 0), " %"}); }

double share_of(std::uint64_t used, std::uint64_t most) {
    return most == 0 ? 0 : static_cast<double>(used) / static_cast<double>(most);
}

Ink ink_of(double share) { return share >= 0.9 ? Ink::bad : share >= 0.8 ? Ink::warn : Ink::good; }

/// A section's title, behind an empty line where something stands before it.
void begin(std::vector<Line>& lines, std::string_view name) {
    if (!lines.empty()) {
        lines.emplace_back();
    }
    lines.push_back(line_of(name, Ink::strong));
}

void add_table(std::vector<Line>& lines, std::string_view name, const Table& table, const Frame& frame) {
    if (!table.rows.empty()) {
        begin(lines, name);
        std::ranges::move(lay_out(table, frame.columns), std::back_inserter(lines));
    }
}

Table workers_of(const TopView& view, const Frame& frame) {
    Table table{.columns = {{.title = "worker", .stretches = true},
                            {.title = "running", .is_right = true},
                            {.title = "tasks", .is_right = true},
                            {.title = "p99", .is_right = true},
                            {.title = "in goal", .is_right = true},
                            {.title = "cpu", .is_right = true, .is_spare = true},
                            {.title = "memory", .is_right = true, .is_spare = true},
                            {.title = ""}},
                .rows = {}};
    for (const auto& each : view.instances) {
        if (each.role != "worker" || !passes(frame, {each.host, each.state})) {
            continue;
        }
        const bool is_idle = each.work.count == 0;
        table.rows.push_back({line_of(concat({each.host, " ", integer_text(each.pid)})),
                              line_of(concat({grouped(each.running.used), "/", grouped(each.running.most)})),
                              line_of(per_second_text(each.work.per_second)),
                              line_of(is_idle ? "-" : milliseconds_text(each.work.p99_ms)),
                              line_of(is_idle ? "-" : percent_text(each.work.holds)),
                              line_of(whole_percent(each.cpu_percent)),
                              line_of(bytes_text(each.memory_bytes)),
                              each.state == "up" ? Line() : line_of(each.state, Ink::bad)});
    }
    return table;
}

Table running_of(const TasksAnswer& tasks, const Frame& frame, Timestamp now) {
    Table table{.columns = {{.title = "task", .stretches = true},
                            {.title = "queue"},
                            {.title = "for", .is_right = true},
                            {.title = "progress"},
                            {.title = "id", .is_spare = true}},
                .rows = {}};
    for (const auto& each : tasks.tasks) {
        if (passes(frame, {each.name, each.queue, each.id})) {
            const auto progress = each.progress > 0 || !each.progress_words.empty()
                                      ? concat({whole_percent(each.progress * 100), " ", each.progress_words})
                                      : std::string();
            table.rows.push_back({line_of(each.name), line_of(each.queue),
                                  line_of(each.begun_at ? age_text(*each.begun_at, now) : "-"),
                                  line_of(progress), line_of(each.id, Ink::soft)});
        }
    }
    return table;
}

Table dead_of(const TasksAnswer& tasks, const Frame& frame, Timestamp now) {
    Table table{.columns = {{.title = "task"},
                            {.title = "ago", .is_right = true},
                            {.title = "error", .stretches = true},
                            {.title = "id", .is_spare = true}},
                .rows = {}};
    for (const auto& each : tasks.dead) {
        if (passes(frame, {each.name, each.queue, each.id, each.error})) {
            table.rows.push_back({line_of(each.name),
                                  line_of(each.ended_at ? age_text(*each.ended_at, now) : "-"),
                                  line_of(each.error.substr(0, each.error.find('\n')), Ink::bad),
                                  line_of(each.id, Ink::soft)});
        }
    }
    return table;
}

void add_gauge(std::vector<Line>& lines, std::string_view name, double share, std::string_view words,
               const Frame& frame) {
    const std::size_t columns = frame.columns >= 120 ? 40 : frame.columns >= 100 ? 20 : 12;
    auto line = line_of(concat({"  ", name}));
    fill(line, 15);
    append(line, gauge(share, columns, ink_of(share)));
    append(line, line_of(concat({"  ", whole_percent(share * 100), "  ", words})));
    lines.push_back(cut(line, frame.columns));
}

void add_usage(std::vector<Line>& lines, const UsageAnswer& usage, const Frame& frame) {
    if (usage.cpu.percent) {
        add_gauge(lines, "cpu", *usage.cpu.percent / 100,
                  concat({"of ", decimal_text(usage.cpu.cores, 1), " cores"}), frame);
    }
    if (usage.memory.bytes) {
        add_gauge(lines, "memory", share_of(*usage.memory.bytes, usage.memory.limit_bytes),
                  concat({bytes_text(*usage.memory.bytes), " of ", bytes_text(usage.memory.limit_bytes)}),
                  frame);
    }
    if (const auto& its = usage.connections) {
        add_gauge(lines, "connections", share_of(its->in_use, its->most),
                  concat({grouped(its->in_use), " of ", grouped(its->most), " in use, ", grouped(its->idle),
                          " idle, ", grouped(its->waiting), " wait for one"}),
                  frame);
    }
    if (usage.files.open) {
        add_gauge(lines, "files", share_of(*usage.files.open, usage.files.most),
                  concat({grouped(*usage.files.open), " of ", grouped(usage.files.most), " open"}), frame);
    }
    if (const auto& disk = usage.disk; disk && disk->free_bytes) {
        add_gauge(
            lines, "disk",
            share_of(disk->total_bytes - std::min(*disk->free_bytes, disk->total_bytes), disk->total_bytes),
            concat({bytes_text(disk->database_bytes), " are the database's, ", bytes_text(*disk->free_bytes),
                    " free"}),
            frame);
    }
    double lag = 0;
    for (const auto& each : usage.loops) {
        lag = std::max(lag, each.lag_ms);
    }
    lines.push_back(line_of(concat(
        {"  loops          ", integer_text(usage.loops.size()), ", the longest lag ", milliseconds_text(lag),
         usage.threads ? concat({"; ", grouped(*usage.threads), " threads"}) : ""})));
    for (const auto& each : usage.problems) {
        lines.push_back(line_of(concat({"  ", each}), Ink::warn));
    }
}

void add_bounds(std::vector<Line>& lines, const UsageAnswer& usage, const Frame& frame) {
    std::vector<const BoundAnswer*> bounds;
    for (const auto& each : usage.bounds) {
        if (passes(frame, {each.name})) {
            bounds.push_back(&each);
        }
    }
    const auto comes_first = [&](const BoundAnswer* a, const BoundAnswer* b) {
        if (frame.is_reversed) {
            std::swap(a, b);
        }
        const auto full = [](const BoundAnswer* bound) { return share_of(bound->used, bound->most); };
        return frame.order == "name"      ? a->name < b->name
               : frame.order == "refused" ? std::tuple(b->refused, a) < std::tuple(a->refused, b)
                                          : std::tuple(full(b), a) < std::tuple(full(a), b);
    };
    std::ranges::sort(bounds, comes_first);
    Table table{.columns = {{.title = "limit", .stretches = true},
                            {.title = "used", .is_right = true},
                            {.title = "of", .is_right = true},
                            {.title = "full", .is_right = true},
                            {.title = "refused", .is_right = true}},
                .rows = {}};
    for (const auto* each : bounds) {
        const auto share = share_of(each->used, each->most);
        table.rows.push_back({line_of(each->name), number(each->used), number(each->most),
                              line_of(whole_percent(share * 100), share >= 0.8 ? ink_of(share) : Ink::plain),
                              number(each->refused, each->refused > 0 ? Ink::bad : Ink::plain)});
    }
    add_table(lines, "limits", table, frame);
}

}  // namespace

std::vector<Line> queue_lines(const TopView& view, const Frame& frame) {
    Table table{.columns = {{.title = "queue", .stretches = true},
                            {.title = "ready", .is_right = true},
                            {.title = "running", .is_right = true},
                            {.title = "scheduled", .is_right = true},
                            {.title = "dead", .is_right = true},
                            {.title = "oldest", .is_right = true},
                            {.title = ""}},
                .rows = {}};
    for (const auto& each : view.tasks) {
        for (const auto& queue : each.answer.queues) {
            if (passes(frame, {queue.name})) {
                table.rows.push_back({line_of(queue.name), number(queue.ready), number(queue.running),
                                      number(queue.scheduled),
                                      number(queue.dead, queue.dead > 0 ? Ink::bad : Ink::plain),
                                      line_of(queue.oldest ? age_text(*queue.oldest, view.at) : "-"),
                                      queue.is_paused ? line_of("paused", Ink::warn) : Line()});
            }
        }
    }
    return table.rows.empty() ? std::vector<Line>() : lay_out(table, frame.columns);
}

std::vector<Line> task_lines(const TopView& view, const Frame& frame) {
    std::vector<Line> lines;
    for (const auto& each : view.tasks) {
        if (!each.answer.warning.empty()) {
            lines.push_back(line_of(each.answer.warning, Ink::warn));
        }
    }
    if (auto queues = queue_lines(view, frame); !queues.empty()) {
        begin(lines, "queues");
        std::ranges::move(queues, std::back_inserter(lines));
    }
    add_table(lines, "workers", workers_of(view, frame), frame);
    for (const auto& each : view.tasks) {
        add_table(lines, concat({"running, in ", each.answer.broker}),
                  running_of(each.answer, frame, view.at), frame);
        add_table(lines, concat({"dead, in ", each.answer.broker}), dead_of(each.answer, frame, view.at),
                  frame);
    }
    if (auto kinds = work_lines(view, frame, "task"); !kinds.empty()) {
        begin(lines, "tasks, in the last minute");
        std::ranges::move(kinds, std::back_inserter(lines));
    }
    return lines;
}

std::vector<Line> resource_lines(const TopView& view, const Frame& frame) {
    std::vector<Line> lines;
    for (const auto& each : view.uses) {
        begin(lines, view.uses.size() > 1 ? each.url : "used");
        add_usage(lines, each.usage, frame);
        add_bounds(lines, each.usage, frame);
    }
    return lines;
}

std::vector<Line> instance_lines(const TopView& view, const Frame& frame) {
    std::vector<Line> lines;
    for (const auto& problem : view.instance_problems) {
        lines.push_back(line_of(problem, Ink::warn));
    }
    Table table{.columns = {{.title = "process", .stretches = true},
                            {.title = "role"},
                            {.title = "rate", .is_right = true},
                            {.title = "p99", .is_right = true},
                            {.title = "in goal", .is_right = true},
                            {.title = "missed", .is_right = true},
                            {.title = "cpu", .is_right = true},
                            {.title = "memory", .is_right = true},
                            {.title = "state"},
                            {.title = "version", .is_spare = true},
                            {.title = "admin port", .is_spare = true}},
                .rows = {}};
    for (const auto& each : view.instances) {
        if (!passes(frame, {each.host, each.role, each.state, each.admin, each.version})) {
            continue;
        }
        const bool is_idle = each.work.count == 0;
        const bool is_up = each.state == "up";
        table.rows.push_back(
            {line_of(concat({each.host, " ", integer_text(each.pid)})), line_of(each.role),
             line_of(per_second_text(each.work.per_second)),
             line_of(is_idle ? "-" : milliseconds_text(each.work.p99_ms)),
             line_of(is_idle ? "-" : percent_text(each.work.holds)),
             number(each.goals_missed, each.goals_missed > 0 ? Ink::bad : Ink::plain),
             line_of(whole_percent(each.cpu_percent)), line_of(bytes_text(each.memory_bytes)),
             line_of(is_up ? "up" : concat({each.state, " ", decimal_text(each.heard_seconds_ago, 0), "s"}),
                     is_up ? Ink::good : Ink::bad),
             line_of(each.version, Ink::soft), line_of(each.admin, Ink::soft)});
    }
    if (!table.rows.empty()) {
        std::ranges::move(lay_out(table, frame.columns), std::back_inserter(lines));
    }
    return lines;
}

std::vector<Line> log_lines(const TopView& view, const Frame& frame) {
    std::vector<Line> lines;
    for (const auto& each : view.log.lines) {
        if (passes(frame, {each.message, each.level, each.fields.text})) {
            const bool is_error = each.level == "error";
            auto line = line_of(concat({clock_text(each.at), " "}), Ink::soft);
            append(line, line_of(is_error ? "error   " : "warning ", is_error ? Ink::bad : Ink::warn));
            append(line,
                   line_of(concat({each.message,
                                   each.times > 1 ? concat({" (", grouped(each.times), " times)"}) : ""})));
            if (each.fields.text.size() > 2) {  // without its braces
                const auto fields = std::string_view(each.fields.text).substr(1, each.fields.text.size() - 2);
                append(line, line_of(concat({"  ", fields}), Ink::soft));
            }
            lines.push_back(cut(line, frame.columns));
        }
    }
    return lines;
}

}  // namespace brio::tool
