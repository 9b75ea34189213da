// One shard of the in-process store: a hash table and an eviction policy under one lock. Internal to
// memory_store.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include <brio/cache/memory_store.hpp>

namespace brio::cache {

/// S3-FIFO (Yang et al., "FIFO Queues are All You Need for Cache Eviction", SOSP 2023): what is new waits in
/// a short queue, a tenth of the bytes; what was asked for there moves to the main queue, and what was not is
/// only remembered, so that it goes to the main queue should it come again. The main queue gives a second
/// turn to what was asked for since its last.
class MemoryShard {
public:
    using Shared = MemoryStore::Shared;
    using Time = MemoryStore::Time;

    MemoryShard(runtime::Limit& bytes, std::uint64_t most);

    // `mix` is the store's own mixture of the hash: the lower half places the key in the table.

    Shared find(const KeyView& key, std::uint64_t mix, Time now);
    Shared peek(const KeyView& key, std::uint64_t mix) const;
    /// It has not expired, and counts at most most() bytes with its overhead.
    void put(Shared item, const KeyHash& hash, std::uint64_t mix, Time now);
    /// The item is too large to be kept: what was under its key goes.
    void refuse(const KeyHash& hash, std::uint64_t mix);
    void recount(const KeyView& key, std::uint64_t mix, const Item& item, std::uint64_t bytes);
    bool drop(const KeyView& key, std::uint64_t mix, Removal reason, const Item* only);
    std::uint64_t clear();
    /// Removes what has expired among the next `most` places.
    void sweep(Time now, std::size_t most);
    /// The items of the next `count` places from `at` on, which moves on; false when there are no more.
    bool next(std::size_t& at, std::size_t count, std::vector<Shared>& into) const;
    void add_counts(MemoryStoreCounts& to) const;
    std::uint64_t most() const noexcept { return most_; }

    /// What keeping an item costs beside the bytes that it says.
    static constexpr std::uint64_t overhead = 160;

private:
    using Place = std::uint32_t;  // of an entry; 0: none
    enum class Queue : std::uint8_t { none, small, main };
    struct Entry {
        KeyHash hash;
        Shared item;
        std::uint64_t bytes = 0;  // that it is counted with
        std::uint32_t tag = 0;
        Place newer = 0;
        Place older = 0;  // of a free entry: the next free one
        Queue queue = Queue::none;
        std::uint8_t asked = 0;  // since it came or had its last turn, up to most_asked
    };
    struct Slot {
        std::uint32_t tag = 0;  // of the mixed hash; its low bits are where the slot should be
        Place place = 0;
    };
    /// The key of an item that left: its tag, and the count of such keys when it did.
    struct Ghost {
        std::uint32_t tag = 0;
        std::uint32_t when = 0;
    };
    struct Line {
        Place newest = 0;
        Place oldest = 0;
        std::uint64_t bytes = 0;
    };
    /// Items that leave, to be destroyed after the lock was given back.
    using Gone = std::vector<Shared>;

    static constexpr std::uint8_t most_asked = 3;
    static constexpr int most_turns = 64;      // that one eviction gives before it takes whatever is next
    static constexpr std::size_t chunk = 256;  // entries allocated at once; they never move

    Entry& entry(Place place) const noexcept { return chunks_[(place - 1) / chunk][(place - 1) % chunk]; }
    Line& line(Queue queue) noexcept { return queue == Queue::main ? main_ : small_; }
    /// Whatever its whole key is.
    Place find_place(const KeyHash& hash, std::uint64_t mix) const noexcept;
    Place find_place(const KeyView& key, std::uint64_t mix) const noexcept;
    void insert_slot(Slot slot) noexcept;
    void erase_slot(Place place) noexcept;
    void grow_table();
    Place take_place();
    void enqueue(Place place, Queue queue) noexcept;
    void unlink(Place place) noexcept;
    void charge(Entry& of, std::uint64_t bytes) noexcept;
    void remove(Place place, Removal reason, Gone& gone);
    void make_room(std::uint64_t bytes, Gone& gone);
    void evict_from_small(Gone& gone);
    void evict_from_main(Gone& gone);
    void sweep_some(Time now, std::size_t most, Gone& gone);
    void remember(std::uint32_t tag) noexcept;
    bool is_remembered(std::uint32_t tag) const noexcept;

    mutable std::mutex mutex_;
    runtime::Limit& limit_;
    const std::uint64_t most_;
    // All below guarded by mutex_.
    std::vector<Slot> table_;  // linear probing, at most half full
    std::vector<std::unique_ptr<Entry[]>> chunks_;
    Place free_ = 0;
    std::size_t used_ = 0;
    Line small_;
    Line main_;
    std::size_t swept_ = 0;
    std::vector<Ghost> ghosts_;  // buckets of four, as many as the table has slots
    std::uint32_t ghost_time_ = 1u << 30;
    std::array<std::uint64_t, removal_count> removed_{};
};

}  // namespace brio::cache
