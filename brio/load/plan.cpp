#include <brio/load/plan.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace brio::load {
namespace {

using std::chrono::nanoseconds;

double seconds_of(nanoseconds time) noexcept { return std::chrono::duration<double>(time).count(); }

// A number at the front of `text`, which is taken away.
std::optional<double> take_number(std::string_view& text) {
    double value = 0;
    auto const read =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (read.ec != std::errc() || !std::isfinite(value) || value < 0) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    return value;
}

double unit_ns(std::string_view unit) noexcept {
    return unit == "ms"                  ? 1e6
           : unit == "s" || unit.empty() ? 1e9
           : unit == "m"                 ? 60e9
           : unit == "h"                 ? 3600e9
                                         : 0;
}

std::string_view take_unit(std::string_view& text) {
    auto const end = std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz"), text.size());
    auto const unit = text.substr(0, end);
    text.remove_prefix(end);
    return unit;
}

std::expected<Stage, std::string> parse_stage(std::string_view text, double before) {
    auto const wrong = [text] {
        return std::unexpected("\"" + std::string(text) +
                               "\" is no stage: write a level and a time, as 100@30s, or from..to@time");
    };
    auto const at = text.find('@');
    if (at == std::string_view::npos) {
        return wrong();
    }
    auto levels = text.substr(0, at);
    Stage stage{.from = before};
    auto const dots = levels.find("..");
    if (dots == std::string_view::npos) {
        auto const level = take_number(levels);
        if (!level || !levels.empty()) {
            return wrong();
        }
        stage.from = stage.to = *level;
    } else {
        auto from = levels.substr(0, dots);
        auto to = levels.substr(dots + 2);
        if (!from.empty()) {
            auto const level = take_number(from);
            if (!level || !from.empty()) {
                return wrong();
            }
            stage.from = *level;
        }
        auto const level = take_number(to);
        if (!level || !to.empty()) {
            return wrong();
        }
        stage.to = *level;
    }
    auto const duration = parse_duration(text.substr(at + 1));
    if (!duration) {
        return std::unexpected(duration.error());
    }
    stage.duration = *duration;
    return stage;
}

}  // namespace

std::string_view words_of(Model model) noexcept {
    switch (model) {
        case Model::closed: return "closed";
        case Model::open: return "open";
        case Model::poisson: return "poisson";
    }
    return "unknown";
}

std::string_view Plan::shown_target() const noexcept {
    return std::string_view(target).substr(0, target.find('?'));
}

nanoseconds Plan::duration() const noexcept {
    nanoseconds all{};
    for (auto const& stage : stages) {
        all += stage.duration;
    }
    return all;
}

double Plan::level_at(nanoseconds at) const noexcept {
    if (stages.empty()) {
        return 0;
    }
    if (at < nanoseconds::zero()) {
        return stages.front().from;
    }
    for (auto const& stage : stages) {
        if (at < stage.duration) {
            return stage.from + (stage.to - stage.from) * (seconds_of(at) / seconds_of(stage.duration));
        }
        at -= stage.duration;
    }
    return stages.back().to;
}

double Plan::highest_level() const noexcept {
    double highest = 0;
    for (auto const& stage : stages) {
        highest = std::max({highest, stage.from, stage.to});
    }
    return highest;
}

double Plan::arrivals_until(nanoseconds at) const noexcept {
    if (stages.empty()) {
        return 0;
    }
    if (at < nanoseconds::zero()) {
        return stages.front().from * seconds_of(at);  // the warm-up's, counted backwards
    }
    double sum = 0;
    for (auto const& stage : stages) {
        auto const part = std::min(at, stage.duration);
        auto const share = stage.duration.count() == 0 ? 0 : seconds_of(part) / seconds_of(stage.duration);
        sum += seconds_of(part) * (stage.from + (stage.to - stage.from) * share / 2);
        at -= part;
    }
    return sum;
}

std::expected<nanoseconds, std::string> parse_duration(std::string_view text) {
    auto rest = text;
    double sum = 0;
    auto wrong = text.empty();
    for (bool first = true; !rest.empty() && !wrong; first = false) {
        auto const number = take_number(rest);
        auto const unit = take_unit(rest);
        wrong = !number || unit_ns(unit) == 0 || (unit.empty() && !(first && rest.empty()));
        sum += number.value_or(0) * unit_ns(unit);
    }
    if (wrong || sum > 1e18) {
        return std::unexpected("\"" + std::string(text) +
                               "\" is no time: write a number and ms, s, m or h, as 90s or 1m30s");
    }
    return nanoseconds(std::llround(sum));
}

std::expected<std::vector<Stage>, std::string> parse_stages(std::string_view text) {
    std::vector<Stage> stages;
    for (auto rest = text;;) {
        auto const comma = rest.find(',');
        auto stage = parse_stage(rest.substr(0, comma), stages.empty() ? 0 : stages.back().to);
        if (!stage) {
            return std::unexpected(std::move(stage.error()));
        }
        stages.push_back(*stage);
        if (comma == std::string_view::npos) {
            return stages;
        }
        rest.remove_prefix(comma + 1);
    }
}

std::string fault_of(const Plan& plan) {
    if (plan.stages.empty() || plan.duration() <= nanoseconds::zero()) {
        return "the run has no duration: ask for at least one stage that lasts";
    }
    if (plan.highest_level() <= 0 || (!plan.is_open() && plan.highest_level() < 1)) {
        return "there is no load: ask for at least one user, or a rate above 0";
    }
    if (!plan.is_open() && plan.highest_level() > 1e6) {
        return "more than 1,000,000 users are more than one generator carries";
    }
    if (plan.is_open() && plan.highest_level() > 1e7) {
        return "more than 10,000,000 arrivals a second are more than one generator carries";
    }
    if (plan.connections == 0 || plan.threads == 0 || plan.users == 0) {
        return "connections, threads and users are at least 1";
    }
    if (plan.threads > plan.connections) {
        return "there are more threads than connections: each thread needs one";
    }
    if (plan.timeout <= nanoseconds::zero()) {
        return "the time-out of a request is more than 0";
    }
    return {};
}

}  // namespace brio::load
