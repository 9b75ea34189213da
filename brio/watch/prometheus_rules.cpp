#include <brio/watch/prometheus_rules.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include <brio/base/buffer.hpp>
#include <brio/base/text.hpp>
#include <brio/metrics/exposition.hpp>
#include <brio/watch/verdict.hpp>

namespace brio::watch {

namespace {

/// The work of one goal, or of all that have none of their own.
struct Subject {
    Scope scope;
    std::string goal;                 // its name; empty: all others
    std::string metric;               // a histogram of seconds
    std::string matchers;             // of its series: `endpoint!="unmatched"`; may be empty
    std::string bad_status;           // a matcher that leaves out what has failed; may be empty
    std::vector<std::string> labels;  // that name the work
    std::string but;                  // series of what has goals of its own; may be empty
    std::string but_goals;            // the same as matchers of `goal`
    std::chrono::nanoseconds limit{0};
    double share = 0.99;
};

std::string number_text(double value) {
    Buffer digits;
    append_number(digits, value);
    return std::string(digits.view());
}

/// The share that may miss: of 0.99 "0.01".
std::string allowed_text(double share) { return number_text(std::round((1 - share) * 1e9) / 1e9); }

/// The value of `le` at the limit. OpenMetrics writes 5 as 5.0, the older text format as 5.
std::string edge_matcher(std::chrono::nanoseconds limit) {
    const auto seconds = metrics::edge_text(limit);
    const bool is_whole = seconds.find_first_of(".e") == std::string::npos;
    return is_whole ? concat({"le=~\"", seconds, "([.]0)?\""}) : concat({"le=\"", seconds, "\""});
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char each : text) {
        if (each == '"' || each == '\\') {
            out += '\\';
        }
        out += each;
    }
    return out + "\"";
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
    std::string text;
    for (const auto& part : parts) {
        if (!part.empty()) {
            text += concat({text.empty() ? std::string_view() : between, part});
        }
    }
    return text;
}

struct Record {
    std::string name;
    Scope scope;
    std::string goal;        // empty: the expression's own label
    std::string expression;  // lines after the first with six blanks before
};

std::string write_record(const Record& record) {
    return concat({"  - record: ", record.name, "\n    expr: |\n      ", record.expression,
                   "\n    labels:\n      scope: ", name_of(record.scope), "\n",
                   record.goal.empty() ? "" : concat({"      goal: ", quoted(record.goal), "\n"})});
}

/// The increase of the series in the window, by the labels that name the work, which make the label `goal`.
std::string work_of(const Subject& subject, std::string_view suffix, const std::string& matchers,
                    Window window, std::string_view but) {
    std::vector<std::string> names;
    for (const auto& label : subject.labels) {
        names.push_back(quoted(label));
    }
    return concat({"label_join(\n        sum by (job, ", joined(subject.labels, ", "),
                   ") (increase(\n          ", subject.metric, suffix, "{", matchers, "}[", name_of(window),
                   "]))\n", but, "        , \"goal\", \" \", ", joined(names, ", "), ")"});
}

/// How much was done, how much of it was good, and misses of those that the goal allows where there is enough
/// to judge.
std::string write_subject(const Subject& subject, Window window) {
    const auto name = [&](std::string_view what) { return concat({"goal:", what, ":", name_of(window)}); };
    std::string but;
    if (!subject.but.empty()) {
        but = concat(
            {"          unless on (", joined(subject.labels, ", "), ") (\n", subject.but, "          )\n"});
    }
    const auto good = joined({subject.matchers, subject.bad_status, edge_matcher(subject.limit)}, ",");
    const auto scope = concat({"scope=\"", name_of(subject.scope), "\""});
    const auto its_goal = subject.goal.empty() ? subject.but_goals : "goal=" + quoted(subject.goal);
    const auto its = concat({"{", joined({scope, its_goal}, ","), "}"});
    const auto total = name("total") + its;
    const auto burn = concat({"(1 - (", name("good"), its, "\n        or 0 * ", total, ")\n        / ", total,
                              ") / ", allowed_text(subject.share), "\n        and ", total,
                              " >= ", integer_text(least_to_judge(subject.share))});
    const auto write = [&](std::string_view what, std::string expression) {
        return write_record({.name = name(what),
                             .scope = subject.scope,
                             .goal = subject.goal,
                             .expression = std::move(expression)});
    };
    return concat({write("total", work_of(subject, "_count", subject.matchers, window, but)),
                   write("good", work_of(subject, "_bucket", good, window, but)), write("burn_rate", burn)});
}

struct Alert {
    std::string_view name;
    std::string_view severity;
    std::vector<std::string> words;  // by lines
    std::string expression;
    std::string_view lasts = {};
};

std::string write_alert(const Alert& alert) {
    return concat({"  - alert: ", alert.name, "\n    expr: |\n      ", alert.expression, "\n",
                   alert.lasts.empty() ? "" : concat({"    for: ", alert.lasts, "\n"}),
                   "    labels:\n      severity: ", alert.severity,
                   "\n    annotations:\n      summary: >-\n        ", joined(alert.words, "\n        "),
                   "\n"});
}

std::string metric_of(Scope scope) {
    switch (scope) {
        case Scope::request: return "http_request_duration_seconds";
        case Scope::query: return "db_query_duration_seconds";
        default: return "task_duration_seconds";
    }
}

/// Matchers of one name's series.
std::string matchers_of(Scope scope, std::string_view name) {
    if (scope == Scope::request) {
        const auto space = name.find(' ');
        return concat({"method=", quoted(name.substr(0, space)),
                       ",endpoint=", quoted(name.substr(std::min(space + 1, name.size())))});
    }
    return concat({scope == Scope::query ? "query=" : "task_type=", quoted(name)});
}

/// Those with goals of their own, and all others of the scope together.
void add_subjects(std::vector<Subject>& subjects, const GoalRules& rules, Scope scope) {
    Subject others{.scope = scope,
                   .goal = {},
                   .metric = metric_of(scope),
                   .matchers = scope == Scope::request ? R"(endpoint!="unmatched")" : "",
                   .bad_status = scope == Scope::request ? R"(status!~"5..")" : "",
                   .labels = {},
                   .but = {},
                   .but_goals = {},
                   .limit = rules.limit_of(scope, {}),
                   .share = rules.share_of(scope, {})};
    others.labels = scope == Scope::request ? std::vector<std::string>{"method", "endpoint"}
                    : scope == Scope::query ? std::vector<std::string>{"query_type"}
                                            : std::vector<std::string>{"task_type"};
    std::vector<std::string> own_series;
    for (const auto& [name, own] : rules.own(scope)) {
        Subject subject = others;
        subject.goal = name;
        subject.matchers = matchers_of(scope, name);
        subject.limit = rules.limit_of(scope, name);
        subject.share = rules.share_of(scope, name);
        if (scope == Scope::query) {  // those are counted in a histogram of their own
            subject.metric = "db_goal_query_duration_seconds";
            subject.labels = {"query"};
        } else {
            own_series.push_back(
                concat({"            ", subject.metric, "_count{", subject.matchers, "}\n"}));
        }
        others.but_goals += concat({others.but_goals.empty() ? "" : ",", "goal!=", quoted(name)});
        subjects.push_back(std::move(subject));
    }
    others.but = joined(own_series, "            or\n");
    subjects.push_back(std::move(others));
}

std::string write_resource(std::string name, std::string_view percent, int limit, const Goals& goals,
                           Window window) {
    static constexpr std::string_view steps[] = {"15s", "1m", "5m", "30m"};
    return write_record(
        {.name = concat({"goal:burn_rate:", name_of(window)}),
         .scope = Scope::resource,
         .goal = std::move(name),
         .expression = concat({"avg_over_time(\n        (", percent, " > bool ", integer_text(limit), ")[",
                               name_of(window), ":", steps[static_cast<std::size_t>(window)], "]\n      ) / ",
                               allowed_text(goals.resource_share)})});
}

std::string both(std::string_view longer, std::string_view shorter, std::string_view rate) {
    return concat(
        {"(goal:burn_rate:", longer, " >= ", rate, " and goal:burn_rate:", shorter, " >= ", rate, ")"});
}

}  // namespace

std::string prometheus_rules(const GoalRules& rules, const RulesChoice& choice) {
    std::vector<Subject> subjects;
    add_subjects(subjects, rules, Scope::request);
    add_subjects(subjects, rules, Scope::query);
    if (choice.has_tasks) {
        add_subjects(subjects, rules, Scope::task);
    }
    auto text =
        concat({"# The goals of ", choice.program, ": `", choice.program,
                " goals --prometheus-rules` wrote them.\n# Change the goals and write it again.\ngroups:\n"});
    for (const Window window : all_windows) {
        // What is of days need not be computed every few seconds.
        text += concat({"- name: ", choice.program, " goals ", name_of(window), "\n",
                        window == Window::three_days ? "  interval: 5m\n" : "", "  rules:\n"});
        for (const Subject& subject : subjects) {
            text += write_subject(subject, window);
        }
        const auto& goals = rules.goals;
        text += write_resource("cpu", "cpu_usage_percent", goals.cpu_percent, goals, window);
        text += write_resource("memory", "100 * memory_usage_bytes / memory_limit_bytes",
                               goals.memory_percent, goals, window);
        if (choice.has_pool) {
            text += write_resource(
                "connections", "100 * db_pool_connections{state=\"in_use\"} / ignoring (state) db_pool_max",
                goals.connections_percent, goals, window);
        }
    }
    const std::string what = "{{ $labels.scope }} {{ $labels.goal }} of {{ $labels.job }}";
    text += concat({"- name: ", choice.program, " alerts\n  rules:\n"});
    text +=
        write_alert({.name = "GoalMissedFast",
                     .severity = "page",
                     .words = {what,
                               "misses its goal {{ $value | humanize }} times faster than it may: "
                               "look now"},
                     .expression = concat({both("1h", "5m", "14.4"), "\n      or ", both("6h", "1h", "6")})});
    text += write_alert({.name = "GoalMissedSlow",
                         .severity = "ticket",
                         .words = {what, "misses its goal for days"},
                         .expression = both("3d", "6h", "1")});
    const auto job = concat({"{job=", quoted(choice.program), "}"});
    text += write_alert({.name = "ProgramDown",
                         .severity = "page",
                         .words = {"{{ $labels.instance }} does not answer"},
                         .expression = concat({"up", job, " == 0"}),
                         .lasts = "1m"});
    text +=
        write_alert({.name = "ProgramNotRead",
                     .severity = "ticket",
                     .words = {"{{ $labels.instance }} has not read what it uses for a minute"},
                     .expression = concat({"time() - resource_reading_timestamp_seconds", job, " > 60"})});
    text += write_alert(
        {.name = "ProcessesGone",
         .severity = "ticket",
         .words = {"processes of {{ $labels.job }} that are gone, as the others have it: {{ $value }}"},
         .expression = concat(
             {"max by (job) (service_processes{job=", quoted(choice.program), ",state=\"gone\"}) > 0"}),
         .lasts = "1m"});
    text += write_alert(
        {.name = "CertificateExpires",
         .severity = "ticket",
         .words = {"the certificate of {{ $labels.instance }} expires in",
                   "{{ $value | humanizeDuration }}: it should have been renewed"},
         .expression = concat({"tls_certificate_not_after_seconds", job, " - time() < 14 * 86400"})});
    return text;
}

}  // namespace brio::watch
