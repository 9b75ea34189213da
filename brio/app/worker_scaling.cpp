#include <brio/app/worker_scaling.hpp>

#include <cmath>
#include <utility>
#include <vector>

#include <brio/base/log.hpp>

namespace brio::app {

namespace {

constexpr std::chrono::minutes said_again_after{10};

std::int64_t milliseconds(std::chrono::nanoseconds time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}
int percent(double part, double whole) {
    return whole > 0 ? static_cast<int>(std::lround(100 * part / whole)) : 0;
}

}  // namespace

WorkerScaling::WorkerScaling(WorkerBounds bounds, std::chrono::nanoseconds goal, WorkerBoard* board,
                             WorkerSlots& slots)
    : bounds_(bounds),
      board_(board),
      slots_(slots),
      scale_({.least = bounds.least, .most = bounds.most, .goal = goal}) {
    if (board_ != nullptr) {
        board_->wanted = board_->least = bounds.least;
        board_->most = bounds.most;
    }
}

std::optional<std::chrono::nanoseconds> WorkerScaling::wake_at() const noexcept {
    return bounds_.least < bounds_.most ? std::optional(next_) : std::nullopt;
}

void WorkerScaling::tick(std::chrono::nanoseconds now) {
    if (bounds_.least >= bounds_.most || now < next_) {
        return;
    }
    next_ = now + looks_every;
    if (!std::exchange(has_begun_, true)) {
        scale_.begin(slots_.wanted());  // more than the least, where another supervisor was before
        board_->wanted = scale_.wanted();
    }
    std::vector<WorkerReport> reports;
    for (auto const& each : slots_.present()) {
        auto const report = board_->cells[each.place].read();
        if (report.pid == each.pid) {
            reports.push_back(report);
        }
    }
    auto const before = scale_.wanted();
    auto const wanted = scale_.decide(now, reports);
    if (wanted == before) {
        say_what_hinders(now);
        return;
    }
    say(before, wanted);
    board_->wanted = wanted;
    ++(wanted > before ? board_->grown : board_->shrunk);
    slots_.want(wanted, now);
}

void WorkerScaling::say(std::size_t from, std::size_t to) const {
    auto const& found = scale_.found();
    log_info(
        to > from ? "more worker processes: tasks wait for long, and those there are can take no more"
                  : "fewer worker processes: the others can do what is done",
        {{"from", from},
         {"to", to},
         {"wait_ms", milliseconds(found.wait)},
         {"ready", found.ready},
         {"slots_taken_percent", percent(static_cast<double>(found.taken), static_cast<double>(found.most))},
         {"processor_percent", percent(found.cores_used, found.cores)},
         {"free_cores_percent", percent(found.free_cores, 1)}});
}

// Once, and again while it lasts.
void WorkerScaling::say_what_hinders(std::chrono::nanoseconds now) {
    auto const hindrance = scale_.hindrance();
    if (hindrance.empty() || hindrance == "the present ones can take more") {
        return;
    }
    if (hindrance != said_ || now - said_at_ >= said_again_after) {
        said_ = hindrance;
        said_at_ = now;
        log_warning("tasks wait for long, and there are no more worker processes for them",
                    {{"why", hindrance},
                     {"processes", scale_.wanted()},
                     {"wait_ms", milliseconds(scale_.found().wait)},
                     {"ready", scale_.found().ready}});
    }
}

}  // namespace brio::app
