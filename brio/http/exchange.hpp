// One request and its answer, from the first byte read to the last byte written. Belongs to one connection at
// a time and one loop; reused for the next request.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include <brio/base/buffer.hpp>
#include <brio/http/field_error.hpp>
#include <brio/http/head.hpp>
#include <brio/http/response.hpp>
#include <brio/http/services.hpp>
#include <brio/http/stream_plan.hpp>
#include <brio/http/traceparent.hpp>
#include <brio/ledger/ledger.hpp>
#include <brio/ledger/statement_tally.hpp>
#include <brio/runtime/async.hpp>
#include <brio/runtime/work.hpp>

namespace brio::http {

struct Address;
struct Route;
class BackgroundCall;
class Connection;
class Exchange;

inline constexpr std::size_t most_path_values = 8;

/// What a suspended handler left behind: its frame and how to go on when it ends.
struct PendingCall {
    std::coroutine_handle<> frame;
    void (*render)(Exchange&) = nullptr;
};

/// What the last rate limit that counted a request said of its client (rate_limit.hpp).
struct RateNote {
    const void* policy = nullptr;
    std::uint64_t left = 0;    // requests
    std::uint64_t full_s = 0;  // seconds until all are there again
};

class Exchange {
public:
    Exchange() = default;
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    ~Exchange() { drop_pending(); }

    RequestHead head;
    std::string_view body;  // whole; a view that lasts until the answer is made
    const Route* route = nullptr;
    std::array<std::string_view, most_path_values> path_values{};  // still encoded, in the pattern's order
    runtime::Work work;
    ledger::Ledger ledger;
    ledger::StatementTally tally;
    Response response;
    /// In the loop's time: since when it counts as one that waits behind its route's gate; zero: it does not.
    std::chrono::nanoseconds waits_since{0};
    RateNote rate;
    std::unique_ptr<StreamPlan> stream;  // the answer's body when it is made piece by piece
    FieldErrors errors;
    Buffer scratch;  // decoded text; cleared for each request
    const Services* services = nullptr;
    bool over_tls = false;

    /// The client's X-Request-ID when it is a harmless one, else a new one. Made when first asked for.
    std::string_view request_id();
    /// The client's trace with a span of our own, or a new trace. Made when first asked for.
    const TraceContext& trace();
    /// The client's tracestate, where its trace goes on and it is no longer than the 512 bytes that W3C Trace
    /// Context (§3.3.1.5) asks to pass on; else empty. Ends with the request's head.
    std::string_view trace_state() const noexcept;
    bool has_trace() const noexcept { return has_trace_; }
    /// Set by whoever answered from a cache: MISS, HIT, STALE, BYPASS.
    std::string_view cache_result;

    /// Starts the handler's coroutine; it may end before this returns.
    template <class T>
    void run(Async<T> call, void (*render)(Exchange&));
    /// In a render function: the result of the coroutine given to run(), or what it threw.
    template <class T>
    T take_result();
    /// Whether that would throw.
    template <class T>
    bool has_failed() const;

    bool is_pending() const noexcept { return static_cast<bool>(pending_.frame); }
    /// Ends every view into the request's bytes, for an answer that outlives them.
    void forget_request() noexcept;
    void reset() noexcept;

private:
    friend class BackgroundCall;
    friend class Connection;
    friend void admit(Exchange& exchange);
    friend void count_rate_limited(const Exchange& exchange);
    friend std::optional<Address> peer_address(const Exchange& exchange);
    friend bool call_in_background(const Exchange& like, void (*call)(Exchange&));
    static void call_ended(void* exchange);
    void drop_pending() noexcept;

    PendingCall pending_;
    bool starting_ = false;
    bool ended_ = false;
    void (*on_ended_)(Exchange&) = nullptr;  // where a suspended call announces its end
    Connection* connection_ = nullptr;       // of the two, whose request it is
    BackgroundCall* background_ = nullptr;
    std::array<char, 32> own_id_{};
    std::string_view request_id_;
    TraceContext trace_;
    bool has_trace_ = false;
};

template <class T>
void Exchange::run(Async<T> call, void (*render)(Exchange&)) {
    auto const frame = call.release();
    pending_ = {frame, render};
    ended_ = false;
    starting_ = true;
    auto& promise = frame.promise();
    promise.done = &Exchange::call_ended;
    promise.done_context = this;
    promise.begin(work, nullptr);
    runtime::Waiting(frame).resume();
    starting_ = false;
}

template <class T>
bool Exchange::has_failed() const {
    using Promise = typename Async<T>::promise_type;
    return std::coroutine_handle<Promise>::from_address(pending_.frame.address()).promise().error != nullptr;
}

template <class T>
T Exchange::take_result() {
    using Promise = typename Async<T>::promise_type;
    auto frame = std::coroutine_handle<Promise>::from_address(pending_.frame.address());
    struct Destroy {
        Exchange& exchange;
        ~Destroy() { exchange.drop_pending(); }
    } const destroy{*this};
    return frame.promise().take();
}

}  // namespace brio::http
