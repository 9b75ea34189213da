#include <brio/ledger/black_box.hpp>

#include <brio/ledger/longest_statements.hpp>

#include <unistd.h>

#include <algorithm>

namespace brio::ledger {

std::string_view name_of(SlowKind kind) noexcept { return kind == SlowKind::request ? "request" : "task"; }

std::string_view name_of(SlowWhy why) noexcept {
    static constexpr std::string_view names[] = {"slow", "deadline", "failed"};
    return names[std::min<std::size_t>(static_cast<std::size_t>(why), 2)];
}

void SlowWork::take(const StatementTally& tally) noexcept {
    StatementOrder space;
    const auto order = longest_first(tally, space);
    statement_runs = static_cast<std::uint32_t>(tally.total());
    statement_count = static_cast<std::uint8_t>(std::min(order.size(), most_statements));
    for (std::size_t i = 0; i < statement_count; ++i) {
        statements[i].count = order[i]->count;
        statements[i].ns = order[i]->ns;
        statements[i].name = order[i]->name;
    }
}

void SlowWork::take(const Ledger& ledger) noexcept {
    phases = ledger.times();
    total_ns = ledger.total();
    rows = ledger.rows;
    statement_runs = std::max(statement_runs, ledger.statements);
}

std::optional<SlowWhy> why_kept(const SlowFacts& facts) noexcept {
    if (facts.reached_deadline) {
        return SlowWhy::deadline;
    }
    if (facts.has_failed) {
        return SlowWhy::failed;
    }
    if (facts.goal.count() > 0 && facts.total_ns > static_cast<std::uint64_t>(facts.goal.count())) {
        return SlowWhy::slow;
    }
    return std::nullopt;
}

BlackBox::BlackBox(Slots& slots, metrics::Registry& registry)
    : slots_(slots),
      registry_(registry),
      dropped_(registry
                   .counter({.name = "black_box_dropped_total",
                             .help = "Slow or failed work of which nothing was kept: there was too much.",
                             .labels = {}})
                   .with({})) {
    const auto family = registry.counter({.name = "black_box_kept_total",
                                          .help = "Requests and tasks whose ledger was kept.",
                                          .labels = {"kind", "why"}});
    for (const auto kind : {SlowKind::request, SlowKind::task}) {
        for (const auto why : {SlowWhy::slow, SlowWhy::deadline, SlowWhy::failed}) {
            kept_total_[static_cast<std::size_t>(kind)][static_cast<std::size_t>(why)] =
                family.with({name_of(kind), name_of(why)});
        }
    }
}

bool BlackBox::admits() noexcept {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(monotonic_now()).count();
    auto before = second_.load(std::memory_order_relaxed);
    if (before != now && second_.compare_exchange_strong(before, now, std::memory_order_relaxed)) {
        in_second_.store(0, std::memory_order_relaxed);
    }
    if (in_second_.fetch_add(1, std::memory_order_relaxed) < most_a_second) {
        return true;
    }
    dropped_.add(registry_.here());
    return false;
}

void BlackBox::keep(SlowWork& work) noexcept {
    const auto before = slots_.kept.fetch_add(1, std::memory_order_relaxed);
    work.number = before + 1;
    work.ended_us = wall_now().time_since_epoch().count();
    work.process = static_cast<std::uint32_t>(::getpid());
    if (slots_.slots[before % most].write(work)) {
        kept_total_[static_cast<std::size_t>(work.kind)][static_cast<std::size_t>(work.why)].add(
            registry_.here());
    } else {  // a process died while it wrote there
        dropped_.add(registry_.here());
    }
}

std::vector<SlowWork> BlackBox::newest() const {
    std::vector<SlowWork> found;
    SlowWork work;
    for (const auto& slot : slots_.slots) {
        if (slot.read(work)) {
            found.push_back(work);
        }
    }
    std::ranges::sort(found, std::ranges::greater(), &SlowWork::number);
    return found;
}

}  // namespace brio::ledger
