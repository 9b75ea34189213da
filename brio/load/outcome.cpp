#include <brio/load/outcome.hpp>

#include <cmath>
#include <string>

namespace brio::load {
namespace {

std::string whole(double value) { return std::to_string(std::llround(value)); }

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
    }
    auto const late = std::chrono::nanoseconds(found.late_p99_ns) > late_limit;
    auto const short_of = found.asked > 0 && found.achieved < found.asked * achieved_limit;
    if (outcome.record.dropped > 0 && short_of) {
        found.why = std::to_string(outcome.record.dropped) +
                    " arrivals found no free user: the server holds too many of " +
                    std::to_string(outcome.plan.users) + " (--most-users allows more)";
    } else if (short_of) {
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
