// Table generations: for each table a number that moves with every commit that wrote to it. What was computed
// from a table (a cached page, a total) is as good as the table's generation is still the same.
//
// The numbers are atomics in a file mapped by every process that uses the database, or in memory for one
// process. A commit moves a table's number before it becomes visible and again counts itself as finished
// after, so a reader that finds the same *settled* generation before and after its statements knows that they
// saw one state. Reading is two loads; any thread.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace brio::sql {

struct Generation {
    std::uint64_t number = 0;
    bool settled = true;  // no commit that writes to the table is under way

    friend bool operator==(const Generation&, const Generation&) = default;
};

class Generations {
public:
    /// How many tables one database may have here.
    static constexpr std::uint32_t most_tables = 512;
    /// A table's place; the same in every process that maps the same file.
    using Slot = std::uint16_t;

    Generations();
    /// Maps the file, made when absent. Throws std::system_error when it cannot be had, std::runtime_error
    /// when it is another format.
    explicit Generations(const std::filesystem::path& file);
    Generations(const Generations&) = delete;
    Generations& operator=(const Generations&) = delete;
    ~Generations();

    /// The place of the table, made when it is new. Two tables whose names have one 64-bit hash share a
    /// place, which is safe. Throws std::runtime_error when there are `most_tables`. Cost: a hash and a
    /// probe; keep the slot.
    Slot slot(std::string_view table);

    Generation read(Slot slot) const noexcept;
    /// Whether commits of other processes up to a moment ago are in the numbers. Where they are learnt of by
    /// messages, that is so only until the messenger was last heard, and some time after.
    bool is_current(std::chrono::nanoseconds monotonic) const noexcept {
        return monotonic.count() < current_until_.load(std::memory_order_relaxed);
    }
    /// By the messenger, again and again; without one they are always current.
    void set_current_until(std::chrono::nanoseconds monotonic) noexcept {
        current_until_.store(monotonic.count(), std::memory_order_relaxed);
    }
    /// Around a commit: before it can be seen, and after (also when it failed).
    void begin_commit(std::span<const Slot> written) noexcept;
    void end_commit(std::span<const Slot> written) noexcept;
    /// Something else than this framework wrote: every table may have moved.
    void move_all() noexcept;
    /// Another process wrote to the table. Nothing happens when nobody here has asked for its slot.
    void move(std::string_view table) noexcept;
    /// Of `count` classes of tables, the one that a table of that name belongs to.
    static std::size_t class_of(std::string_view table, std::size_t count) noexcept;
    /// Another process wrote to some table of the class.
    void move_class(std::size_t count, std::size_t wanted) noexcept;
    /// Ends what a process left unfinished when it died: tables unsettled and unmoved at two calls in a row
    /// are settled by the second. Call it every few seconds, from one thread.
    void settle_abandoned() noexcept;

    /// Commits made by this framework's writers, in all processes, and how many others were there when it was
    /// last looked.
    std::atomic<std::uint32_t>& own_commits() noexcept;
    std::atomic<std::uint32_t>& foreign_commits() noexcept;

private:
    struct Entry;
    struct File;
    void map_file(const std::filesystem::path& path);
    template <class Wanted>
    void move_where(Wanted wanted) noexcept;

    std::atomic<std::int64_t> current_until_{INT64_MAX};
    File* file_ = nullptr;
    bool mapped_ = false;
    std::unique_ptr<std::uint64_t[]> suspected_;  // the numbers that settle_abandoned() saw unsettled
};

}  // namespace brio::sql
