#include <brio/watch/wanted.hpp>

#include <algorithm>
#include <cmath>

#include <brio/base/text.hpp>

namespace brio::watch {

namespace {

constexpr double filled_goal = 0.8;
constexpr double little_shed = 0.01;  // of what was asked for
constexpr double full_slots = 0.8;
constexpr double full_processor = 90;  // percent, of a worker

std::string percent_text(double percent) {
    const auto known = std::isfinite(percent) ? std::clamp(percent, 0.0, 1e6) : 0.0;
    return concat({integer_text(static_cast<std::uint64_t>(std::lround(known))), " %"});
}
std::string seconds_text(std::chrono::nanoseconds time) {
    const auto seconds = std::chrono::duration<double>(time).count();
    const auto tenths = static_cast<std::uint64_t>(std::lround(std::clamp(seconds, 0.0, 1e9) * 10));
    return tenths >= 100 || tenths % 10 == 0
               ? concat({integer_text((tenths + 5) / 10), " s"})
               : concat({integer_text(tenths / 10), ".", integer_text(tenths % 10), " s"});
}

/// One reason to have as many, as a multiple of what there are.
struct Reason {
    double times = 0;
    std::string words;
};

Need need_of(Reason reason, std::size_t has) {
    const auto there = static_cast<double>(std::max<std::size_t>(1, has));
    auto times = std::isfinite(reason.times) ? std::clamp(reason.times, 0.0, most_growth) : 0;
    if (std::abs(times - 1) <= need_tolerance) {
        times = 1;
    }
    const auto count = static_cast<std::size_t>(std::ceil(there * times - 1e-9));
    return {.count = std::max<std::size_t>(1, count), .words = std::move(reason.words)};
}

}  // namespace

Need servers_needed(std::span<const ServerLoad> servers, const Goals& goals) {
    double used = 0;
    double cores = 0;
    double filled = 0;
    double done = 0;
    double shed = 0;
    for (const ServerLoad& each : servers) {
        used += each.cpu_percent * each.cores;
        cores += each.cores;
        filled += each.filled / static_cast<double>(servers.size());
        done += each.per_second;
        shed += each.shed_per_second;
    }
    const auto percent = cores > 0 ? used / cores : 0;
    const auto goal = std::max(1.0, static_cast<double>(goals.cpu_percent));
    Reason most{percent / goal,
                concat({"the processor is at ", percent_text(percent), " of ", percent_text(goal)})};
    if (filled / filled_goal > most.times) {
        most = {filled / filled_goal, concat({"requests under way take ", percent_text(100 * filled), " of ",
                                              percent_text(100 * filled_goal), " of their limit"})};
    }
    const auto asked = done + shed;
    if (asked > 0 && shed / asked > little_shed) {
        const auto times = done > 0 ? asked / done : most_growth;
        if (times > most.times) {
            most = {std::max(times, 1 + 2 * need_tolerance),
                    concat({percent_text(100 * shed / asked), " of the requests are refused"})};
        }
    }
    return need_of(std::move(most), servers.size());
}

Need workers_needed(std::span<const WorkerLoad> workers, const Waiting& waiting, const Goals& goals) {
    if (workers.empty()) {
        return {.count = 1,
                .words = waiting.ready == 0
                             ? "there is none, and nothing waits"
                             : concat({"there is none, and ", integer_text(waiting.ready), " tasks wait"})};
    }
    std::uint64_t running = 0;
    std::uint64_t slots = 0;
    double percent = 0;
    double per_second = 0;
    for (const WorkerLoad& each : workers) {
        running += each.running;
        slots += each.slots;
        percent += each.cpu_percent / static_cast<double>(workers.size());
        per_second += each.per_second;
    }
    const auto taken = slots > 0 ? static_cast<double>(running) / static_cast<double>(slots) : 0;
    // What keeps them busy is a reason to keep them, the wait one for more, if they are busy.
    Reason reason = {std::min(1.0, taken / full_slots),
                     concat({integer_text(running), " of ", integer_text(slots), " slots are taken"})};
    if (percent / full_processor > reason.times + 0.1) {  // by so little it is not worth saying
        reason = {std::min(1.0, percent / full_processor),
                  concat({"the processor is at ", percent_text(percent)})};
    }
    const double goal = std::chrono::duration<double>(goals.task).count();
    double wait = std::chrono::duration<double>(waiting.oldest).count();
    if (waiting.ready > 0 && per_second > 0) {
        wait = std::max(wait, static_cast<double>(waiting.ready) / per_second);
    }
    if (waiting.ready > 0 && goal > 0 && wait > goal && (taken >= full_slots || percent >= full_processor)) {
        const auto time = std::chrono::nanoseconds(static_cast<std::int64_t>(std::min(wait, 1e9) * 1e9));
        reason = {std::max(wait / goal, 1 + 2 * need_tolerance),
                  concat({"tasks wait for ", seconds_text(time), " of ", seconds_text(goals.task)})};
    }
    return need_of(std::move(reason), workers.size());
}

std::size_t Wanted::look(std::chrono::nanoseconds now, std::size_t has, std::size_t needed) {
    if (since_.count() < 0) {
        since_ = now;
        count_ = std::max<std::size_t>(1, has);
    }
    if (now - since_ < calm) {
        count_ = std::max(count_, has);
    }
    looks_.push_back({now, std::max<std::size_t>(1, needed)});
    while (looks_.size() > most_looks || now - looks_.front().at > calm) {
        looks_.pop_front();
    }
    std::size_t asked = looks_.back().needed;  // by the last looks, each
    for (std::size_t i = 0; i < std::min(looks_to_grow, looks_.size()); ++i) {
        asked = std::min(asked, looks_[looks_.size() - 1 - i].needed);
    }
    if (looks_.size() >= looks_to_grow && asked > count_) {
        count_ = asked;
    } else if (now - since_ >= calm) {
        const auto most = std::ranges::max(looks_, {}, &Look::needed).needed;
        count_ = std::min(count_, most);
    }
    return count_;
}

NeedNow describe_need(std::string what, const Need& need, std::size_t wanted, std::size_t has) {
    auto words = concat({"needs ", integer_text(need.count), ": ", need.words});
    if (need.count != wanted) {
        words += concat({" (asked for: ", integer_text(wanted), ", until that has lasted"});
        words +=
            need.count < wanted ? concat({" for ", integer_text(Wanted::calm.count()), " minutes)"}) : ")";
    }
    return {.what = std::move(what),
            .wanted = wanted,
            .needed = need.count,
            .has = has,
            .words = std::move(words)};
}

}  // namespace brio::watch
