// What PostgreSQL's processes tell each other of their commits, and how they notice what nobody told.
// Internal.
//
// A notification of a process like this one is `brio1 NAME 3:1,7:2, resources users`: its name, the sequences
// that its commits moved and how often, and the tables that they wrote, `*` for all of them. From anybody
// else it is the names of tables, or nothing for all of them.
//
// A table's sequence is chosen by the hash of its name.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace brio::db::postgres {

/// How many sequences there are.
inline constexpr std::size_t generation_count = 16;
std::size_t generation_of(std::string_view table) noexcept;
/// `brio_generation_07`
std::string generation_name(std::size_t number);

inline constexpr std::string_view every_table = "*";
inline constexpr std::size_t most_payload = 7'999;  // PostgreSQL's documentation of NOTIFY

/// The next word of a list between spaces and commas, taken off its front.
std::string_view take_word(std::string_view& list) noexcept;

/// Commits that others are to be told of.
struct Commits {
    std::set<std::string> tables;
    std::map<std::size_t, std::uint64_t> moved;  // sequences, and how often

    bool empty() const noexcept { return tables.empty() && moved.empty(); }
    void merge(Commits& others);
};

class Moves {
public:
    using Counts = std::array<std::uint64_t, generation_count>;

    /// `process`: its name in what it tells, unlike all others'.
    explicit Moves(std::string process);

    /// This process has moved the sequence. Any thread.
    void moved_here(std::size_t number) noexcept { own_[number].fetch_add(1, std::memory_order_relaxed); }
    /// At most `most_payload` bytes: rather all tables than more.
    std::string payload_of(const Commits& commits) const;
    /// The tables that a notification tells of, `*` for all; none when this process sent it.
    std::vector<std::string> take(std::string_view payload);

    /// How often the sequences have moved by now; gives those that nobody told of. Such a one is suspected at
    /// one look and believed at the next that finds the same: what is on its way has come by then.
    std::vector<std::size_t> look(const Counts& counts);
    /// What was told meanwhile is unknown: the next look begins anew.
    void forget() noexcept { counts_are_known_ = false; }

private:
    const std::string process_;
    std::array<std::atomic<std::uint64_t>, generation_count> own_{};
    Counts known_{};  // moves that others told of, and what looks have found
    Counts suspected_{};
    bool counts_are_known_ = false;
};

}  // namespace brio::db::postgres
