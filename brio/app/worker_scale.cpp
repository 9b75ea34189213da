#include <brio/app/worker_scale.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace brio::app {

WorkerScale::WorkerScale(const WorkerScaleOptions& options)
    : options_(options),
      wanted_(options.least),
      calm_(options.calm) {}

void WorkerScale::begin(std::size_t count) noexcept {
    wanted_ = std::clamp(count, options_.least, std::max(options_.least, options_.most));
}

bool WorkerScale::is_full(const WorkerReport& report) const noexcept {
    const bool all_taken = report.taken + report.kept >= report.slots;
    return all_taken && (report.slots >= report.most || report.cores_used >= options_.busy * report.cores);
}

void WorkerScale::look(std::chrono::nanoseconds now, std::span<const WorkerReport> reports) {
    found_ = {.are_full = true};
    for (const WorkerReport& each : reports) {
        if (now - each.at > options_.silent) {
            continue;
        }
        found_.wait = std::max(found_.wait, each.wait);
        found_.ready = std::max(found_.ready, each.ready);
        found_.taken += each.taken;
        found_.most += each.most;
        found_.cores_used += each.cores_used;
        found_.cores += each.cores;
        found_.free_cores =
            found_.heard == 0 ? each.free_cores : std::min(found_.free_cores, each.free_cores);
        found_.are_full = found_.are_full && is_full(each);
        ++found_.heard;
    }
}

// Where the processor is what they lack, no more than what is left of it feeds.
std::size_t WorkerScale::grown() const noexcept {
    auto more = std::max<std::size_t>(1, wanted_ / 2);
    const auto each = found_.cores_used / static_cast<double>(found_.heard);
    if (each >= options_.busy * found_.cores / static_cast<double>(found_.heard)) {
        more = std::clamp<std::size_t>(static_cast<std::size_t>(found_.free_cores / each), 1, more);
    }
    return std::min(options_.most, wanted_ + more);
}

bool WorkerScale::has_processor() const noexcept {
    return found_.free_cores >= options_.free_cores ||
           found_.cores_used <= options_.few_cores * static_cast<double>(found_.heard);
}

bool WorkerScale::would_do(std::size_t count) const noexcept {
    const auto share = static_cast<double>(count) / static_cast<double>(found_.heard);
    return found_.wait <= options_.goal / 2 &&
           static_cast<double>(found_.taken) <=
               share * options_.slots_used * static_cast<double>(found_.most) &&
           found_.cores_used <= share * options_.cores_used * found_.cores;
}

void WorkerScale::change(std::size_t wanted, std::chrono::nanoseconds now) {
    if (wanted > wanted_ && has_shrunk_ && now - shrunk_ < 2 * calm_) {
        calm_ = std::min(2 * calm_, options_.longest_calm);
    }
    if (wanted < wanted_) {
        shrunk_ = now;
        has_shrunk_ = true;
    }
    changed_ = eased_ = now;
    has_changed_ = true;
    wanted_ = wanted;
}

std::size_t WorkerScale::decide(std::chrono::nanoseconds now, std::span<const WorkerReport> reports) {
    look(now, reports);
    hindrance_ = {};
    if (well_at_.count() < 0) {
        well_at_ = calm_since_ = now;
    }
    if (found_.heard == 0) {  // nothing is known: what was seen before does not count on
        well_at_ = calm_since_ = now;
        return wanted_;
    }
    const bool waits_too_long = found_.wait > options_.goal;
    if (!waits_too_long) {
        well_at_ = now;
    }
    const bool is_whole = found_.heard >= wanted_;
    if (wanted_ <= options_.least || !is_whole || !would_do(wanted_ - 1)) {
        calm_since_ = now;
    }
    const bool is_settled = !has_changed_ || now - changed_ >= options_.settle;
    if (waits_too_long && now - well_at_ >= options_.patience) {
        hindrance_ = !found_.are_full           ? "the present ones can take more"
                     : wanted_ >= options_.most ? "the most there may be"
                     : !has_processor()         ? "no processor left"
                                                : "";
        if (hindrance_.empty() && is_settled) {
            change(grown(), now);
        }
    } else if (is_settled && now - calm_since_ >= calm_) {
        change(wanted_ - 1, now);
        // The next one soon, if it is as calm as before.
        calm_since_ = now - std::max(calm_ - options_.next, std::chrono::nanoseconds(0));
    } else if (now - eased_ >= 6 * options_.longest_calm) {
        calm_ = std::max(calm_ / 2, options_.calm);
        eased_ = now;
    }
    return wanted_;
}

}  // namespace brio::app
