#include <brio/ledger/spans.hpp>

#include <brio/ledger/longest_statements.hpp>

#include <algorithm>

namespace brio::ledger {

void Span::take(const StatementTally& tally) {
    StatementOrder space;
    const auto order = longest_first(tally, space);
    for (const auto* each : order.first(std::min(order.size(), most_statements))) {
        statements.push_back({.name = std::string(each->name), .count = each->count, .ns = each->ns});
    }
    statement_runs = static_cast<std::uint32_t>(tally.total());
}

void Span::take(const Ledger& ledger) noexcept {
    phases = ledger.times();
    took_ns = ledger.total() - phases[static_cast<std::size_t>(Phase::wait)];
    rows = ledger.rows;
    statement_runs = std::max(statement_runs, ledger.statements);
}

SpanQueue::SpanQueue(std::size_t most, metrics::Registry& registry)
    : most_(most),
      registry_(registry),
      shown_(registry.gauge_of({.name = "spans_waiting", .help = "Spans that wait to be sent."}, {}, [this] {
          return static_cast<double>(waiting_.load(std::memory_order_relaxed));
      })) {
    const auto spans = registry.counter({.name = "spans_total",
                                         .help = "Spans by what became of them.",
                                         .labels = {"outcome"},
                                         .most_series = 4});
    outcomes_ = {spans.with({"sent"}), spans.with({"dropped"}), spans.with({"refused"}),
                 spans.with({"failed"})};
}

bool SpanQueue::admits(const std::optional<SlowWhy>& why) noexcept {
    if (has_room(waiting_.load(std::memory_order_relaxed), why)) {
        return true;
    }
    count(Outcome::dropped, 1);
    return false;
}

void SpanQueue::add(Span span) {
    const std::scoped_lock lock(mutex_);
    if (!has_room(spans_.size(), span.why)) {
        count(Outcome::dropped, 1);
        return;
    }
    spans_.push_back(std::move(span));
    waiting_.store(spans_.size(), std::memory_order_relaxed);
}

std::vector<Span> SpanQueue::take(std::size_t most) {
    const std::scoped_lock lock(mutex_);
    const auto count = static_cast<std::ptrdiff_t>(std::min(most, spans_.size()));
    std::vector<Span> taken(std::make_move_iterator(spans_.begin()),
                            std::make_move_iterator(spans_.begin() + count));
    spans_.erase(spans_.begin(), spans_.begin() + count);
    waiting_.store(spans_.size(), std::memory_order_relaxed);
    return taken;
}

void SpanQueue::count(Outcome outcome, std::uint64_t spans) noexcept {
    outcomes_[static_cast<std::size_t>(outcome)].add(registry_.here(), spans);
}

}  // namespace brio::ledger
