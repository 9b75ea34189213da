// The span of one try of a task, within that of whoever pushed it. What the task pushes and asks for in turn
// is within this one: its message carries it meanwhile.
#pragma once
#include <cstdint>

#include <brio/http/traceparent.hpp>
#include <brio/ledger/spans.hpp>
#include <brio/tasks/message.hpp>

namespace brio::tasks {

struct TaskSpan {
    http::TraceContext own;
    std::uint64_t parent = 0;  // 0: nobody's, and the trace is new
};

/// Puts the try's own span in the place of its parent's.
TaskSpan begin_span(Message& message);

/// What is known of it by its message. `message` is the one that carries it.
ledger::Span span_of(const TaskSpan& span, const Message& message);

}  // namespace brio::tasks
