#include <brio/load/verdict.hpp>

#include <algorithm>
#include <cmath>

#include <brio/base/figures.hpp>
#include <brio/base/text.hpp>

namespace brio::load {
namespace {

double of(std::uint64_t number) noexcept { return static_cast<double>(number); }

std::optional<double> measure(const Threshold& threshold, const RequestRecord& requests, double seconds) {
    const std::uint64_t checks = requests.checks_passed + requests.checks_failed;
    switch (threshold.figure) {
        case Figure::error_rate:
            return requests.requests() == 0 ? std::nullopt : std::optional(requests.failure_ratio());
        case Figure::checks:
            return checks == 0 ? std::nullopt : std::optional(of(requests.checks_passed) / of(checks));
        case Figure::rps: return seconds <= 0 ? std::nullopt : std::optional(of(requests.answers) / seconds);
        case Figure::quantile:
        case Figure::mean:
        case Figure::max: break;
    }
    const Histogram latency = requests.latency();
    if (latency.count() == 0) {
        return std::nullopt;
    }
    return threshold.figure == Figure::mean  ? latency.mean()
           : threshold.figure == Figure::max ? of(latency.max())
                                             : of(latency.quantile(threshold.quantile));
}

/// How far a value is inside its limit, as a share of the limit; negative beyond it.
double margin_of(const Threshold& threshold, double measured) noexcept {
    const double inside = threshold.is_upper() ? threshold.limit - measured : measured - threshold.limit;
    return threshold.limit > 0 ? inside / threshold.limit : inside;
}

std::string words_of(const Judgement& judged) {
    const Threshold& threshold = judged.threshold;
    const std::string limit = value_text(threshold, threshold.limit);
    const double margin = std::abs(judged.margin);
    const bool is_above = *judged.measured > threshold.limit;
    std::string by = "at";
    if (margin >= 1 && is_above) {
        by = concat({decimal_text(*judged.measured / std::max(threshold.limit, 1e-9), 1), " times"});
    } else if (margin >= 0.005) {
        by = concat({percent_text(margin, 0), is_above ? " above" : " below"});
    }
    return concat({figure_text(threshold), " is ", value_text(threshold, *judged.measured), ", ", by,
                   " its limit of ", limit});
}

std::string names_of(const Record& record) {
    constexpr std::size_t most = 8;
    std::string names;
    for (std::size_t i = 0; i < std::min(record.requests().size(), most); ++i) {
        const RequestRecord& each = record.requests()[i];
        names += concat({i == 0 ? "" : ", ", each.method, " ", each.name});
    }
    return record.requests().size() > most ? names + ", …" : names;
}

std::string nothing_counted(const Threshold& threshold, const Record& record, bool has_requests) {
    if (!has_requests && !threshold.name.empty()) {
        return concat({"no request is named '", threshold.name, "'",
                       record.requests().empty() ? "; there were none at all"
                                                 : concat({"; there are ", names_of(record)})});
    }
    return concat({"nothing was counted for ", figure_text(threshold)});
}

Judgement judge_one(const Threshold& threshold, const Record& record, double seconds) {
    Judgement judged{.threshold = threshold};
    const auto requests = named(record, threshold.name);
    if (requests) {
        judged.measured = measure(threshold, *requests, seconds);
    }
    if (!judged.measured) {
        judged.standing = threshold.may_be_idle ? Standing::idle : Standing::missed;
        judged.words = nothing_counted(threshold, record, requests.has_value());
        return judged;
    }
    judged.standing = threshold.holds(*judged.measured) ? Standing::held : Standing::missed;
    judged.margin = margin_of(threshold, *judged.measured);
    judged.words = words_of(judged);
    return judged;
}

/// Whether the goal is missed even if all that may come is as good as it can be.
bool is_lost(const Threshold& threshold, const RequestRecord& requests, double seconds,
             const StillToCome& still) {
    const double checks = of(requests.checks_passed + requests.checks_failed);
    switch (threshold.figure) {
        case Figure::rps:
            return (of(requests.answers) + still.requests) / std::max(seconds + still.seconds, 1e-9) <
                   threshold.limit;
        case Figure::error_rate:
            return of(requests.failures) > threshold.limit * (of(requests.requests()) + still.requests);
        case Figure::checks: {
            // what is to come makes as many checks as what came
            const double each = checks / std::max(of(requests.requests()), 1.0);
            return of(requests.checks_failed) >
                   (1 - threshold.limit) * (checks + still.requests * std::max(each, 1.0));
        }
        case Figure::quantile:
        case Figure::mean:
        case Figure::max: break;
    }
    const Histogram latency = requests.latency();
    const double all = of(latency.count()) + still.requests;
    if (threshold.figure == Figure::max) {
        return of(latency.max()) > threshold.limit;
    }
    if (threshold.figure == Figure::mean) {
        return latency.mean() * of(latency.count()) > threshold.limit * all;
    }
    const auto limit = static_cast<std::uint64_t>(threshold.limit);
    return of(latency.count() - latency.count_up_to(limit)) > (1 - threshold.quantile) * all;
}

}  // namespace

bool Verdict::held() const noexcept { return missed() == 0; }

std::size_t Verdict::missed() const noexcept {
    return static_cast<std::size_t>(std::ranges::count(goals, Standing::missed, &Judgement::standing));
}

std::optional<RequestRecord> named(const Record& record, std::string_view name) {
    if (name.empty()) {
        return record.total();
    }
    std::optional<RequestRecord> all;
    for (const RequestRecord& each : record.requests()) {
        if (each.name != name && concat({each.method, " ", each.name}) != name) {
            continue;
        }
        if (all) {
            all->merge(each);
        } else {
            all = each;
        }
    }
    return all;
}

Verdict judge(std::span<const Threshold> thresholds, const Record& record, double seconds) {
    Verdict verdict;
    for (const Threshold& threshold : thresholds) {
        verdict.goals.push_back(judge_one(threshold, record, seconds));
    }
    return verdict;
}

std::string lost_goal(std::span<const Threshold> thresholds, const Record& record, double seconds,
                      const StillToCome& still) {
    for (const Threshold& threshold : thresholds) {
        const auto requests = named(record, threshold.name);
        if (requests && is_lost(threshold, *requests, seconds, still)) {
            return concat({judge_one(threshold, record, seconds).words,
                           ", and what is left of the run cannot mend that"});
        }
    }
    return {};
}

}  // namespace brio::load
