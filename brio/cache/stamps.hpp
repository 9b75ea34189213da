// Whether a value from the shared store may be given here: by the store's clock, though every process counts
// the generations of tables for itself. Pure: what the clock said comes in.
//
// The store has one clock, whose readings only grow. Each value carries a stamp, a reading taken before it
// was begun. A process notes, for each table, a reading taken after it last saw the table's generation move:
// a value that was begun after that has read what the move was about. The first time counts as a move, so a
// new process takes only values that were begun after it first asked. A tag has the reading of its last
// clearing, and ends what was begun before.
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/sql/generations.hpp>

namespace brio::cache {

/// A reading of the store's clock, in microseconds since 1970 or a little ahead of that. 0: none.
using Stamp = std::uint64_t;

/// Readings of one clock as one process saw them. Any thread.
class StampClock {
public:
    /// A reading as a table's or tag's: later than every reading seen before, should the clock have gone back
    /// (its server was replaced by one whose time is behind, and that lost the clock's key).
    Stamp settle(Stamp taken) noexcept;
    /// A reading that was seen in a value.
    void saw(Stamp stamp) noexcept;
    Stamp highest() const noexcept { return highest_.load(std::memory_order_relaxed); }

    /// Readings of several loops come in another order than they were taken, by less than this.
    static constexpr Stamp disorder = 100'000;

private:
    std::atomic<Stamp> highest_{0};
};

/// For each table, a reading taken after its generation had come to a number. Any thread.
class TableStamps {
public:
    using Slot = sql::Generations::Slot;
    TableStamps() : entries_(new Entry[sql::Generations::most_tables]) {}

    /// None when no reading was noted since the generation came to `number`. Cost: two loads.
    std::optional<Stamp> since(Slot slot, std::uint64_t number) const noexcept;
    /// `taken` after `number` was read.
    void note(Slot slot, std::uint64_t number, Stamp taken) noexcept;

private:
    struct Entry {
        std::atomic<std::uint64_t> number{0};
        std::atomic<Stamp> stamp{0};
    };
    std::mutex mutex_;
    std::unique_ptr<Entry[]> entries_;
};

/// When each tag was last cleared, as far as this process knows. Bounded: tags beyond the bound stay unknown.
/// What is known stays true only while every clearing is heard of; after a gap all are unknown again. Any
/// thread.
class TagStamps {
public:
    explicit TagStamps(std::size_t most) : most_(most) {}

    /// 0: it was never cleared. None: not known.
    std::optional<Stamp> cleared(std::string_view tag) const;
    /// What was read of the store, asked for in this epoch, or came as a message (always of the current one).
    /// The latest clearing counts.
    void note(std::string_view tag, Stamp cleared, std::uint64_t epoch);

    std::uint64_t epoch() const;
    /// Clearings may have been missed.
    void begin_epoch();
    std::size_t size() const;

private:
    const std::size_t most_;
    mutable std::mutex mutex_;
    std::uint64_t epoch_ = 0;                          // guarded by mutex_
    std::map<std::string, Stamp, std::less<>> known_;  // guarded by mutex_
};

/// When keys were dropped, as far as this process heard. Bounded: beyond the bound all were dropped with the
/// latest. Any thread.
class DropStamps {
public:
    explicit DropStamps(std::size_t most) : most_(most) {}

    /// What was begun at `stamp`. Cost: a load, and a look-up where something was dropped since.
    bool ends(std::string_view key, Stamp stamp) const;
    void note(std::string_view key, Stamp dropped);

private:
    const std::size_t most_;
    std::atomic<Stamp> latest_{0};
    mutable std::mutex mutex_;
    Stamp all_ = 0;                                      // guarded by mutex_
    std::map<std::string, Stamp, std::less<>> dropped_;  // guarded by mutex_
};

}  // namespace brio::cache
