// Queue as a parameter of handlers: the task continues the request's trace.
#pragma once
#include <brio/http/exchange.hpp>
#include <brio/http/provide.hpp>
#include <brio/http/traceparent.hpp>
#include <brio/tasks/queue.hpp>

template <>
struct brio::http::Provide<brio::tasks::Queue> {
    using Service = brio::tasks::Tasks;
    static std::optional<brio::tasks::Queue> from(Exchange& exchange) {
        const auto trace = format_traceparent(exchange.trace());
        return brio::tasks::Queue(exchange.services->get<brio::tasks::Tasks>(),
                                  {.trace = {.parent = std::string(trace.data(), trace.size()),
                                             .state = std::string(exchange.trace_state())}});
    }
};
