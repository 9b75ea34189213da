// The black box: what is kept of the last requests and tasks that were over their goal, reached their
// deadline or failed, so that it can be asked where their time went after they are over.
//
// A ring of fixed size in memory that worker processes share with the server process: the newest take the
// place of the oldest. It holds no parameter's value: of a statement its name, of a request its path without
// the query. A second keeps at most `most_a_second`, so that a program that is slow throughout does not pay
// for it; the others are counted. Metrics: black_box_kept_total{kind,why}, black_box_dropped_total.
#pragma once
#include <brio/base/fixed_text.hpp>
#include <brio/base/shared_slot.hpp>
#include <brio/ledger/ledger.hpp>
#include <brio/ledger/statement_tally.hpp>
#include <brio/metrics/registry.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace brio::ledger {

enum class SlowKind : std::uint8_t { request, task };
enum class SlowWhy : std::uint8_t { slow, deadline, failed };
std::string_view name_of(SlowKind kind) noexcept;
std::string_view name_of(SlowWhy why) noexcept;

/// One that is kept. Copied as bytes.
struct SlowWork {
    static constexpr std::size_t most_statements = 16;
    static constexpr std::size_t most_stacks = 12;
    static constexpr std::size_t most_frames = 28;

    struct Statement {
        std::uint64_t count = 0;  // how often it ran
        std::uint64_t ns = 0;
        FixedText<63> name;
    };
    /// Where its processor time went: a place that was seen so often, the innermost function first.
    struct Stack {
        std::uint32_t seen = 0;
        std::uint32_t depth = 0;
        std::array<std::uint64_t, most_frames> frames{};
    };

    std::uint64_t number = 0;   // 1, 2, 3 … in the order in which they were kept
    std::int64_t ended_us = 0;  // the wall clock's microseconds
    std::uint64_t total_ns = 0;
    std::uint64_t goal_ns = 0;
    std::uint64_t trace_high = 0;  // with trace_low 0: none
    std::uint64_t trace_low = 0;
    PhaseTimes phases{};
    std::uint64_t rows = 0;
    std::uint32_t statement_runs = 0;  // of all
    std::uint32_t process = 0;
    std::uint16_t status = 0;  // a request's
    SlowKind kind = SlowKind::request;
    SlowWhy why = SlowWhy::slow;
    std::uint8_t statement_count = 0;
    std::uint8_t stack_count = 0;
    FixedText<15> method;                                 // a request's
    FixedText<119> name;                                  // the route's pattern or the task's name
    FixedText<119> target;                                // a request's path, a task's id
    FixedText<63> id;                                     // a request's
    FixedText<119> error;                                 // a task's, its type
    std::array<Statement, most_statements> statements{};  // those that took most time, the longest first
    std::array<Stack, most_stacks> stacks{};

    /// Those of the tally that took most time.
    void take(const StatementTally& tally) noexcept;
    void take(const Ledger& ledger) noexcept;
};

/// Why work is kept: that it failed says more than that it was slow.
struct SlowFacts {
    std::uint64_t total_ns = 0;
    std::chrono::nanoseconds goal{0};  // 0: it has none
    bool reached_deadline = false;
    bool has_failed = false;
};
std::optional<SlowWhy> why_kept(const SlowFacts& facts) noexcept;

class BlackBox {
public:
    static constexpr std::size_t most = 128;
    static constexpr std::uint64_t most_a_second = 50;

    /// The ring. All zero is an empty one.
    struct Slots {
        std::atomic<std::uint64_t> kept{0};
        std::array<SharedSlot<SlowWork>, most> slots{};
    };

    /// Both outlive it.
    BlackBox(Slots& slots, metrics::Registry& registry);

    /// Whether there is room in this second; counted as dropped if not. Any thread.
    bool admits() noexcept;
    /// Gives it its number, time and process. Any thread.
    void keep(SlowWork& work) noexcept;
    /// The newest first.
    std::vector<SlowWork> newest() const;
    std::uint64_t kept() const noexcept { return slots_.kept.load(std::memory_order_relaxed); }

private:
    Slots& slots_;
    metrics::Registry& registry_;
    std::array<std::array<metrics::Counter, 3>, 2> kept_total_;
    metrics::Counter dropped_;
    std::atomic<std::int64_t> second_{0};
    std::atomic<std::uint64_t> in_second_{0};
};

}  // namespace brio::ledger
