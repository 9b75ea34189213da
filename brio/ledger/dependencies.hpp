// What the result of a unit of work was computed from: things that have a number which moves whenever they
// change, as tables have their generations. Whoever keeps the result keeps this list with it, and the result
// is as good as all numbers are still the same.
//
// Whoever reads such a thing notes it *before* reading: a change after that is seen, because the number is
// another by then. A fixed array, no allocation; used on one loop's thread. Knows no database: a source is
// a pointer, an item a number within it.
#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace brio::ledger {

/// Why a result is not to be kept.
enum class Unkept : std::uint8_t {
    none,
    wrote,        // the unit of work changed something itself
    transaction,  // it read within a transaction, which may see an older state than the numbers say
    unsettled,    // something was being changed when it was read
    moved,        // something changed between two reads of it
    too_many,     // it read more things than the list holds
};
/// "wrote", "transaction", "unsettled", …: a label of metrics.
std::string_view name_of(Unkept reason) noexcept;

class Dependencies {
public:
    static constexpr std::size_t most = 16;

    struct Entry {
        const void* source;     // who keeps the numbers
        std::string_view name;  // for people and other processes; lives as long as the source
        std::uint32_t item;
        std::uint64_t number;
    };

    /// Reads of `name` follow, at this number of it. The first number counts.
    void read(const Entry& entry, bool settled) noexcept {
        for (std::size_t i = 0; i < used_; ++i) {
            if (entries_[i].item == entry.item && entries_[i].source == entry.source) {
                if (entries_[i].number != entry.number || !settled) {
                    refuse(Unkept::moved);
                }
                return;
            }
        }
        if (!settled) {
            refuse(Unkept::unsettled);
        }
        if (used_ == most) {
            refuse(Unkept::too_many);
            return;
        }
        entries_[used_++] = entry;
    }
    /// The first reason stays.
    void refuse(Unkept reason) noexcept {
        if (refused_ == Unkept::none) {
            refused_ = reason;
        }
    }
    /// What was taken from somebody who keeps results: good no longer than that is, in monotonic time.
    void limit(std::chrono::nanoseconds until) noexcept { until_ = until < until_ ? until : until_; }
    void clear() noexcept {
        used_ = 0;
        refused_ = Unkept::none;
        until_ = std::chrono::nanoseconds::max();
    }

    Unkept refused() const noexcept { return refused_; }
    std::chrono::nanoseconds until() const noexcept { return until_; }
    std::size_t size() const noexcept { return used_; }
    const Entry* begin() const noexcept { return entries_.data(); }
    const Entry* end() const noexcept { return entries_.data() + used_; }

private:
    std::size_t used_ = 0;
    Unkept refused_ = Unkept::none;
    std::chrono::nanoseconds until_ = std::chrono::nanoseconds::max();
    std::array<Entry, most> entries_;
};

}  // namespace brio::ledger
