#include <brio/tasks/task_span.hpp>

#include <algorithm>

#include <brio/base/random.hpp>

namespace brio::tasks {

TaskSpan begin_span(Message& message) {
    auto& random = thread_random();
    const auto parent = http::parse_traceparent(message.trace.parent);
    const TaskSpan span{
        .own = parent ? http::child_of(*parent, random()) : http::new_trace(random(), random(), random()),
        .parent = parent ? parent->span : 0};
    if (!parent) {
        message.trace.state.clear();  // of no trace that is known (Trace Context §3.3)
    }
    const auto text = http::format_traceparent(span.own);
    message.trace.parent.assign(text.data(), text.size());
    return span;
}

ledger::Span span_of(const TaskSpan& span, const Message& message) {
    ledger::Span made;
    made.kind = ledger::SlowKind::task;
    made.trace_high = span.own.trace_high;
    made.trace_low = span.own.trace_low;
    made.id = span.own.span;
    made.parent = span.parent;
    made.is_sampled = span.own.sampled();
    made.state = message.trace.state;
    made.name = message.name;
    made.target = message.queue;
    made.own_id = message.id;
    made.failures = static_cast<std::uint32_t>(std::max(message.failures, 0));
    return made;
}

}  // namespace brio::tasks
