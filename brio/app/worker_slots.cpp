#include <brio/app/worker_slots.hpp>

#include <algorithm>
#include <utility>

namespace brio::app {

void WorkerSlots::begin(Time now) {
    for (Slot& slot : slots_) {
        slot.start_at = now;
    }
    tick(now);
}

std::vector<WorkerSlots::Kept> WorkerSlots::kept() const {
    std::vector<Kept> kept;
    for (Slot const& slot : slots_) {
        kept.push_back(
            {.pid = slot.pid, .is_draining = slot.is_draining, .deaths = slot.deaths, .since = slot.since});
    }
    return kept;
}

void WorkerSlots::go_on(const std::vector<Kept>& kept, Time now) {
    slots_.resize(std::max(count_, kept.size()));
    for (std::size_t place = 0; place < kept.size(); ++place) {
        slots_[place].pid = kept[place].pid;
        slots_[place].is_draining = kept[place].is_draining;
        slots_[place].deaths = kept[place].deaths;
        slots_[place].since = kept[place].since;
    }
    for (std::size_t place = 0; place < slots_.size(); ++place) {
        if (place >= count_) {
            drain(slots_[place]);
        } else if (slots_[place].pid == 0) {
            slots_[place].start_at = now;
        }
    }
    tick(now);
}

std::size_t WorkerSlots::starting() const noexcept {
    return static_cast<std::size_t>(std::ranges::find(slots_, true, &Slot::is_starting) - slots_.begin());
}

WorkerSlots::Slot& WorkerSlots::take_starting() {
    Slot& slot = slots_[starting()];
    slot.is_starting = false;
    return slot;
}

void WorkerSlots::started(int pid, Time now) {
    Slot& slot = take_starting();
    slot.pid = pid;
    slot.since = now;
    if (is_stopping_) {
        drain(slot);
    }
}

void WorkerSlots::could_not_start(Time now) {
    Slot& slot = take_starting();
    if (!is_stopping_) {
        start_again(slot, true, now);
    }
}

bool WorkerSlots::ended(int pid, Ended how, Time now) {
    auto const slot = std::ranges::find(slots_, pid, &Slot::pid);
    if (slot == slots_.end()) {
        return false;
    }
    slot->pid = 0;
    slot->is_draining = false;
    if (is_stopping_ || static_cast<std::size_t>(slot - slots_.begin()) >= count_) {
        return true;
    }
    auto const died = how.by_signal || (how.code != 0 && how.code != status_of_recycled);
    if (!died || now - slot->since >= limits_.steady) {
        slot->deaths = 0;
    }
    start_again(*slot, died, now);
    return true;
}

void WorkerSlots::start_again(Slot& slot, bool died, Time now) {
    auto const doublings = std::min(slot.deaths > 0 ? slot.deaths - 1 : 0U, 16U);
    auto const delay = slot.deaths == 0
                           ? Time::zero()
                           : std::min(limits_.most_delay, limits_.first_delay * (1U << doublings));
    slot.deaths += died ? 1 : 0;
    slot.start_at = now + delay;
    tick(now);
}

void WorkerSlots::asked_to_restart() {
    for (Slot& slot : slots_) {
        drain(slot);
    }
}

void WorkerSlots::asked_to_stop() {
    auto const again = std::exchange(is_stopping_, true);
    for (Slot& slot : slots_) {
        slot.start_at.reset();
        if (!again) {
            drain(slot);
        } else if (slot.pid != 0) {
            actions_.push_back({.kind = Action::Kind::kill, .pid = slot.pid});
        }
    }
}

void WorkerSlots::drain(Slot& slot) {
    if (slot.pid != 0 && !std::exchange(slot.is_draining, true)) {
        actions_.push_back({.kind = Action::Kind::drain, .pid = slot.pid});
    }
}

void WorkerSlots::tick(Time now) {
    for (Slot& slot : slots_) {
        if (slot.start_at && *slot.start_at <= now) {
            slot.start_at.reset();
            slot.is_starting = true;
            actions_.push_back({.kind = Action::Kind::start});
        }
    }
}

std::optional<WorkerSlots::Time> WorkerSlots::wake_at() const noexcept {
    std::optional<Time> first;
    for (Slot const& slot : slots_) {
        if (slot.start_at && (!first || *slot.start_at < *first)) {
            first = slot.start_at;
        }
    }
    return first;
}

std::vector<Action> WorkerSlots::take_actions() { return std::exchange(actions_, {}); }

std::size_t WorkerSlots::there() const noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(slots_, [](Slot const& slot) { return slot.pid != 0; }));
}

bool WorkerSlots::are_gone() const noexcept {
    return std::ranges::all_of(slots_, [](Slot const& slot) { return slot.pid == 0 && !slot.is_starting; });
}

}  // namespace brio::app
