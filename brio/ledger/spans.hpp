// Spans: what a unit of work says of itself to whoever collects traces, when it is over. A request is one
// span, a task one within that of whoever pushed it; where their time went stands in them by phases.
//
// Only those are made whose trace is sampled (W3C Trace Context), or that were over their goal, reached their
// deadline or failed. They wait in a queue of fixed size for who sends them (app/span_exporter.hpp): where it
// is full they are dropped and counted, and nobody waits. A quarter of it is for those of note alone: whoever
// asks can have all requests sampled. Metrics: spans_total{outcome}, spans_waiting.
#pragma once
#include <brio/ledger/black_box.hpp>

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace brio::ledger {

struct Span {
    struct Statement {
        std::string name;
        std::uint64_t count = 0;
        std::uint64_t ns = 0;
    };
    static constexpr std::size_t most_statements = 8;
    static constexpr std::size_t most_path = 1024;  // bytes; a longer one is cut

    SlowKind kind = SlowKind::request;
    std::uint64_t trace_high = 0;
    std::uint64_t trace_low = 0;
    std::uint64_t id = 0;
    std::uint64_t parent = 0;    // 0: none
    bool is_sampled = false;     // by its trace
    std::string state;           // tracestate
    std::int64_t ended_ns = 0;   // since 1970
    std::uint64_t took_ns = 0;   // of a task without its wait
    std::uint64_t goal_ns = 0;   // 0: none
    std::optional<SlowWhy> why;  // it is of note
    PhaseTimes phases{};
    std::uint64_t rows = 0;
    std::uint32_t statement_runs = 0;
    std::vector<Statement> statements;  // those that took most time, the longest first
    std::string method;                 // a request's
    std::string name;                   // the route's pattern or the task's name
    std::string target;                 // a request's path, a task's queue
    std::string own_id;                 // of the request or the task
    std::string error;                  // a task's, its type
    std::uint16_t status = 0;           // a request's
    bool is_secure = false;             // a request's: over TLS
    std::uint32_t failures = 0;         // of a task, before this try

    void take(const StatementTally& tally);
    void take(const Ledger& ledger) noexcept;
};

class SpanQueue {
public:
    /// What became of spans.
    enum class Outcome : std::uint8_t {
        sent,
        dropped,  // the queue was full
        refused,  // the collector did not want them
        failed,   // nobody took them
    };

    /// `most` spans wait. The registry outlives it.
    SpanQueue(std::size_t most, metrics::Registry& registry);
    SpanQueue(const SpanQueue&) = delete;
    SpanQueue& operator=(const SpanQueue&) = delete;

    // Any thread.
    /// Before one is made, which is of note for this reason: whether there is room; counted as dropped if
    /// not.
    bool admits(const std::optional<SlowWhy>& why) noexcept;
    void add(Span span);
    /// The oldest, at most `most`.
    std::vector<Span> take(std::size_t most);
    void count(Outcome outcome, std::uint64_t spans) noexcept;

private:
    bool has_room(std::size_t waiting, const std::optional<SlowWhy>& why) const noexcept {
        return waiting < (why ? most_ : most_ - most_ / 4);
    }

    const std::size_t most_;
    metrics::Registry& registry_;
    std::array<metrics::Counter, 4> outcomes_;
    std::mutex mutex_;
    std::deque<Span> spans_;  // guarded by mutex_
    std::atomic<std::size_t> waiting_{0};
    metrics::Callback shown_;
};

}  // namespace brio::ledger
