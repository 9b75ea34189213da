#include <brio/tasks/autoscale.hpp>

#include <algorithm>
#include <utility>

namespace brio::tasks {

namespace {

constexpr double weight_of_new = 0.3;  // of the last look's rate in the smoothed one

}  // namespace

// The oldest has waited so long already; the youngest will wait until all before it are begun, at the rate of
// all workers together, of which this one knows its own and its part of what runs.
void Autoscale::estimate(const Look& look) noexcept {
    const auto seconds = std::chrono::duration<double>(look.now - last_).count();
    if (has_looked_ && seconds > 0) {
        const auto rate = static_cast<double>(look.begun - begun_) / seconds;
        begun_per_second_ += (rate - begun_per_second_) * weight_of_new;
    }
    begun_ = look.begun;
    last_ = look.now;
    wait_ = look.oldest;
    if (look.ready > 0 && look.taken > 0 && begun_per_second_ > 0) {
        const auto part = static_cast<double>(look.taken) /
                          static_cast<double>(std::max<std::uint64_t>(look.running, look.taken));
        const auto until_begun = static_cast<double>(look.ready) * part / begun_per_second_;
        constexpr double longest = 1e6;  // seconds; more is of no interest, and does not fit
        wait_ = std::max(wait_, std::chrono::duration_cast<std::chrono::nanoseconds>(
                                    std::chrono::duration<double>(std::min(until_begun, longest))));
    }
}

std::size_t Autoscale::decide(const Look& look) noexcept {
    estimate(look);
    if (!std::exchange(has_looked_, true)) {
        since_ = look.now;
    }
    peak_ = std::max(peak_, look.taken);
    const auto waits_too_long = wait_ > options_.goal;
    if (waits_too_long && look.taken + options_.kept >= slots_ && look.processor_share < options_.busy) {
        slots_ = std::min(options_.most, slots_ * 2);
    }
    if (waits_too_long) {
        since_ = look.now;
        peak_ = 0;
    } else if (look.now - since_ >= options_.idle) {
        slots_ = std::max({options_.least, slots_ / 2, std::min(peak_, slots_)});
        since_ = look.now;
        peak_ = 0;
    }
    return slots_;
}

}  // namespace brio::tasks
