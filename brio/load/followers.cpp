#include <brio/load/followers.hpp>

#include <algorithm>
#include <utility>

#include <brio/base/text.hpp>

namespace brio::load::follow {

Followers::Followers(std::vector<std::string> names) {
    for (std::string& name : names) {
        followers_.push_back({.name = std::move(name)});
    }
}

void Followers::counted(std::size_t number, Counted counted) {
    Follower& follower = followers_[number];
    if (follower.is_over) {
        return;
    }
    ++follower.seconds;
    follower.at = counted.at;
    follower.users = counted.users;
    follower.most_users = std::max(follower.most_users, counted.users);
    follower.record.merge(counted.record);
    since_last_.merge_beside(counted.record);
}

void Followers::ended(std::size_t number, Ended ended) {
    Follower& follower = followers_[number];
    if (follower.is_over) {
        return;
    }
    follower.is_over = true;
    if (ended.was_interrupted && !was_stopped_) {
        lost_.push_back(concat({follower.name, " was ended early where it runs"}));
    }
    follower.whole = std::move(ended);
    follower.record = {};
}

void Followers::lost(std::size_t number, std::string_view why) {
    Follower& follower = followers_[number];
    if (!follower.is_over) {
        const bool has_counted = follower.at > follower.at.zero();
        follower.is_over = true;
        lost_.push_back(concat({follower.name, has_counted ? " was lost after " : " has counted nothing",
                                has_counted ? duration_text(follower.at) : "", ": ", why}));
    }
}

bool Followers::are_over() const noexcept { return std::ranges::all_of(followers_, &Follower::is_over); }

std::optional<Followers::Look> Followers::next_look() {
    std::optional<std::size_t> told;
    std::size_t users = 0;
    auto at = std::chrono::nanoseconds::max();
    for (const Follower& each : followers_) {
        if (!each.is_over) {
            told = std::min(told.value_or(each.seconds), each.seconds);
            at = std::min(at, each.at);
            users += each.users;
        }
    }
    if (!told || *told <= looks_) {
        return std::nullopt;
    }
    looked_at_ = looks_ == 0 ? at : std::max(at, looked_at_);
    looks_ = *told;
    so_far_.merge(since_last_);
    return Look{.at = looked_at_, .users = users, .since_last = std::exchange(since_last_, {})};
}

Outcome Followers::outcome(const Plan& plan) const {
    Outcome outcome{.plan = plan, .record = {}, .lost = lost_};
    for (const Follower& each : followers_) {
        if (!each.whole) {
            outcome.record.merge_beside(each.record);
            outcome.counted = std::max(outcome.counted, each.at);
            outcome.most_users += each.most_users;
            continue;
        }
        const Ended& whole = *each.whole;
        outcome.record.merge_beside(whole.record);
        outcome.counted = std::max(outcome.counted, whole.counted);
        outcome.most_users += whole.most_users;
        outcome.was_interrupted = outcome.was_interrupted || whole.was_interrupted;
        outcome.cpu.generator += whole.cpu.generator;
        outcome.cpu.busiest_thread = std::max(outcome.cpu.busiest_thread, whole.cpu.busiest_thread);
        if (whole.cpu.server) {  // the same server, seen by each that runs beside it
            outcome.cpu.server = std::max(outcome.cpu.server.value_or(0), *whole.cpu.server);
        }
    }
    outcome.saturation = saturation_of(outcome);
    return outcome;
}

}  // namespace brio::load::follow
