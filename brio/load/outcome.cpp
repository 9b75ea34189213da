#include <brio/load/outcome.hpp>

#include <cmath>
#include <string>

namespace brio::load {
namespace {

std::string whole(double value) { return std::to_string(std::llround(value)); }

/// One arrival may fall on the end; at random moments come more or fewer than on average (three deviations of
/// a Poisson process).
bool is_short_of(Model model, double asked, double begun) noexcept {
    auto const chance = 1 + (model == Model::poisson ? 3 * std::sqrt(asked) : 0);
    return begun + chance < asked * achieved_limit;
}

}  // namespace

double Outcome::requests_per_second() const noexcept {
    auto const seconds = std::chrono::duration<double>(counted).count();
    return seconds > 0 ? static_cast<double>(record.total().answers) / seconds : 0;
}

Saturation saturation_of(const Outcome& outcome) {
    auto const seconds = std::chrono::duration<double>(outcome.counted).count();
    Saturation found{.late_p99_ns = outcome.record.lateness().quantile(0.99)};
    if (outcome.plan.is_open() && seconds > 0) {
        auto const until = std::chrono::duration_cast<std::chrono::nanoseconds>(outcome.counted);
        found.asked = outcome.plan.arrivals_until(until) / seconds;
        found.achieved = static_cast<double>(outcome.record.started) / seconds;
        found.is_short = is_short_of(outcome.plan.model, found.asked * seconds,
                                     static_cast<double>(outcome.record.started));
    }
    auto const late = std::chrono::nanoseconds(found.late_p99_ns) > late_limit;
    auto const dropped = static_cast<double>(outcome.record.dropped);
    auto const drops = dropped > (1 - achieved_limit) * found.asked * seconds;
    if (drops || (dropped > 0 && found.is_short)) {
        found.why = std::to_string(outcome.record.dropped) +
                    " arrivals found no free user: the server holds too many of " +
                    std::to_string(outcome.plan.users) + " (--most-users allows more)";
    } else if (found.is_short) {
        found.why = "only " + whole(found.achieved) + " of the " + whole(found.asked) +
                    " arrivals a second that were asked for were begun";
    } else if (late) {
        found.why = "one request in 100 was begun " + whole(static_cast<double>(found.late_p99_ns) / 1e6) +
                    " ms or more behind its plan";
    } else if (outcome.cpu.busiest_thread >= busy_limit) {
        found.why = "a thread of the generator had no CPU to spare: what is shown may be its limit";
    }
    found.is_saturated = !found.why.empty();
    return found;
}

}  // namespace brio::load
