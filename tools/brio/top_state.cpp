#include "top_state.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <tuple>

#include <brio/base/text.hpp>

namespace brio::tool {

namespace {

template <class T, class Same>
T& entry_like(std::vector<T>& all, const T& one, Same same) {
    const auto found = std::ranges::find_if(all, [&](const T& each) { return same(each, one); });
    if (found != all.end()) {
        return *found;
    }
    auto& made = all.emplace_back();
    return made;
}

void add_once(std::vector<std::string>& all, std::string one) {
    if (std::ranges::find(all, one) == all.end()) {
        all.push_back(std::move(one));
    }
}

int urgency_of(std::string_view standing) noexcept {
    constexpr std::array<std::string_view, 4> order{"missed", "kept", "too few to judge", "idle"};
    return static_cast<int>(std::ranges::find(order, standing) - order.begin());
}

void add_goal(std::vector<GoalAnswer>& goals, const GoalAnswer& one, const std::string& of) {
    const auto is_same = [&](const GoalAnswer& each) {
        return each.scope == one.scope && each.name == one.name;
    };
    const auto found = std::ranges::find_if(goals, is_same);
    auto said = one;
    if (!of.empty() && urgency_of(one.standing) == 0) {
        said.words += concat({" (at ", of, ")"});
    }
    if (found == goals.end()) {
        goals.push_back(std::move(said));
        return;
    }
    auto windows = found->windows;
    for (std::size_t i = 0; i < std::min(windows.size(), one.windows.size()); ++i) {
        windows[i].good += one.windows[i].good;
        windows[i].total += one.windows[i].total;
        windows[i].holds = windows[i].total == 0
                               ? 1
                               : static_cast<double>(windows[i].good) / static_cast<double>(windows[i].total);
        if (urgency_of(one.windows[i].standing) < urgency_of(windows[i].standing)) {
            windows[i].standing = one.windows[i].standing;
        }
    }
    if (urgency_of(one.standing) < urgency_of(found->standing)) {
        *found = std::move(said);
    }
    found->windows = std::move(windows);
}

void add_phases(WorkAnswer& to, const WorkAnswer& one, double share) {
    for (const auto& phase : one.phases) {
        auto& sum =
            entry_like(to.phases, phase, [](const auto& a, const auto& b) { return a.phase == b.phase; });
        sum.phase = phase.phase;
        sum.ms += phase.ms * share;
    }
}

// By how much of the two together was each.
void add_work(WorkAnswer& to, const WorkAnswer& one) {
    const auto count = static_cast<double>(to.count + one.count);
    const double share = count == 0 ? 0 : static_cast<double>(one.count) / count;
    for (auto& phase : to.phases) {
        phase.ms *= 1 - share;
    }
    add_phases(to, one, share);
    to.holds = count == 0 ? 1 : to.holds * (1 - share) + one.holds * share;
    to.mean_ms = to.mean_ms * (1 - share) + one.mean_ms * share;
    to.count += one.count;
    to.per_second += one.per_second;
    to.failed += one.failed;
    to.p50_ms = std::max(to.p50_ms, one.p50_ms);
    to.p95_ms = std::max(to.p95_ms, one.p95_ms);
    to.p99_ms = std::max(to.p99_ms, one.p99_ms);
    to.limit_ms = one.limit_ms;
    to.share = one.share;
}

void add_statement(std::vector<StatementAnswer>& all, const StatementAnswer& one) {
    auto& to = entry_like(all, one, [](const auto& a, const auto& b) {
        return a.statement == b.statement && a.endpoint == b.endpoint && a.type == b.type;
    });
    to.statement = one.statement;
    to.endpoint = one.endpoint;
    to.type = one.type;
    to.count += one.count;
    to.failed += one.failed;
    to.rows += one.rows;
    to.scanned += one.scanned;
    to.took_ms += one.took_ms;
    to.mean_ms = to.count == 0 ? 0 : to.took_ms / static_cast<double>(to.count);
    to.p95_ms = std::max(to.p95_ms, one.p95_ms);
    to.slowest_ms = std::max(to.slowest_ms, one.slowest_ms);
}

void add_queries(QueriesAnswer& to, const QueriesAnswer& one) {
    for (const auto& each : one.statements) {
        add_statement(to.statements, each);
    }
    to.slow.insert(to.slow.end(), one.slow.begin(), one.slow.end());
    to.repeated.insert(to.repeated.end(), one.repeated.begin(), one.repeated.end());
}

void add_instances(TopView& view, const InstancesAnswer& one) {
    if (!one.problem.empty()) {
        add_once(view.instance_problems, one.problem);
    }
    for (const auto& each : one.instances) {
        auto& to =
            entry_like(view.instances, each, [](const auto& a, const auto& b) { return a.id == b.id; });
        if (to.id.empty() || each.heard_seconds_ago < to.heard_seconds_ago) {
            to = each;
        }
    }
}

// What a server process says of all its requests knows better how slow they were together.
void add_requests(TopView& view, const ProcessState& process) {
    if (process.instances) {
        for (const auto& each : process.instances->instances) {
            if (each.is_self && each.role == "server") {
                WorkAnswer all{.scope = "request",
                               .name = "",
                               .count = each.work.count,
                               .per_second = each.work.per_second,
                               .p50_ms = each.work.p50_ms,
                               .p99_ms = each.work.p99_ms,
                               .holds = each.work.holds,
                               .failed = each.work.failed,
                               .phases = {}};
                add_work(view.requests, all);
                return;
            }
        }
    }
    for (const auto& each : process.work) {
        if (each.scope == "request") {
            add_work(view.requests, each);
        }
    }
}

void add_process(TopView& view, const ProcessState& process, bool is_alone) {
    view.urls.push_back(process.url);
    if (!process.problem.empty()) {
        view.problems.push_back(process.problem);
    }
    if (process.program) {
        add_once(view.programs, concat({process.program->program, " ", process.program->version}));
        view.began = std::max(view.began.value_or(process.program->began), process.program->began);
    }
    for (const auto& each : process.goals.value_or(std::vector<GoalAnswer>())) {
        add_goal(view.goals, each, is_alone ? std::string() : process.url);
    }
    for (const auto& each : process.work) {
        auto& to = entry_like(view.work, each, [](const auto& a, const auto& b) {
            return a.scope == b.scope && a.name == b.name;
        });
        to.scope = each.scope;
        to.name = each.name;
        add_work(to, each);
    }
    add_requests(view, process);
    if (process.usage) {
        view.uses.push_back({process.url, *process.usage});
    }
    if (process.tasks) {
        const auto program = process.program ? process.program->program : std::string();
        const auto is_same = [&](const TopView::Tasks& each) {
            return each.program == program && each.answer.broker == process.tasks->broker;
        };
        if (std::ranges::none_of(view.tasks, is_same)) {
            view.tasks.push_back({program, *process.tasks});
        }
    }
    if (process.queries) {
        add_queries(view.queries, *process.queries);
    }
    if (process.instances) {
        add_instances(view, *process.instances);
    }
    if (process.log) {
        view.log.warnings += process.log->warnings;
        view.log.errors += process.log->errors;
        view.log.lines.insert(view.log.lines.end(), process.log->lines.begin(), process.log->lines.end());
    }
}

}  // namespace

bool TopView::misses_a_goal() const noexcept {
    return std::ranges::any_of(goals, [](const auto& each) { return each.standing == "missed"; });
}

TopView view_of(const TopState& state, std::size_t process) {
    TopView view{.at = state.at};
    const bool is_alone = state.processes.size() == 1 || process > 0;
    for (std::size_t i = 0; i < state.processes.size(); ++i) {
        if (process == 0 || process == i + 1) {
            add_process(view, state.processes[i], is_alone);
        }
    }
    std::ranges::sort(view.goals, {}, [](const GoalAnswer& each) {
        const auto work = each.windows.empty() ? 0 : each.windows.back().total;
        return std::tuple(urgency_of(each.standing), std::numeric_limits<std::uint64_t>::max() - work,
                          std::string_view(each.name));
    });
    std::ranges::sort(view.log.lines, std::greater(),
                      [](const auto& each) { return std::tuple(each.at, each.number); });
    return view;
}

std::vector<std::string> other_admin_ports(const ProcessState& process) {
    std::vector<std::string> urls;
    if (process.instances) {
        for (const auto& each : process.instances->instances) {
            if (!each.is_self && each.state == "up" && !each.admin.empty() && each.admin != process.url) {
                add_once(urls, each.admin);
            }
        }
    }
    return urls;
}

}  // namespace brio::tool
