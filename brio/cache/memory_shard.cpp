#include <brio/cache/memory_shard.hpp>

#include <algorithm>
#include <utility>

namespace brio::cache {

MemoryShard::MemoryShard(runtime::Limit& bytes, std::uint64_t most)
    : limit_(bytes),
      most_(most),
      table_(64),
      ghosts_(64) {}

MemoryShard::Shared MemoryShard::find(const KeyView& key, std::uint64_t mix, Time now) {
    Gone gone;
    const std::scoped_lock lock(mutex_);
    const Place place = find_place(key, mix);
    if (place == 0) {
        return nullptr;
    }
    Entry& found = entry(place);
    if (found.item->is_expired(now)) [[unlikely]] {
        remove(place, Removal::expired, gone);
        return nullptr;
    }
    found.asked += found.asked < most_asked ? 1 : 0;
    // Counted under the lock: an item is in one shard.
    found.item->hits.store(found.item->hits.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return found.item;
}

MemoryShard::Shared MemoryShard::peek(const KeyView& key, std::uint64_t mix) const {
    const std::scoped_lock lock(mutex_);
    const Place place = find_place(key, mix);
    return place == 0 ? nullptr : entry(place).item;
}

void MemoryShard::put(Shared item, const KeyHash& hash, std::uint64_t mix, Time now) {
    Gone gone;
    const std::uint64_t bytes = item->bytes + overhead;
    const std::scoped_lock lock(mutex_);
    sweep_some(now, 2, gone);
    if (const Place there = find_place(hash, mix); there != 0) {
        // It keeps its place in its queue, and what is known of how often it is asked for.
        Entry& old = entry(there);
        ++removed_[static_cast<std::size_t>(Removal::replaced)];
        gone.push_back(std::exchange(old.item, std::move(item)));
        charge(old, bytes);
        make_room(0, gone);
        return;
    }
    make_room(bytes, gone);
    const Place place = take_place();
    Entry& made = entry(place);
    made.hash = hash;
    made.tag = static_cast<std::uint32_t>(mix);
    made.item = std::move(item);
    made.asked = 0;
    enqueue(place, is_remembered(made.tag) ? Queue::main : Queue::small);
    charge(made, bytes);
    insert_slot({made.tag, place});
}

void MemoryShard::refuse(const KeyHash& hash, std::uint64_t mix) {
    Gone gone;
    const std::scoped_lock lock(mutex_);
    ++removed_[static_cast<std::size_t>(Removal::refused)];
    if (const Place there = find_place(hash, mix); there != 0) {
        remove(there, Removal::replaced, gone);
    }
}

void MemoryShard::recount(const KeyView& key, std::uint64_t mix, const Item& item, std::uint64_t bytes) {
    Gone gone;
    const std::scoped_lock lock(mutex_);
    const Place place = find_place(key, mix);
    if (place != 0 && entry(place).item.get() == &item) {
        if (bytes + overhead > most_ / 4) {
            remove(place, Removal::size, gone);
        } else {
            charge(entry(place), bytes + overhead);
            make_room(0, gone);
        }
    }
}

bool MemoryShard::drop(const KeyView& key, std::uint64_t mix, Removal reason, const Item* only) {
    Gone gone;
    const std::scoped_lock lock(mutex_);
    const Place place = find_place(key, mix);
    if (place == 0 || (only != nullptr && entry(place).item.get() != only)) {
        return false;
    }
    remove(place, reason, gone);
    return true;
}

std::uint64_t MemoryShard::clear() {
    Gone gone;
    const std::scoped_lock lock(mutex_);
    while (small_.oldest != 0) {
        remove(small_.oldest, Removal::dropped, gone);
    }
    while (main_.oldest != 0) {
        remove(main_.oldest, Removal::dropped, gone);
    }
    return gone.size();
}

void MemoryShard::sweep(Time now, std::size_t most) {
    Gone gone;
    const std::scoped_lock lock(mutex_);
    sweep_some(now, most, gone);
}

bool MemoryShard::next(std::size_t& at, std::size_t count, std::vector<Shared>& into) const {
    const std::scoped_lock lock(mutex_);
    const std::size_t end = std::min(at + count, chunks_.size() * chunk);
    for (; at < end; ++at) {
        if (const Shared& item = entry(static_cast<Place>(at + 1)).item) {
            into.push_back(item);
        }
    }
    return at < chunks_.size() * chunk;
}

void MemoryShard::add_counts(MemoryStoreCounts& to) const {
    const std::scoped_lock lock(mutex_);
    to.items += used_;
    to.bytes += small_.bytes + main_.bytes;
    for (std::size_t i = 0; i < removal_count; ++i) {
        to.removed[i] += removed_[i];
    }
}

// The table.

MemoryShard::Place MemoryShard::find_place(const KeyHash& hash, std::uint64_t mix) const noexcept {
    const auto tag = static_cast<std::uint32_t>(mix);
    const std::size_t mask = table_.size() - 1;
    for (std::size_t at = tag & mask; table_[at].place != 0; at = (at + 1) & mask) {
        if (table_[at].tag == tag && entry(table_[at].place).hash == hash) {
            return table_[at].place;
        }
    }
    return 0;
}

MemoryShard::Place MemoryShard::find_place(const KeyView& key, std::uint64_t mix) const noexcept {
    const Place place = find_place(key.hash, mix);
    return place != 0 && entry(place).item->key == key.bytes ? place : 0;
}

void MemoryShard::insert_slot(Slot slot) noexcept {
    const std::size_t mask = table_.size() - 1;
    std::size_t at = slot.tag & mask;
    while (table_[at].place != 0) {
        at = (at + 1) & mask;
    }
    table_[at] = slot;
}

/// What follows and would not be found any more moves up, so that no slot is a tombstone.
void MemoryShard::erase_slot(Place place) noexcept {
    const std::size_t mask = table_.size() - 1;
    std::size_t hole = entry(place).tag & mask;
    while (table_[hole].place != place) {
        hole = (hole + 1) & mask;
    }
    for (std::size_t at = (hole + 1) & mask; table_[at].place != 0; at = (at + 1) & mask) {
        const std::size_t from_home = (at - table_[at].tag) & mask;
        if (from_home >= ((at - hole) & mask)) {
            table_[hole] = table_[at];
            hole = at;
        }
    }
    table_[hole] = {};
}

void MemoryShard::grow_table() {
    const std::vector<Slot> old = std::exchange(table_, std::vector<Slot>(table_.size() * 2));
    for (const Slot& slot : old) {
        if (slot.place != 0) {
            insert_slot(slot);
        }
    }
    const std::vector<Ghost> remembered = std::exchange(ghosts_, std::vector<Ghost>(table_.size()));
    for (const Ghost& ghost : remembered) {
        // A bucket becomes two: each has room for all that the one held.
        const std::size_t bucket = ghost.tag % (ghosts_.size() / 4) * 4;
        *std::ranges::min_element(std::span(ghosts_).subspan(bucket, 4), {}, &Ghost::when) = ghost;
    }
}

MemoryShard::Place MemoryShard::take_place() {
    if ((used_ + 1) * 2 > table_.size()) {
        grow_table();
    }
    if (free_ == 0) {
        const auto first = static_cast<Place>(chunks_.size() * chunk + 1);
        chunks_.push_back(std::make_unique<Entry[]>(chunk));
        for (Place place = first + chunk; place-- > first;) {
            entry(place).older = std::exchange(free_, place);
        }
    }
    ++used_;
    const Place place = free_;
    free_ = entry(place).older;
    return place;
}

// The queues.

void MemoryShard::enqueue(Place place, Queue queue) noexcept {
    Entry& one = entry(place);
    Line& of = line(queue);
    one.queue = queue;
    one.newer = 0;
    one.older = of.newest;
    of.bytes += one.bytes;
    (of.newest != 0 ? entry(of.newest).newer : of.oldest) = place;
    of.newest = place;
}

void MemoryShard::unlink(Place place) noexcept {
    Entry& one = entry(place);
    Line& of = line(one.queue);
    (one.newer != 0 ? entry(one.newer).older : of.newest) = one.older;
    (one.older != 0 ? entry(one.older).newer : of.oldest) = one.newer;
    of.bytes -= one.bytes;
}

void MemoryShard::charge(Entry& of, std::uint64_t bytes) noexcept {
    line(of.queue).bytes += bytes - of.bytes;
    bytes > of.bytes ? limit_.take(bytes - of.bytes) : limit_.give_back(of.bytes - bytes);
    of.bytes = bytes;
}

void MemoryShard::remove(Place place, Removal reason, Gone& gone) {
    Entry& one = entry(place);
    // What left the short queue may have been worth more; what was good and is out of date will be made
    // again.
    if (reason == Removal::size ? one.queue == Queue::small : one.queue == Queue::main || one.asked != 0) {
        remember(one.tag);
    }
    ++removed_[static_cast<std::size_t>(reason)];
    charge(one, 0);
    unlink(place);
    erase_slot(place);
    gone.push_back(std::move(one.item));
    one.item.reset();
    one.queue = Queue::none;
    one.older = std::exchange(free_, place);
    --used_;
}

void MemoryShard::make_room(std::uint64_t bytes, Gone& gone) {
    while (used_ != 0 && small_.bytes + main_.bytes + bytes > most_) {
        small_.bytes > most_ / 10 || main_.oldest == 0 ? evict_from_small(gone) : evict_from_main(gone);
    }
}

void MemoryShard::evict_from_small(Gone& gone) {
    const Place place = small_.oldest;
    if (entry(place).asked != 0) {
        unlink(place);
        entry(place).asked = 0;
        enqueue(place, Queue::main);
    } else {
        remove(place, Removal::size, gone);
    }
}

void MemoryShard::evict_from_main(Gone& gone) {
    for (int turn = 0; turn < most_turns && entry(main_.oldest).asked != 0; ++turn) {
        const Place place = main_.oldest;
        --entry(place).asked;
        unlink(place);
        enqueue(place, Queue::main);
    }
    remove(main_.oldest, Removal::size, gone);
}

void MemoryShard::sweep_some(Time now, std::size_t most, Gone& gone) {
    const std::size_t places = chunks_.size() * chunk;
    for (std::size_t i = 0; i < std::min(most, places); ++i) {
        swept_ = swept_ + 1 < places ? swept_ + 1 : 0;
        const auto place = static_cast<Place>(swept_ + 1);
        if (const Item* item = entry(place).item.get(); item != nullptr && item->is_expired(now)) {
            remove(place, Removal::expired, gone);
        }
    }
}

void MemoryShard::remember(std::uint32_t tag) noexcept {
    const std::size_t bucket = tag % (ghosts_.size() / 4) * 4;
    const auto places = std::span(ghosts_).subspan(bucket, 4);
    const auto same = std::ranges::find(places, tag, &Ghost::tag);
    *(same != places.end() ? same : std::ranges::min_element(places, {}, &Ghost::when)) = {tag,
                                                                                           ++ghost_time_};
}

/// Among as many keys as there are items.
bool MemoryShard::is_remembered(std::uint32_t tag) const noexcept {
    const std::size_t bucket = tag % (ghosts_.size() / 4) * 4;
    return std::ranges::any_of(std::span(ghosts_).subspan(bucket, 4), [&](const Ghost& ghost) {
        return ghost.tag == tag && ghost_time_ - ghost.when < used_;
    });
}

}  // namespace brio::cache
