#include <brio/load/summary.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

#include <brio/base/text.hpp>

namespace brio::load {
namespace {

std::string time_text(std::uint64_t ns) {
    return duration_text(std::chrono::nanoseconds(static_cast<std::int64_t>(ns)));
}

std::string fixed(double value, int digits) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

std::string rate_text(double rate) { return fixed(rate, rate < 100 ? 1 : 0); }

std::string percent(double ratio) { return fixed(100 * ratio, 1) + " %"; }

using Row = std::vector<std::string>;

// The first column to the left, the others to the right.
std::string aligned(const std::vector<Row>& rows) {
    std::vector<std::size_t> widths(rows.front().size());
    for (auto const& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    std::string text;
    for (auto const& row : rows) {
        text.append(row[0]).append(widths[0] - row[0].size(), ' ');
        for (std::size_t i = 1; i < row.size(); ++i) {
            text.append(2 + widths[i] - row[i].size(), ' ').append(row[i]);
        }
        text.append("\n");
    }
    return text;
}

Row row_of(const RequestRecord& request, double seconds) {
    auto const latency = request.latency();
    Row row{concat({request.method, request.method.empty() ? "" : " ", request.name}),
            std::to_string(request.requests()), std::to_string(request.failures),
            rate_text(seconds > 0 ? static_cast<double>(request.requests()) / seconds : 0)};
    for (double const q : {0.5, 0.95, 0.99, 0.999}) {
        row.push_back(time_text(latency.quantile(q)));
    }
    row.push_back(time_text(latency.max()));
    return row;
}

std::string table_of(const Outcome& outcome, const RequestRecord& total) {
    auto const seconds = std::chrono::duration<double>(outcome.counted).count();
    std::vector<Row> rows{{"request", "number", "failed", "/s", "p50", "p95", "p99", "p99.9", "max"}};
    for (auto const& request : outcome.record.requests()) {
        if (request.requests() > 0) {
            rows.push_back(row_of(request, seconds));
        }
    }
    if (rows.size() != 2) {
        rows.push_back(row_of(total, seconds));
    }
    return aligned(rows);
}

std::string failures_of(const Record& record) {
    auto failures = record.failures();
    if (failures.empty()) {
        return {};
    }
    constexpr std::size_t shown = 20;
    std::ranges::sort(failures, std::ranges::greater(), &FailureRecord::count);
    std::vector<Row> rows{{"what went wrong", "number"}};
    for (std::size_t i = 0; i < std::min(shown, failures.size()); ++i) {
        auto const& each = failures[i];
        rows.push_back({concat({each.method, each.method.empty() ? "" : " ", each.name, ": ", each.text}),
                        std::to_string(each.count)});
    }
    auto text = "\n" + aligned(rows);
    if (failures.size() > shown) {
        text += concat({"and ", std::to_string(failures.size() - shown), " more\n"});
    }
    return text;
}

std::string load_of(const Plan& plan) {
    auto const level = rate_text(plan.highest_level());
    auto const varies = plan.stages.size() > 1 || plan.stages.front().from != plan.stages.front().to;
    return concat({varies ? "up to " : "", level,
                   plan.is_open() ? (plan.model == Model::poisson ? " arrivals/s at random" : " arrivals/s")
                                  : " users"});
}

}  // namespace

std::string summary_of(const Outcome& outcome) {
    auto const total = outcome.record.total();
    auto text = concat({load_of(outcome.plan), " for ", duration_text(outcome.counted),
                        outcome.was_interrupted ? " (interrupted)" : "", ": ",
                        rate_text(outcome.requests_per_second()), " answers/s, ",
                        percent(total.failure_ratio()), " failed\n\n"});
    text += table_of(outcome, total);
    text += failures_of(outcome.record);
    text += concat({"\nuncorrected, from the sending: p50 ", time_text(total.uncorrected.quantile(0.5)),
                    ", p99 ", time_text(total.uncorrected.quantile(0.99)), ", max ",
                    time_text(total.uncorrected.max()), "\n"});
    text += concat({"CPU: generator ", percent(outcome.cpu.generator), " of a core",
                    outcome.cpu.server ? concat({", server ", percent(*outcome.cpu.server)}) : "",
                    "; generator behind its plan: p99 ", time_text(outcome.saturation.late_p99_ns), "\n"});
    if (outcome.record.dropped > 0) {
        text += concat({std::to_string(outcome.record.dropped), " arrivals were dropped\n"});
    }
    if (outcome.saturation.is_saturated) {
        text += concat({"The generator did not keep up: ", outcome.saturation.why, "\n"});
    }
    return text;
}

}  // namespace brio::load
