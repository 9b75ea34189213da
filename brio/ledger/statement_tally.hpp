// Which statements one unit of work has run, and how often: what a budget, the search for repetitions and
// tests look at.
//
// Counted where statements reach the database, whoever sent them: children of a Scope count in their opener's
// tally. A fixed array, no allocation; used on one loop's thread. Knows no database: a statement is a number
// and a name.
#pragma once
#include <brio/base/buffer.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace brio::ledger {

class StatementTally;

/// A unit of work whose tally somebody wants to see at its end.
struct EndedWork {
    std::string_view name;             // Work::name: the route's pattern or the task's name
    std::chrono::nanoseconds goal{0};  // 0: it has none
};

/// Who judges a tally. Called by whoever ends the unit of work, on its loop.
class TallyWatcher {
public:
    /// Appends to `warnings`, if there is one, a line for each thing that the author of the work should know,
    /// without line feed at the end.
    virtual void ended(const StatementTally& tally, const EndedWork& work, Buffer* warnings) = 0;

protected:
    ~TallyWatcher() = default;
};

class StatementTally {
public:
    static constexpr std::size_t most = 32;  // different statements; those after them are only in total()
    static constexpr std::uint32_t no_budget = UINT32_MAX;

    struct Entry {
        std::uint32_t number;   // the statement's
        std::uint32_t runs;     // how often it was awaited
        std::uint64_t count;    // how often it ran: many times in one run where rows are written together
        std::uint64_t ns;       // of all runs, their waits too
        std::string_view name;  // lives as long as the program's database
    };

    /// For the next unit of work.
    void start(std::uint32_t budget = no_budget) noexcept {
        used_ = 0;
        total_ = 0;
        budget_ = budget;
        watcher_ = nullptr;
    }
    /// One run of a statement; gives how many it has had, 1 when there was no room for it.
    std::uint32_t add(std::uint32_t number, std::string_view name, std::uint64_t count,
                      std::uint64_t ns) noexcept {
        total_ += count;
        for (std::size_t i = used_; i-- > 0;) {
            if (numbers_[i] == number) {
                entries_[i].count += count;
                entries_[i].ns += ns;
                return ++entries_[i].runs;
            }
        }
        if (used_ < most) {
            numbers_[used_] = number;
            entries_[used_++] = {number, 1, count, ns, name};
        }
        return 1;
    }
    /// Asks to be called at the end; asking again changes nothing.
    void watch(TallyWatcher& watcher) noexcept { watcher_ = &watcher; }
    TallyWatcher* watcher() const noexcept { return watcher_; }

    std::size_t size() const noexcept { return used_; }
    const Entry* begin() const noexcept { return entries_.data(); }
    const Entry* end() const noexcept { return entries_.data() + used_; }
    /// Statements run, those without an entry too.
    std::uint64_t total() const noexcept { return total_; }
    /// The most that the work says it runs.
    std::uint32_t budget() const noexcept { return budget_; }
    bool is_over_budget() const noexcept { return total_ > budget_; }

private:
    std::size_t used_ = 0;
    std::uint64_t total_ = 0;
    std::uint32_t budget_ = no_budget;
    TallyWatcher* watcher_ = nullptr;
    std::array<std::uint32_t, most> numbers_;  // apart, so that a look-up reads two cache lines
    std::array<Entry, most> entries_;
};

/// `21 (20 x users by id, 1 x resources page by created_at)`, the most frequent first; names in printable
/// ASCII, cut at 60 characters.
void append_tally_words(Buffer& out, const StatementTally& tally);

}  // namespace brio::ledger
