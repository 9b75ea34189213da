#include <brio/load/web_control.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

#include <brio/base/text.hpp>

namespace brio::load {

using std::chrono::nanoseconds;

namespace {

nanoseconds time_of(double seconds) noexcept {
    return nanoseconds(std::llround(std::min(seconds, WebControl::most_seconds) * 1e9));
}

std::string fault_of(const WebOrder& order, bool is_open) {
    const auto between = [](double value, double least, double most) {
        return value >= least && value <= most;
    };
    if (!between(order.level, is_open ? 0.01 : 1, WebControl::most_level)) {
        return is_open ? "level: the rate is 0.01 to 1,000,000 a second" : "level: users are 1 to 1,000,000";
    }
    if (!between(order.rise_s, 0, WebControl::most_seconds)) {
        return "rise_s: the time to get there is 0 s to 7 days";
    }
    if (!between(order.for_s, 0, WebControl::most_seconds)) {
        return "for_s: a run lasts up to 7 days; 0 is until it is stopped";
    }
    return {};
}

}  // namespace

WebControl::WebControl(const Plan& plan) : is_open_(plan.is_open()) {
    view_.order = {.level = plan.highest_level(),
                   .for_s = std::chrono::duration<double>(plan.duration()).count()};
}

std::expected<void, std::string> WebControl::order(const WebOrder& order) {
    if (auto fault = fault_of(order, is_open_); !fault.empty()) {
        return std::unexpected(std::move(fault));
    }
    const std::scoped_lock lock(mutex_);
    if (view_.state == WebState::stopping || waiting_) {
        return std::unexpected("a run is about to end or to begin: ask again in a moment");
    }
    if (view_.state != WebState::running) {
        waiting_ = order;
        rise_ = {.from = 0, .to = order.level, .begin = {}, .lasts = time_of(order.rise_s)};
    } else if (is_open_) {
        return std::unexpected("a rate stands for a whole run: stop it, and start another");
    } else if (order.for_s != view_.order.for_s) {
        return std::unexpected("for_s: how long a run lasts is said at its begin");
    } else {
        rise_ = {.from = level_of(at_), .to = order.level, .begin = at_, .lasts = time_of(order.rise_s)};
    }
    view_.order = order;
    return {};
}

void WebControl::stop() {
    const std::scoped_lock lock(mutex_);
    waiting_.reset();
    if (view_.state == WebState::running) {
        view_.state = WebState::stopping;
    }
}

WebView WebControl::view() const {
    const std::scoped_lock lock(mutex_);
    return view_;
}

std::optional<WebOrder> WebControl::take() {
    const std::scoped_lock lock(mutex_);
    if (!waiting_) {
        return std::nullopt;
    }
    at_ = {};
    const WebOrder order = *std::exchange(waiting_, std::nullopt);
    view_ = {.state = WebState::running, .order = order, .report = {}, .problem = {}};
    return order;
}

bool WebControl::is_to_stop() const {
    const std::scoped_lock lock(mutex_);
    return view_.state == WebState::stopping;
}

double WebControl::level_at(Time at) {
    const std::scoped_lock lock(mutex_);
    at_ = at;
    return level_of(at);
}

double WebControl::level_of(Time at) const noexcept {
    if (at >= rise_.begin + rise_.lasts || rise_.lasts <= Time(0)) {
        return rise_.to;
    }
    const double done = std::max(0.0, std::chrono::duration<double>(at - rise_.begin) / rise_.lasts);
    return std::max(1.0, rise_.from + (rise_.to - rise_.from) * done);
}

void WebControl::told(WebView now) {
    const std::scoped_lock lock(mutex_);
    now.state = view_.state;
    now.order = view_.order;
    view_ = std::move(now);
}

void WebControl::ended(Report report) {
    const std::scoped_lock lock(mutex_);
    view_ = {.state = WebState::over,
             .order = view_.order,
             .report = std::make_shared<const Report>(std::move(report)),
             .problem = {}};
}

void WebControl::failed(std::string problem) {
    const std::scoped_lock lock(mutex_);
    view_ = {.state = WebState::failed, .order = view_.order, .report = {}, .problem = std::move(problem)};
}

Plan WebControl::plan_of(const Plan& typed, const WebOrder& order) {
    Plan plan = typed;
    const auto whole = order.for_s > 0 ? time_of(order.for_s) : time_of(most_seconds);
    const auto rise = std::min(time_of(order.rise_s), whole);
    plan.warm_up = {};
    plan.stages.clear();
    if (rise > nanoseconds(0)) {
        const double reached = order.level * (std::chrono::duration<double>(rise) / time_of(order.rise_s));
        plan.stages.push_back({.duration = rise, .from = 0, .to = reached});
    }
    if (whole > rise) {
        plan.stages.push_back({.duration = whole - rise, .from = order.level, .to = order.level});
    }
    return plan;
}

}  // namespace brio::load
