#include <brio/load/server_reading.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <brio/base/statistics.hpp>
#include <brio/base/text.hpp>
#include <brio/json/read.hpp>

namespace brio::load {
namespace {

constexpr std::size_t most_reasons = 64;

/// The value of a label in `endpoint="/a",phase="db"`. Escapes stay: no name that is asked for has any.
std::string_view label(std::string_view labels, std::string_view name) noexcept {
    const std::string wanted = concat({name, "=\""});
    for (std::size_t at = labels.find(wanted); at != std::string_view::npos;
         at = labels.find(wanted, at + 1)) {
        if (at == 0 || labels[at - 1] == ',' || labels[at - 1] == '{') {
            const auto value = labels.substr(at + wanted.size());
            return value.substr(0, value.find('"'));
        }
    }
    return {};
}

struct Sample {
    std::string_view name;
    std::string_view labels;
    double value = 0;
};

/// `name{labels} value`, as the text format 0.0.4 has it; nothing for comments.
std::optional<Sample> sample_of(std::string_view line) noexcept {
    const auto gap = line.rfind(' ');
    if (line.empty() || line.front() == '#' || gap == std::string_view::npos) {
        return std::nullopt;
    }
    Sample sample;
    const auto number = line.substr(gap + 1);
    if (std::from_chars(number.data(), number.data() + number.size(), sample.value).ec != std::errc()) {
        return std::nullopt;
    }
    const auto series = line.substr(0, gap);
    const auto brace = std::min(series.find('{'), series.size());
    sample.name = series.substr(0, brace);
    sample.labels = series.substr(brace);
    return sample;
}

std::optional<std::size_t> phase_index(std::string_view name) noexcept {
    const auto found = std::ranges::find(ledger::phase_names, name);
    return found == ledger::phase_names.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(found - ledger::phase_names.begin()));
}

std::uint64_t nanoseconds(double seconds) noexcept {
    return seconds > 0 ? static_cast<std::uint64_t>(std::llround(seconds * 1e9)) : 0;
}
std::uint64_t whole(double value) noexcept {
    return value > 0 ? static_cast<std::uint64_t>(std::llround(value)) : 0;
}

/// A family of phases: the sums of each phase, and how many requests each endpoint had, which is the count of
/// the phase that the most of them were in.
struct PhaseFamily {
    std::string_view name;
    ledger::PhaseSums& sums;
    std::map<std::string, std::uint64_t> requests = {};

    void take(const Sample& sample) {
        const auto phase = phase_index(label(sample.labels, "phase"));
        if (!phase || !sample.name.starts_with(name)) {
            return;
        }
        const auto what = sample.name.substr(name.size());
        if (what == "_sum") {
            sums.ns[*phase] += nanoseconds(sample.value);
        } else if (what == "_count") {
            auto& most = requests[std::string(label(sample.labels, "endpoint"))];
            most = std::max(most, whole(sample.value));
        }
    }
    void finish() {
        for (const auto& [endpoint, count] : requests) {
            sums.count += count;
        }
    }
};

std::uint64_t since(std::uint64_t end, std::uint64_t begin) noexcept { return end > begin ? end - begin : 0; }

ledger::PhaseSums since(const ledger::PhaseSums& end, const ledger::PhaseSums& begin) noexcept {
    ledger::PhaseSums difference{.count = since(end.count, begin.count)};
    for (std::size_t i = 0; i < difference.ns.size(); ++i) {
        difference.ns[i] = since(end.ns[i], begin.ns[i]);
    }
    return difference;
}

std::vector<StatementUse> since(const std::vector<StatementUse>& end,
                                const std::vector<StatementUse>& begin) {
    std::vector<StatementUse> ran;
    for (StatementUse each : end) {
        const auto before = std::ranges::find_if(begin, [&](const StatementUse& other) {
            return other.statement == each.statement && other.endpoint == each.endpoint;
        });
        if (before != begin.end()) {
            each.runs = since(each.runs, before->runs);
            each.rows = since(each.rows, before->rows);
            each.scanned = since(each.scanned, before->scanned);
            each.took_ms = std::max(0.0, each.took_ms - before->took_ms);
            each.waited_ms = std::max(0.0, each.waited_ms - before->waited_ms);
        }
        if (each.runs > 0) {
            ran.push_back(std::move(each));
        }
    }
    std::ranges::sort(ran, std::greater(), &StatementUse::took_ms);
    return ran;
}

struct CpuText {
    static constexpr bool open_object = true;
    std::optional<double> percent;
};
struct ConnectionsText {
    static constexpr bool open_object = true;
    std::uint64_t in_use = 0;
    std::uint64_t waiting = 0;
    std::uint64_t most = 0;
};
struct UsageText {
    static constexpr bool open_object = true;
    CpuText cpu;
    std::optional<ConnectionsText> connections;
};
struct StatementText {
    static constexpr bool open_object = true;
    std::string statement;
    std::string endpoint;
    std::uint64_t count = 0;
    std::uint64_t rows = 0;
    std::uint64_t scanned = 0;
    double waited_ms = 0;
    double took_ms = 0;
};
struct QueriesText {
    static constexpr bool open_object = true;
    std::vector<StatementText> statements;
};

}  // namespace

ServerCounters read_counters(std::string_view metrics) {
    ServerCounters counters;
    PhaseFamily phases{.name = "http_request_phase_seconds", .sums = counters.phases};
    PhaseFamily overruns{.name = "http_request_overrun_seconds", .sums = counters.overruns};
    std::uint64_t requests = 0;
    while (!metrics.empty()) {
        const auto end = std::min(metrics.find('\n'), metrics.size());
        const auto sample = sample_of(metrics.substr(0, end));
        metrics.remove_prefix(std::min(end + 1, metrics.size()));
        if (!sample) {
            continue;
        }
        phases.take(*sample);
        overruns.take(*sample);
        if (sample->name == "http_request_duration_seconds_sum") {
            counters.total_ns += nanoseconds(sample->value);
        } else if (sample->name == "http_request_duration_seconds_count") {
            requests += whole(sample->value);
        } else if (sample->name == "http_requests_shed_total" && counters.shed.size() < most_reasons) {
            counters.shed[std::string(label(sample->labels, "reason"))] += whole(sample->value);
        }
    }
    overruns.finish();
    counters.phases.count = requests;
    return counters;
}

std::expected<ServerLevels, std::string> read_levels(std::string_view json) {
    const auto read = json::read<UsageText>(json);
    if (!read) {
        return std::unexpected(json::describe(read.error()));
    }
    ServerLevels levels{.cpu_percent = read->cpu.percent};
    if (read->connections) {
        levels.pool_in_use = read->connections->in_use;
        levels.pool_waiting = read->connections->waiting;
        levels.pool_most = read->connections->most;
    }
    return levels;
}

std::expected<std::vector<StatementUse>, std::string> read_statements(std::string_view json) {
    auto read = json::read<QueriesText>(json);
    if (!read) {
        return std::unexpected(json::describe(read.error()));
    }
    std::vector<StatementUse> statements;
    for (StatementText& each : read->statements) {
        if (statements.size() == ServerCounters::most_statements) {
            break;
        }
        statements.push_back({.statement = std::move(each.statement),
                              .endpoint = std::move(each.endpoint),
                              .runs = each.count,
                              .rows = each.rows,
                              .scanned = each.scanned,
                              .took_ms = each.took_ms,
                              .waited_ms = each.waited_ms});
    }
    return statements;
}

ServerWindow window_of(const ServerCounters& begin, const ServerCounters& end,
                       std::span<const ServerLevels> levels) {
    ServerWindow window{.counted = {.phases = since(end.phases, begin.phases),
                                    .overruns = since(end.overruns, begin.overruns),
                                    .total_ns = since(end.total_ns, begin.total_ns),
                                    .statements = since(end.statements, begin.statements)}};
    for (const auto& [reason, count] : end.shed) {
        const auto before = begin.shed.find(reason);
        if (const auto more = since(count, before == begin.shed.end() ? 0 : before->second)) {
            window.counted.shed[reason] = more;
        }
    }
    std::vector<double> percents;
    for (const ServerLevels& each : levels) {
        window.highest.pool_in_use = std::max(window.highest.pool_in_use, each.pool_in_use);
        window.highest.pool_waiting = std::max(window.highest.pool_waiting, each.pool_waiting);
        window.highest.pool_most = std::max(window.highest.pool_most, each.pool_most);
        if (each.cpu_percent) {
            percents.push_back(*each.cpu_percent);
        }
    }
    if (!percents.empty()) {
        window.highest.cpu_percent = median(percents);
    }
    return window;
}

}  // namespace brio::load
