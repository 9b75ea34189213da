#include <brio/http/exchange.hpp>

#include <brio/base/random.hpp>
#include <brio/http/request_id.hpp>
#include <brio/http/tracestate.hpp>

namespace brio::http {

std::string_view Exchange::request_id() {
    if (request_id_.empty()) {
        if (auto const given = head.find(Known::x_request_id); given && is_valid_request_id(*given)) {
            request_id_ = *given;
        } else {
            auto& random = thread_random();
            own_id_ = generate_request_id(random(), random());
            request_id_ = {own_id_.data(), own_id_.size()};
        }
    }
    return request_id_;
}

const TraceContext& Exchange::trace() {
    if (!has_trace_) {
        auto& random = thread_random();
        auto const given = head.find(Known::traceparent);
        auto const parent = given ? parse_traceparent(*given) : std::nullopt;
        trace_ = parent ? child_of(*parent, random()) : new_trace(random(), random(), random());
        has_trace_ = true;
    }
    return trace_;
}

std::string_view Exchange::trace_state() const noexcept {
    auto const parent = head.find(Known::traceparent);
    auto const state = head.find(Known::tracestate);
    auto const goes_on = parent && state && is_tracestate(*state) && parse_traceparent(*parent);
    return goes_on ? *state : std::string_view();
}

void Exchange::call_ended(void* exchange) {
    auto& self = *static_cast<Exchange*>(exchange);
    self.ended_ = true;
    if (!self.starting_ && self.on_ended_ != nullptr) {
        self.on_ended_(self);
    }
}

void Exchange::drop_pending() noexcept {
    if (pending_.frame) {
        std::exchange(pending_.frame, {}).destroy();
    }
}

void Exchange::forget_request() noexcept {
    head.clear();
    body = {};
    path_values = {};
    request_id_ = {};
}

void Exchange::reset() noexcept {
    drop_pending();
    work.reset();
    stream.reset();
    tally.start();
    body = {};
    route = nullptr;
    rate = {};
    waits_since = std::chrono::nanoseconds(0);
    response.clear();
    errors.clear();
    scratch.clear();
    request_id_ = {};
    has_trace_ = false;
    cache_result = {};
    ended_ = false;
    starting_ = false;
}

}  // namespace brio::http
