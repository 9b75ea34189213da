// How far the limits are.
#include <brio/watch/review_findings.hpp>

#include <algorithm>
#include <cmath>

#include <brio/base/byte_text.hpp>
#include <brio/base/figures.hpp>
#include <brio/base/text.hpp>
#include <brio/watch/growth.hpp>

namespace brio::watch {

namespace {

constexpr double seconds_of_day = 86'400;
constexpr double little = 0.1;  // of a limit that is told of though nothing grows there

/// A figure of the history against its limit.
struct Measured {
    std::string name;
    std::string unit;
    std::string_view limit_words;            // "its goal", "its limit"
    const HistoryLine* line = nullptr;       // in the history
    const HistoryLine* fine_line = nullptr;  // in that which growth is read from
    double limit = 0;
    bool runs_out = false;  // it is what is left: its limit is 0
};

std::vector<GrowthPoint> points_of(const HistoryReport& history, const HistoryLine* line, bool runs_out) {
    std::vector<GrowthPoint> points;
    for (std::size_t i = 0; line != nullptr && i < line->values.size(); ++i) {
        if (!std::isnan(line->values[i])) {
            points.push_back({.at = static_cast<double>(history.at[i]) / seconds_of_day,
                              .value = runs_out ? -line->values[i] : line->values[i]});
        }
    }
    return points;
}

std::string amount(double value, std::string_view unit) {
    if (unit == "bytes") {
        return bytes_text(static_cast<std::uint64_t>(std::max(value, 0.0)));
    }
    const int decimals = value != std::floor(value) && std::abs(value) < 10 ? 1 : 0;
    return concat({decimal_text(value, decimals), unit == "percent" ? " %" : ""});
}

std::string time_text(double days) {
    const double hours = days * 24;
    if (hours < 2) {
        return concat({integer_text(std::max(std::llround(hours * 60), 1LL)), " minutes"});
    }
    return days < 3 ? concat({integer_text(std::llround(hours)), " hours"})
                    : concat({integer_text(std::llround(days)), " days"});
}

/// "3 to 5 days", "53 hours", "2 days or later, perhaps never".
std::string range_text(double soonest, std::optional<double> latest) {
    const auto from = time_text(soonest);
    if (!latest) {
        return concat({from, " or later, perhaps never"});
    }
    const auto to = time_text(*latest);
    const auto unit = from.find(' ');
    const bool is_same_unit = std::string_view(to).ends_with(std::string_view(from).substr(unit));
    return from == to ? from : concat({is_same_unit ? from.substr(0, unit) : from, " to ", to});
}

std::string words_of(const Measured& its, const ReviewHeadroom& headroom, const std::optional<Growth>& growth,
                     Outlook outlook) {
    const auto of_limit = its.runs_out ? concat({amount(headroom.now, its.unit), " are left"})
                                       : concat({amount(headroom.now, its.unit), " of ",
                                                 amount(headroom.limit, its.unit), ", ", its.limit_words});
    const auto rate = [&] {
        const auto amount_of = [&](double value) { return amount(std::abs(value), its.unit); };
        return concat({amount_of(growth->slope), " ± ", amount_of(growth->error), " a day"});
    };
    const auto seen = growth ? concat({" (a straight line over ", time_text(growth->spans), ")"}) : "";
    switch (outlook) {
        case Outlook::unknown: return concat({of_limit, "; not enough history to say how it grows"});
        case Outlook::reached: return concat({of_limit, "; that is reached"});
        case Outlook::meets:
            return concat({of_limit, its.runs_out ? "; it shrinks by " : "; it grows by ", rate(),
                           ": there in ", range_text(*headroom.days_soonest, headroom.days_latest), seen});
        case Outlook::far:
            return concat({of_limit, its.runs_out ? "; it shrinks by " : "; it grows by ", rate(),
                           ": not there within ", time_text(growth->spans * far_factor), seen});
        case Outlook::steady:
            return concat(
                {of_limit,
                 its.runs_out ? "; it does not shrink, as far as " : "; it does not grow, as far as ",
                 time_text(growth->spans), " can tell"});
    }
    return of_limit;
}

ReviewHeadroom headroom_of(const ReviewFacts& facts, const Measured& its, StepRange range) {
    ReviewHeadroom headroom{.name = its.name,
                            .unit = its.unit,
                            .now = ReviewSteps::last(its.line, range).value_or(0),
                            .limit = its.limit};
    auto growth = growth_of(points_of(facts.growth, its.fine_line, its.runs_out));
    if (!growth) {  // after a restart there are the hours
        growth = growth_of(points_of(facts.history, its.line, its.runs_out));
    }
    auto ahead = watch::headroom_of(growth, its.runs_out ? 0 : its.limit);
    if (!its.runs_out && headroom.now >= its.limit) {
        ahead.outlook = Outlook::reached;
    }
    headroom.used = its.runs_out || its.limit <= 0 ? 0 : headroom.now / its.limit;
    headroom.outlook = name_of(ahead.outlook);
    if (growth) {
        headroom.per_day = its.runs_out ? -growth->slope : growth->slope;
        headroom.per_day_error = growth->error;
    }
    if (ahead.outlook == Outlook::meets) {
        headroom.days_soonest = ahead.soonest;
        headroom.days_latest = ahead.latest;
    }
    headroom.words = words_of(its, headroom, growth, ahead.outlook);
    return headroom;
}

class Candidates {
public:
    explicit Candidates(const ReviewFacts& facts)
        : steps_(facts.history),
          fine_(facts.growth),
          now_(ranges_of(facts.history, facts.since).now) {}

    void add(std::string name, std::string unit, std::string_view limit_words, std::string_view line_name,
             std::string_view figure, std::optional<double> limit) {
        const HistoryLine* line = steps_.find("resources", line_name, figure);
        if (line != nullptr && limit.value_or(0) > 0 && ReviewSteps::last(line, now_)) {
            all_.push_back({.name = std::move(name),
                            .unit = std::move(unit),
                            .limit_words = limit_words,
                            .line = line,
                            .fine_line = fine_.find("resources", line_name, figure),
                            .limit = *limit});
        }
    }
    void add_left(std::string name, std::string_view figure) {
        const HistoryLine* line = steps_.find("resources", "", figure);
        if (line != nullptr && ReviewSteps::last(line, now_)) {
            all_.push_back({.name = std::move(name),
                            .unit = "bytes",
                            .limit_words = "",
                            .line = line,
                            .fine_line = fine_.find("resources", "", figure),
                            .runs_out = true});
        }
    }
    std::optional<double> last(std::string_view name, std::string_view figure, double share = 1) const {
        const auto value = ReviewSteps::last(steps_.find("resources", name, figure), now_);
        return value ? std::optional(*value * share) : value;
    }
    double sum(std::string_view name, std::string_view figure) const {
        return ReviewSteps::sum(steps_.find("resources", name, figure), now_);
    }
    std::vector<const HistoryLine*> limits() const { return steps_.all("resources", "limit"); }
    const std::vector<Measured>& all() const { return all_; }
    StepRange now() const { return now_; }

private:
    const ReviewSteps steps_;
    const ReviewSteps fine_;
    const StepRange now_;
    std::vector<Measured> all_;
};

double sooner_first(const ReviewHeadroom& headroom) noexcept {
    constexpr double never = 1e9;
    return headroom.outlook == name_of(Outlook::reached)
               ? -1
               : headroom.days_soonest.value_or(never - headroom.used);
}

}  // namespace

std::vector<ReviewHeadroom> headrooms_of(const ReviewFacts& facts) {
    const Goals& goals = facts.rules.goals;
    Candidates candidates(facts);
    candidates.add("cpu", "percent", "its goal", "", "cpu", goals.cpu_percent);
    candidates.add("memory", "bytes", "its goal", "", "memory",
                   candidates.last("", "memory_limit", goals.memory_percent / 100.0));
    if (facts.judges_connections) {
        candidates.add("connections", "count", "their goal", "in_use", "connections",
                       candidates.last("", "most_connections", goals.connections_percent / 100.0));
    }
    candidates.add("open files", "count", "their limit", "", "open_files", candidates.last("", "most_files"));
    candidates.add_left("disk", "disk_free");
    for (const HistoryLine* line : candidates.limits()) {
        if (line->name == "db_connections") {
            continue;  // work waits for them, which is no harm in itself: they have a goal above
        }
        candidates.add(concat({"limit ", line->name}), "count", "its limit", line->name, "limit",
                       candidates.last(line->name, "limit_most"));
    }
    std::vector<ReviewHeadroom> headrooms;
    for (const Measured& each : candidates.all()) {
        auto headroom = headroom_of(facts, each, candidates.now());
        constexpr std::string_view of_limits = "limit ";
        if (each.name.starts_with(of_limits)) {
            const auto refused = candidates.sum(each.name.substr(of_limits.size()), "refused");
            headroom.refused = static_cast<std::uint64_t>(std::llround(refused));
            if (headroom.refused == 0 && !headroom.days_soonest && headroom.used < little) {
                continue;
            }
            if (headroom.refused > 0) {
                headroom.words += concat({"; ", grouped(headroom.refused), " did not fit"});
            }
        }
        headrooms.push_back(std::move(headroom));
    }
    std::ranges::sort(headrooms, {},
                      [](const ReviewHeadroom& each) { return std::pair(sooner_first(each), each.name); });
    return headrooms;
}

}  // namespace brio::watch
