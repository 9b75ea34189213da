#include <brio/bench/report.hpp>

#include <algorithm>
#include <map>
#include <numeric>

#include <brio/base/figures.hpp>
#include <brio/base/text.hpp>
#include <brio/bench/words.hpp>
#include <brio/json/write.hpp>

namespace brio::bench {

namespace {

constexpr double least_phase = 0.01;  // of the whole, to be named

std::string time_text(double ms) {
    return duration_text(std::chrono::nanoseconds(static_cast<std::int64_t>(ms * 1e6 + 0.5)));
}

void add_change(std::string& text, std::string_view name, double before, double after) {
    if (before != after) {
        text += concat({text.empty() ? "" : ", ", name, " ", count_text(before), " -> ", count_text(after)});
    }
}

std::string changes(const Counts& before, const Counts& after) {
    std::string text;
    add_change(text, "statements", before.statements, after.statements);
    add_change(text, "allocations", before.allocations.value_or(0), after.allocations.value_or(0));
    add_change(text, "bytes", before.bytes, after.bytes);
    add_change(text, "system calls", before.system_calls.value_or(0), after.system_calls.value_or(0));
    return text;
}

std::string counts_text(const Counts& counts) {
    auto const of = [](std::optional<double> value, std::string_view name) {
        return value ? concat({", ", count_text(*value), " ", name}) : std::string();
    };
    return concat({count_text(counts.statements), counts.statements == 1 ? " statement" : " statements",
                   of(counts.allocations, counts.allocations == 1 ? "allocation" : "allocations"),
                   of(counts.system_calls, counts.system_calls == 1 ? "system call" : "system calls"),
                   of(counts.bytes, "bytes")});
}

std::string phases_text(const Phases& phases) {
    auto const whole = std::accumulate(phases.begin(), phases.end(), 0.0);
    std::vector<std::size_t> order(phases.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return phases[a] > phases[b]; });
    std::string text;
    for (auto const at : order) {
        if (phases[at] > whole * least_phase) {
            text +=
                concat({text.empty() ? "" : ", ", ledger::phase_names[at], " ", time_text(phases[at] / 1e6)});
        }
    }
    return text;
}

void add_line(std::string& text, std::string_view name, const std::string& words) {
    text += concat({"  ", name, std::string(9 - std::min<std::size_t>(8, name.size()), ' '), words, "\n"});
}

std::string text_of(const CaseResult& result) {
    auto text = concat({result.faults.empty() ? "ok    " : "FAILS ", result.request, "\n"});
    if (auto const& warm = result.warm) {
        add_line(text, "warm",
                 concat({"p50 ", time_text(warm->p50_ms), ", p95 ", time_text(warm->p95_ms), ", p99 ",
                         time_text(warm->p99_ms), " of ", grouped(warm->requests), "; ",
                         percent_text(warm->within), " within the goal of ", time_text(result.goal_ms)}));
    }
    if (auto const& cold = result.cold) {
        add_line(text, "cold",
                 concat({"p50 ", time_text(cold->p50_ms), ", slowest ", time_text(cold->max_ms), " of ",
                         integer_text(cold->requests), " processes' first requests"}));
    }
    if (result.warm) {
        add_line(text, "phases", phases_text(result.phases));
    }
    add_line(text, "counts", counts_text(result.counts));
    if (auto const& against = result.against) {
        if (result.warm) {
            auto words = words_of(against->times);
            if (against->times.verdict != Verdict::cannot_tell) {
                words += concat({": ", explain(against->times, against->phases_before, result.phases)});
            }
            add_line(text, "against", words);
        }
        if (auto const words = changes(against->counts_before, result.counts); !words.empty()) {
            add_line(text, result.warm ? "" : "against", words);
        }
    }
    for (auto const& fault : result.faults) {
        add_line(text, "FAULT", fault);
    }
    for (auto const& name : result.not_judged) {
        add_line(text, "note",
                 concat({"the budget of ", name, " is not judged: they cannot be counted here"}));
    }
    return text;
}

using Named = std::map<std::string, double>;

Named named(const Phases& phases) {
    Named found;
    for (std::size_t i = 0; i < phases.size(); ++i) {
        if (phases[i] > 0) {
            found[std::string(ledger::phase_names[i])] = phases[i];
        }
    }
    return found;
}

struct WrittenAgainst {
    std::string verdict;
    double ratio;
    double low;
    double high;
    double noise_floor;
    Named phases_before_ns;
    Counts counts_before;
};

struct Written {
    std::string request;
    bool passes;
    std::vector<std::string> faults;
    std::vector<std::string> not_judged;
    double goal_ms;
    double share;
    std::optional<Figures> warm;
    std::optional<Figures> cold;
    Named phases_ns;
    Counts counts;
    std::optional<WrittenAgainst> against;
};

struct WrittenReport {
    std::string program;
    std::string against;
    std::string transport;
    bool passes;
    std::vector<Written> cases;
};

std::string_view name_of(Verdict verdict) {
    return verdict == Verdict::faster ? "faster" : verdict == Verdict::slower ? "slower" : "cannot_tell";
}

Written written(const CaseResult& result) {
    Written out{.request = result.request,
                .passes = result.faults.empty(),
                .faults = result.faults,
                .not_judged = result.not_judged,
                .goal_ms = result.goal_ms,
                .share = result.share,
                .warm = result.warm,
                .cold = result.cold,
                .phases_ns = named(result.phases),
                .counts = result.counts,
                .against = std::nullopt};
    if (auto const& against = result.against) {
        auto const& times = against->times;
        out.against = {.verdict = std::string(name_of(times.verdict)),
                       .ratio = times.ratio,
                       .low = times.low,
                       .high = times.high,
                       .noise_floor = times.floor,
                       .phases_before_ns = named(against->phases_before),
                       .counts_before = against->counts_before};
    }
    return out;
}

}  // namespace

void judge(CaseResult& result, const Budget& most) {
    if (result.warm && result.warm->within < result.share) {
        result.faults.push_back(
            concat({"the goal is missed: ", percent_text(result.warm->within), " within ",
                    time_text(result.goal_ms), "; asked are ", percent_text(result.share)}));
    }
    for (auto& each : over_budget(most, result.counts, result.warm ? &*result.warm : nullptr)) {
        result.faults.push_back(std::move(each));
    }
    result.not_judged = not_judged(most, result.counts);
    if (auto const& against = result.against) {
        if (result.warm && against->times.verdict == Verdict::slower) {
            result.faults.push_back("it is slower than before");
        }
        auto const& before = against->counts_before;
        auto const costs_more = [&](std::string_view name, std::optional<double> was,
                                    std::optional<double> is) {
            if (was && is && *is > *was) {
                result.faults.push_back(concat(
                    {"more ", name, " than before: ", count_text(*is), ", it was ", count_text(*was)}));
            }
        };
        costs_more("statements", before.statements, result.counts.statements);
        costs_more("allocations", before.allocations, result.counts.allocations);
        costs_more("system calls", before.system_calls, result.counts.system_calls);
    }
}

std::string text_of(const Report& report) {
    std::string text;
    for (auto const& each : report.cases) {
        text += text_of(each);
    }
    auto const failing =
        std::ranges::count_if(report.cases, [](auto const& each) { return !each.faults.empty(); });
    return text + (failing == 0 ? concat({"all ", integer_text(report.cases.size()), " pass\n"})
                                : concat({integer_text(failing), " of ", integer_text(report.cases.size()),
                                          " do not pass\n"}));
}

std::string json_of(const Report& report) {
    WrittenReport out{.program = report.program,
                      .against = report.against,
                      .transport = report.transport,
                      .passes = report.passes,
                      .cases = {}};
    for (auto const& each : report.cases) {
        out.cases.push_back(written(each));
    }
    return json::to_string(out) + "\n";
}

}  // namespace brio::bench
