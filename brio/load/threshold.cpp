#include <brio/load/threshold.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

#include <brio/base/figures.hpp>
#include <brio/base/text.hpp>

namespace brio::load {
namespace {

constexpr std::string_view figures = "p50, p99.9, mean, max, error_rate, checks or rps";

struct Word {
    Figure figure;
    std::string_view name;
};
constexpr Word words[] = {{Figure::mean, "mean"},
                          {Figure::max, "max"},
                          {Figure::error_rate, "error_rate"},
                          {Figure::checks, "checks"},
                          {Figure::rps, "rps"}};

struct Unit {
    std::string_view name;
    double nanoseconds;
};
constexpr Unit units[] = {{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};

std::optional<double> number_at_front(std::string_view& text) {
    double value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc() || !std::isfinite(value) || value < 0) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    text = trim(text);
    return value;
}

/// The share that a percentage is, as if it had been typed as one: 99.9 / 100 is not 0.999.
double hundredth(double percent) { return std::round(percent * 1e8) / 1e10; }

/// The shortest text of a value that was typed in decimals.
std::string plain(double value) {
    char digits[400];
    return {digits, std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed).ptr};
}

std::string limit_text(const Threshold& threshold) {
    if (threshold.figure == Figure::rps) {
        return plain(threshold.limit);
    }
    if (!threshold.is_latency()) {
        // 0.07 times 100 is not 7: the share is written by its own decimals
        return concat({plain(std::round(threshold.limit * 1e10) / 1e8), "%"});
    }
    const auto& unit = *std::ranges::find_if(units, [&](const Unit& each) {
        return threshold.limit < 1000 * each.nanoseconds || &each == &units[2];
    });
    return concat({plain(threshold.limit / unit.nanoseconds), unit.name});
}

/// Reads one threshold; `wrong` is what parse_threshold gives back when it stops.
class Parser {
public:
    explicit Parser(std::string_view text) : whole_(trim(text)), rest_(whole_) {}

    std::expected<Threshold, std::string> parse() {
        if (!read_figure() || !read_name() || !read_comparison() || !read_limit()) {
            return std::unexpected(concat({"goal '", whole_, "': ", wrong_}));
        }
        return threshold_;
    }

private:
    bool fail(std::initializer_list<std::string_view> parts) {
        wrong_ = concat(parts);
        return false;
    }

    bool read_figure() {
        const auto end = std::min(rest_.find_first_of("{<>="), rest_.size());
        const std::string_view word = trim(rest_.substr(0, end));
        rest_.remove_prefix(end);
        if (word.empty()) {
            return fail({"begins with no figure; it is ", figures, ", as in p99<50ms"});
        }
        for (const Word& each : words) {
            if (word == each.name) {
                threshold_.figure = each.figure;
                return true;
            }
        }
        std::string_view digits = word.substr(1);
        if (word.front() != 'p' || digits.empty()) {
            return fail({"there is no figure '", word, "'; it is ", figures});
        }
        const auto percent = number_at_front(digits);
        if (!percent || !digits.empty() || *percent <= 0 || *percent > 100) {
            return fail(
                {"a quantile is p and a number above 0 and up to 100, as p99.9; this is '", word, "'"});
        }
        threshold_.quantile = hundredth(*percent);
        return true;
    }

    bool read_name() {
        if (!rest_.starts_with('{')) {
            return true;
        }
        // names may be route patterns, so that braces within them come in pairs
        std::size_t depth = 0;
        for (std::size_t i = 0; i < rest_.size(); ++i) {
            depth += rest_[i] == '{' ? 1 : 0;
            depth -= rest_[i] == '}' ? 1 : 0;
            if (depth == 0) {
                threshold_.name = trim(rest_.substr(1, i - 1));
                rest_.remove_prefix(i + 1);
                return !threshold_.name.empty() ||
                       fail({"{} names no requests; leave it out to judge all of them"});
            }
        }
        return fail({"the name after { has no } at its end"});
    }

    bool read_comparison() {
        rest_ = trim(rest_);
        const bool below = rest_.starts_with('<');
        if (!below && !rest_.starts_with('>')) {
            return fail({"after the figure comes ", expected_comparison(), ", then the limit, as in ",
                         example(), rest_.empty() ? std::string() : concat({"; this is '", rest_, "'"})});
        }
        if (below != threshold_.is_upper()) {
            return fail(
                {threshold_.is_upper() ? "it is to stay below its limit" : "it is to stay above its limit",
                 ": write ", example()});
        }
        rest_.remove_prefix(1);
        threshold_.or_equal = rest_.starts_with('=');
        rest_.remove_prefix(threshold_.or_equal ? 1 : 0);
        rest_ = trim(rest_);
        return true;
    }

    bool read_limit() {
        const std::string_view written = rest_;
        const auto value = number_at_front(rest_);
        if (!value) {
            return fail({"the limit is a number, as in ", example(), "; this is '", written, "'"});
        }
        return threshold_.is_latency()            ? take_duration(*value)
               : threshold_.figure == Figure::rps ? take_rate(*value)
                                                  : take_share(*value);
    }

    bool take_duration(double value) {
        constexpr double most = 86'400e9;
        for (const Unit& unit : units) {
            if (rest_ == unit.name) {
                threshold_.limit = value * unit.nanoseconds;
                return (value > 0 && threshold_.limit <= most) ||
                       fail({"a latency is above 0 and at most 86400s"});
            }
        }
        return fail({"a latency has a unit, us, ms or s, as in ", example(),
                     rest_.empty() ? std::string() : concat({"; this is '", rest_, "'"})});
    }

    bool take_rate(double value) {
        constexpr double most = 1e9;
        threshold_.limit = value;
        if (!rest_.empty() && rest_ != "/s") {
            return fail(
                {"rps is a number of requests a second, as in rps>1000; '", rest_, "' is no unit of it"});
        }
        return value <= most || fail({"no more than 1000000000 requests a second are asked for"});
    }

    bool take_share(double value) {
        const bool percent = rest_ == "%";
        if (!percent && !rest_.empty()) {
            return fail({"a share is a percentage or a number from 0 to 1, as in ", example(), "; '", rest_,
                         "' is no unit of it"});
        }
        threshold_.limit = percent ? hundredth(value) : value;
        return threshold_.limit <= 1 ||
               fail({"a share is at most 100%", percent ? "" : ": write the % behind a percentage"});
    }

    std::string_view expected_comparison() const { return threshold_.is_upper() ? "< or <=" : "> or >="; }
    std::string example() const {
        return concat({figure_text(threshold_), threshold_.is_latency()                   ? "<50ms"
                                                : threshold_.figure == Figure::error_rate ? "<1%"
                                                : threshold_.figure == Figure::checks     ? ">99%"
                                                                                          : ">1000"});
    }

    const std::string_view whole_;
    std::string_view rest_;
    Threshold threshold_;
    std::string wrong_;
};

}  // namespace

bool Threshold::holds(double measured) const noexcept {
    if (or_equal && measured == limit) {
        return true;
    }
    return is_upper() ? measured < limit : measured > limit;
}

std::string Threshold::text() const {
    return concat({figure_text(*this), is_upper() ? "<" : ">", or_equal ? "=" : "", limit_text(*this)});
}

std::expected<Threshold, std::string> parse_threshold(std::string_view text) { return Parser(text).parse(); }

std::vector<Threshold> default_thresholds(const Goals& goals, const std::vector<NamedGoal>& routes) {
    std::vector<Threshold> all;
    const auto add = [&](std::chrono::nanoseconds limit, double share, const std::string& name) {
        const Threshold latency{.quantile = share,
                                .name = name,
                                .or_equal = true,
                                .limit = static_cast<double>(limit.count()),
                                .may_be_idle = !name.empty()};
        all.push_back(latency);
        all.push_back({.figure = Figure::error_rate,
                       .name = name,
                       .or_equal = true,
                       .limit = 1 - share,
                       .may_be_idle = !name.empty()});
    };
    add(goals.api, goals.share, {});
    for (const auto& [name, own] : routes) {
        add(own.limit.count() == 0 ? goals.api : own.limit, own.share == 0 ? goals.share : own.share, name);
    }
    all.push_back({.figure = Figure::checks, .or_equal = true, .limit = goals.share, .may_be_idle = true});
    return all;
}

std::string figure_text(const Threshold& threshold) {
    std::string text;
    if (threshold.figure == Figure::quantile) {
        text = concat({"p", plain(std::round(threshold.quantile * 1e10) / 1e8)});
    } else {
        text = std::ranges::find(words, threshold.figure, &Word::figure)->name;
    }
    return threshold.name.empty() ? text : concat({text, "{", threshold.name, "}"});
}

std::string value_text(const Threshold& threshold, double value) {
    if (threshold.is_latency()) {
        return duration_text(std::chrono::nanoseconds(static_cast<std::int64_t>(value)));
    }
    if (threshold.figure == Figure::rps) {
        return concat({rate_text(value), "/s"});
    }
    return percent_text(value, 2);
}

}  // namespace brio::load
