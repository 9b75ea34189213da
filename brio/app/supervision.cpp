#include <brio/app/supervision.hpp>

#include <algorithm>
#include <utility>

namespace brio::app {

bool Supervision::has(State state) const noexcept {
    return std::ranges::find(processes_, state, &Process::state) != processes_.end();
}

bool Supervision::is_serving(int pid) const noexcept {
    auto const found = std::ranges::find(processes_, pid, &Process::pid);
    return found != processes_.end() && found->state == State::serving;
}

Supervision::Kept Supervision::kept() const {
    Kept kept{.servers = {}, .deaths = deaths_, .restarts_again = restart_again_};
    for (auto const& each : processes_) {
        kept.servers.push_back(
            {.pid = each.pid, .is_serving = each.state == State::serving, .since = each.since});
    }
    return kept;
}

void Supervision::begin() {
    start_asked_ = true;
    actions_.push_back({.kind = Action::Kind::start});
}

void Supervision::go_on(const Kept& kept, Time now) {
    ever_ready_ = true;
    deaths_ = kept.deaths;
    for (auto const& each : kept.servers) {
        processes_.push_back({.pid = each.pid,
                              .state = each.is_serving ? State::serving : State::draining,
                              .since = each.since});
    }
    if (!has(State::serving)) {
        start_at_ = now;
        tick(now);
    }
    if (kept.restarts_again) {
        asked_to_restart(now);
    }
}

void Supervision::started(int pid) {
    start_asked_ = false;
    Process process{.pid = pid, .state = State::starting, .since = {}};
    if (auto const since = std::exchange(anew_since_, std::nullopt)) {
        process.is_anew = true;
        process.give_up_at = *since + limits_.start_time;
    }
    if (stopping_) {  // asked while it was being started
        process.state = State::draining;
        if (pid > 0) {  // kill(-1) is for all processes
            actions_.push_back({.kind = Action::Kind::drain, .pid = pid});
        }
    }
    processes_.push_back(process);
}

void Supervision::ready(int pid, Time now) {
    auto const found = std::ranges::find(processes_, pid, &Process::pid);
    if (found == processes_.end() || found->state != State::starting) {
        return;
    }
    ever_ready_ = true;
    for (auto& other : processes_) {
        if (other.state == State::serving) {
            other.state = State::draining;
            actions_.push_back({.kind = Action::Kind::retire, .pid = other.pid});
        }
    }
    found->state = State::serving;
    found->since = now;
    found->is_ready = true;
    found->give_up_at.reset();
    if (found->is_anew) {
        actions_.push_back({.kind = Action::Kind::become_anew});
    } else {
        stayed(now);
    }
}

void Supervision::stayed(Time now) {
    if (std::exchange(restart_again_, false)) {
        asked_to_restart(now);
    }
}

bool Supervision::ended(int pid, Ended how, Time now) {
    auto const found = std::ranges::find(processes_, pid, &Process::pid);
    if (found == processes_.end()) {
        return false;
    }
    auto const process = *found;
    processes_.erase(found);
    auto const badly = how.by_signal || how.code != 0;
    if (stopping_) {
        failed_ = failed_ || (badly && (process.is_ready || !process.is_anew));
        finish_stop();
    } else if (process.state != State::draining) {
        ended_unasked(process, how, now);
    }
    return true;
}

void Supervision::ended_unasked(const Process& process, Ended how, Time now) {
    if (!ever_ready_ && (!how.by_signal || deaths_ + 1 >= limits_.first_tries)) {
        actions_.push_back(
            {.kind = Action::Kind::exit, .status = how.by_signal || how.code == 0 ? 1 : how.code});
        return;
    }
    auto const was_to_be_followed = std::erase(actions_, Action{.kind = Action::Kind::become_anew}) > 0;
    if (was_to_be_followed || (process.state == State::starting && process.is_anew)) {
        actions_.push_back({.kind = Action::Kind::restart_failed});
    }
    if (start_asked_ || has(State::starting)) {
        return;
    }
    if (std::exchange(restart_again_, false)) {
        start_anew(now);
    } else if (!has(State::serving)) {
        start_again(process, now);
    }
}

void Supervision::start_again(const Process& process, Time now) {
    if (process.state == State::serving && now - process.since >= limits_.steady) {
        deaths_ = 0;
    }
    auto const doublings = std::min(deaths_ > 0 ? deaths_ - 1 : 0U, 16U);
    auto const delay =
        deaths_ == 0 ? Time::zero() : std::min(limits_.most_delay, limits_.first_delay * (1U << doublings));
    ++deaths_;
    start_at_ = now + delay;
    tick(now);
}

void Supervision::tick(Time now) {
    if (start_at_ && *start_at_ <= now && !stopping_) {
        start_at_.reset();
        start_asked_ = true;
        actions_.push_back({.kind = Action::Kind::start});
    }
    if (close_at_ && *close_at_ <= now) {
        close_listeners();
    }
    for (auto& process : processes_) {
        if (process.give_up_at && *process.give_up_at <= now) {
            process.give_up_at.reset();
            actions_.push_back({.kind = Action::Kind::kill, .pid = process.pid});
        }
    }
}

std::optional<Supervision::Time> Supervision::wake_at() const noexcept {
    auto first = start_at_;
    auto const consider = [&first](const std::optional<Time>& at) {
        if (at && (!first || *at < *first)) {
            first = at;
        }
    };
    consider(close_at_);
    for (auto const& process : processes_) {
        consider(process.give_up_at);
    }
    return first;
}

void Supervision::asked_to_restart(Time now) {
    if (stopping_ || anew_since_) {
        return;
    }
    if (start_asked_ || has(State::starting)) {  // it may have read what was changed after that
        restart_again_ = true;
        return;
    }
    start_anew(now);
}

void Supervision::start_anew(Time now) {
    start_at_.reset();
    start_asked_ = true;
    anew_since_ = now;
    actions_.push_back({.kind = Action::Kind::start_anew});
}

void Supervision::asked_to_stop(Time now) {
    start_at_.reset();
    if (stopping_) {
        failed_ = true;
        for (auto const& process : processes_) {
            actions_.push_back({.kind = Action::Kind::kill, .pid = process.pid});
        }
        return;
    }
    stopping_ = true;
    close_at_ = now + limits_.stop_wait;
    if (limits_.stop_wait == Time::zero()) {
        close_listeners();
    }
    for (auto& process : processes_) {
        if (process.state != State::draining) {
            process.state = State::draining;
            actions_.push_back({.kind = Action::Kind::drain, .pid = process.pid});
        }
    }
    finish_stop();
}

void Supervision::close_listeners() {
    close_at_.reset();
    actions_.push_back({.kind = Action::Kind::close_listeners});
}

void Supervision::finish_stop() {
    if (processes_.empty() && !start_asked_) {
        if (close_at_) {
            close_listeners();
        }
        actions_.push_back({.kind = Action::Kind::exit, .status = failed_ ? 1 : 0});
    }
}

std::vector<Action> Supervision::take_actions() { return std::exchange(actions_, {}); }

}  // namespace brio::app
