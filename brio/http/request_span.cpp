// The part of Connection that makes spans of requests, for who collects traces: ledger/spans.hpp.
#include <brio/http/connection.hpp>

#include <brio/base/clock.hpp>
#include <brio/base/random.hpp>
#include <brio/ledger/spans.hpp>

namespace brio::http {
namespace {

void put_trace(ledger::Span& span, const TraceContext& own) {
    span.trace_high = own.trace_high;
    span.trace_low = own.trace_low;
    span.id = own.span;
    span.is_sampled = own.sampled();
}

}  // namespace

// While the request's head and its statements are known: its writing is still to come.
void Connection::draft_span(Answered& noted) {
    auto& current = *exchange_;
    auto const why = why_of_note(noted);
    auto const is_sampled = current.has_trace() && current.trace().sampled();
    if (!why && !is_sampled) {
        return;
    }
    noted.span_had_no_room = !server().spans()->admits(why);
    if (noted.span_had_no_room) {
        return;
    }
    noted.span = std::make_shared<ledger::Span>();
    auto& span = *noted.span;
    put_trace(span, current.trace());
    span.state = current.trace_state();
    span.why = why;
    span.take(current.tally);
    span.target = current.head.path().substr(0, ledger::Span::most_path);
    span.own_id = current.request_id();
    span.is_secure = came_over_tls(current);
}

// After its last byte.
void Connection::keep_span(Answered& noted) {
    auto const goal = noted.record.goal;
    auto const why = ledger::why_kept({.total_ns = ticks_to_ns(noted.ledger.total_ticks()), .goal = goal});
    if (!noted.span) {
        if (!why || noted.span_had_no_room || !server().spans()->admits(why)) {
            return;
        }
        noted.span = std::make_shared<ledger::Span>();
        auto& random = thread_random();
        auto const& known = noted.record.trace;
        put_trace(*noted.span,
                  noted.span_id != 0
                      ? TraceContext{.trace_high = known.high, .trace_low = known.low, .span = noted.span_id}
                      : new_trace(random(), random(), random()));
        noted.span->target = noted.logged ? noted.entry.path_view() : std::string_view();
        noted.span->own_id = noted.logged ? noted.entry.id_view() : std::string_view();
    }
    auto& span = *noted.span;
    span.parent = noted.parent_id;
    span.take(noted.ledger);
    span.why = span.why ? span.why : why;
    span.ended_ns = std::chrono::nanoseconds(wall_now().time_since_epoch()).count();
    span.goal_ns = static_cast<std::uint64_t>(std::max<std::int64_t>(goal.count(), 0));
    span.status = noted.record.status;
    span.method = ledger::name(noted.record.method);
    span.name = noted.metrics->pattern();
    server().spans()->add(std::move(span));
}

}  // namespace brio::http
