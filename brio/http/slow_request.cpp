// The part of Connection that keeps what requests over their goal, past their deadline or failed say of
// themselves: ledger/black_box.hpp.
#include <brio/http/connection.hpp>

#include <brio/base/clock.hpp>
#include <brio/ledger/black_box.hpp>
#include <brio/runtime/sampler.hpp>

namespace brio::http {
namespace {

// A 503 of ours means that there was too much to do, and says so in its own metric.
bool has_failed(int status) noexcept { return status >= 500 && status != 503; }

}  // namespace

std::optional<ledger::SlowWhy> Connection::why_of_note(const Answered& noted) const {
    auto const& current = *exchange_;
    return ledger::why_kept({.total_ns = ticks_to_ns(current.ledger.total_ticks()),
                             .goal = noted.record.goal,
                             .reached_deadline = current.work.stopped == runtime::StopReason::deadline,
                             .has_failed = has_failed(noted.record.status)});
}

// While the statements of the request are known: its writing is still to come.
void Connection::draft_slow(Answered& noted) {
    auto& current = *exchange_;
    auto const why = why_of_note(noted);
    if (!why) {
        return;
    }
    noted.slow_had_no_room = !server().black_box()->admits();
    if (noted.slow_had_no_room) {
        return;
    }
    noted.slow = std::make_shared<ledger::SlowWork>();
    auto& slow = *noted.slow;
    slow.why = *why;
    slow.take(current.tally);
    if (auto const* sampler = runtime::Sampler::here()) {
        auto const age = std::chrono::nanoseconds(ticks_to_ns(ticks() - current.ledger.begun()));
        sampler->add_stacks(slow, current.work.unit, monotonic_now() - age);
    }
    slow.target = current.head.path();
    slow.id = current.request_id();
}

// After its last byte.
void Connection::keep_slow(Answered& noted) {
    auto& box = *server().black_box();
    if (!noted.slow) {
        auto const why = ledger::why_kept(
            {.total_ns = ticks_to_ns(noted.ledger.total_ticks()), .goal = noted.record.goal});
        if (!why || noted.slow_had_no_room || !box.admits()) {
            return;
        }
        noted.slow = std::make_shared<ledger::SlowWork>();
        noted.slow->target = noted.logged ? noted.entry.path_view() : std::string_view();
        noted.slow->id = noted.logged ? noted.entry.id_view() : std::string_view();
    }
    auto& slow = *noted.slow;
    slow.take(noted.ledger);
    slow.goal_ns = static_cast<std::uint64_t>(std::max<std::int64_t>(noted.record.goal.count(), 0));
    slow.trace_high = noted.record.trace.high;
    slow.trace_low = noted.record.trace.low;
    slow.status = noted.record.status;
    slow.method = ledger::name(noted.record.method);
    slow.name = noted.metrics->pattern();
    box.keep(slow);
}

}  // namespace brio::http
