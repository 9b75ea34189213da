#include <brio/app/worker_slots.hpp>

#include <algorithm>
#include <span>
#include <utility>

namespace brio::app {

WorkerSlots::WorkerSlots(WorkerBounds bounds, SupervisionLimits limits)
    : limits_(limits),
      least_(bounds.least),
      most_(std::max(bounds.least, bounds.most)),
      slots_(most_) {
    for (std::size_t i = 0; i < bounds.least; ++i) {
        slots_[i].is_wanted = true;
    }
}

void WorkerSlots::begin(Time now) {
    for (Slot& slot : slots_) {
        if (slot.is_wanted) {
            slot.start_at = now;
        }
    }
    tick(now);
}

std::vector<WorkerSlots::Kept> WorkerSlots::kept() const {
    std::vector<Kept> kept;
    for (Slot const& slot : slots_) {
        kept.push_back({.pid = slot.pid,
                        .is_wanted = slot.is_wanted,
                        .is_draining = slot.is_draining,
                        .is_retiring = slot.is_retiring,
                        .deaths = slot.deaths,
                        .since = slot.since});
    }
    return kept;
}

void WorkerSlots::go_on(const std::vector<Kept>& kept, Time now) {
    slots_.resize(std::max(most_, kept.size()));
    for (Slot& slot : slots_) {
        slot.is_wanted = false;
    }
    for (std::size_t place = 0; place < kept.size(); ++place) {
        slots_[place].pid = kept[place].pid;
        slots_[place].is_wanted = kept[place].is_wanted;
        slots_[place].is_draining = kept[place].is_draining;
        slots_[place].is_retiring = kept[place].is_retiring;
        slots_[place].deaths = kept[place].deaths;
        slots_[place].since = kept[place].since;
    }
    for (std::size_t place = 0; place < slots_.size(); ++place) {
        Slot& slot = slots_[place];
        if (place >= most_) {
            slot.is_wanted = false;
            drain(slot);
        } else if (slot.is_wanted && slot.pid == 0) {
            slot.start_at = now;
        }
    }
    want(std::max(least_, wanted()), now);
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
    } else if (!slot.is_wanted) {
        retire(slot);
    }
}

void WorkerSlots::could_not_start(Time now) {
    Slot& slot = take_starting();
    if (!is_stopping_ && slot.is_wanted) {
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
    slot->is_retiring = false;
    if (is_stopping_ || !slot->is_wanted) {
        slot->deaths = 0;
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
        if (!slot.is_retiring) {
            drain(slot);
        }
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

void WorkerSlots::retire(Slot& slot) {
    if (slot.pid != 0 && !slot.is_draining && !std::exchange(slot.is_retiring, true)) {
        actions_.push_back({.kind = Action::Kind::retire, .pid = slot.pid});
    }
}

// The first that nobody is in; else the first whose process retires, which the next one follows.
WorkerSlots::Slot& WorkerSlots::next_place() {
    auto const is_free = [](Slot const& slot) {
        return !slot.is_wanted && slot.pid == 0 && !slot.is_starting;
    };
    auto const places = std::span(slots_).first(most_);
    auto const free = std::ranges::find_if(places, is_free);
    return free != places.end() ? *free : *std::ranges::find(places, false, &Slot::is_wanted);
}

void WorkerSlots::want(std::size_t count, Time now) {
    if (is_stopping_) {
        return;
    }
    for (count = std::min(count, most_); wanted() < count;) {
        Slot& slot = next_place();
        slot.is_wanted = true;
        if (slot.pid == 0 && !slot.is_starting) {
            slot.start_at = now;
        }
    }
    while (wanted() > count) {
        Slot& slot = *std::ranges::find(slots_.rbegin(), slots_.rend(), true, &Slot::is_wanted);
        slot.is_wanted = false;
        slot.start_at.reset();
        retire(slot);
    }
    tick(now);
}

std::size_t WorkerSlots::wanted() const noexcept {
    return static_cast<std::size_t>(std::ranges::count(slots_, true, &Slot::is_wanted));
}

std::vector<WorkerSlots::Present> WorkerSlots::present() const {
    std::vector<Present> present;
    for (std::size_t place = 0; place < slots_.size(); ++place) {
        Slot const& slot = slots_[place];
        if (slot.pid != 0 && slot.is_wanted && !slot.is_draining && !slot.is_retiring) {
            present.push_back({.place = place, .pid = slot.pid});
        }
    }
    return present;
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
