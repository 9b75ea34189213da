#include <brio/load/arrivals.hpp>

#include <cmath>

namespace brio::load {

using Seconds = std::chrono::duration<double>;

Arrivals::Arrivals(const Plan& plan, Thread thread)
    : plan_(plan),
      random_(plan.seed * 0x9e3779b97f4a7c15U + thread.number + 1),
      step_(static_cast<double>(thread.of)),
      arrival_(plan.arrivals_until(-plan.warm_up)) {
    if (plan.model == Model::open) {
        // The first of all is one gap after the begin; whole counts stay whole over the warm-up's end.
        arrival_ = std::floor(arrival_) + static_cast<double>(thread.number) + 1 - step_;
    }
}

std::optional<std::chrono::nanoseconds> Arrivals::next() {
    arrival_ += plan_.model == Model::poisson ? -std::log1p(-random_.uniform()) * step_ : step_;
    auto const at = time_of(arrival_);
    if (!at) {
        return std::nullopt;
    }
    return std::chrono::duration_cast<std::chrono::nanoseconds>(Seconds(*at));
}

// Where the integral of the level reaches `arrival`: within a stage, a quadratic equation.
std::optional<double> Arrivals::time_of(double arrival) const {
    if (arrival < 0) {
        return arrival / plan_.stages.front().from;
    }
    double began = 0;
    for (auto const& stage : plan_.stages) {
        auto const lasts = Seconds(stage.duration).count();
        auto const of_stage = lasts * (stage.from + stage.to) / 2;
        if (arrival < of_stage) {
            // from * t + slope / 2 * t^2 = arrival, in the form that is stable for a slope of 0
            auto const slope = (stage.to - stage.from) / lasts;
            auto const root = std::sqrt(std::max(0.0, stage.from * stage.from + 2 * slope * arrival));
            auto const speed = stage.from + root;
            return began + (speed > 0 ? 2 * arrival / speed : 0);  // 0: at the foot of a ramp
        }
        arrival -= of_stage;
        began += lasts;
    }
    return std::nullopt;
}

}  // namespace brio::load
