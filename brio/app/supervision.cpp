#include <brio/app/supervision.hpp>

#include <algorithm>
#include <utility>

namespace brio::app {

bool Supervision::has(State state) const noexcept {
    return std::ranges::find(processes_, state, &Process::state) != processes_.end();
}

void Supervision::begin() {
    start_asked_ = true;
    actions_.push_back({.kind = Action::Kind::start});
}

void Supervision::started(int pid) {
    start_asked_ = false;
    processes_.push_back({.pid = pid, .state = State::starting, .since = {}});
    if (stopping_) {  // asked while it was being started
        processes_.back().state = State::draining;
        actions_.push_back({.kind = Action::Kind::drain, .pid = pid});
    }
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
            actions_.push_back({.kind = Action::Kind::drain, .pid = other.pid});
        }
    }
    found->state = State::serving;
    found->since = now;
    if (std::exchange(restart_again_, false)) {
        asked_to_restart();
    }
}

void Supervision::ended(int pid, Ended how, Time now) {
    auto const found = std::ranges::find(processes_, pid, &Process::pid);
    if (found == processes_.end()) {
        return;
    }
    auto const process = *found;
    processes_.erase(found);
    auto const badly = how.by_signal || how.code != 0;
    if (stopping_) {
        failed_ = failed_ || badly;
        finish_stop();
    } else if (process.state != State::draining) {
        ended_unasked(process, how, now);
    }
}

void Supervision::ended_unasked(const Process& process, Ended how, Time now) {
    if (!ever_ready_ && (!how.by_signal || deaths_ + 1 >= limits_.first_tries)) {
        actions_.push_back(
            {.kind = Action::Kind::exit, .status = how.by_signal || how.code == 0 ? 1 : how.code});
        return;
    }
    if (process.state == State::starting && has(State::serving)) {
        return;  // the next one is no good: the one that serves stays
    }
    if (start_asked_ || has(State::starting)) {
        return;
    }
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
}

void Supervision::asked_to_restart() {
    if (stopping_ || start_asked_ || start_at_) {
        return;
    }
    if (has(State::starting)) {  // it may have read its settings before they were changed
        restart_again_ = true;
        return;
    }
    start_asked_ = true;
    actions_.push_back({.kind = Action::Kind::start});
}

void Supervision::asked_to_stop() {
    start_at_.reset();
    if (stopping_) {
        failed_ = true;
        for (auto const& process : processes_) {
            actions_.push_back({.kind = Action::Kind::kill, .pid = process.pid});
        }
        return;
    }
    stopping_ = true;
    actions_.push_back({.kind = Action::Kind::close_listeners});
    for (auto& process : processes_) {
        if (process.state != State::draining) {
            process.state = State::draining;
            actions_.push_back({.kind = Action::Kind::drain, .pid = process.pid});
        }
    }
    finish_stop();
}

void Supervision::finish_stop() {
    if (processes_.empty() && !start_asked_) {
        actions_.push_back({.kind = Action::Kind::exit, .status = failed_ ? 1 : 0});
    }
}

std::vector<Action> Supervision::take_actions() { return std::exchange(actions_, {}); }

}  // namespace brio::app
