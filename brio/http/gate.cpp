#include <brio/http/gate.hpp>

#include <algorithm>

namespace brio::http {
namespace {

constexpr std::chrono::milliseconds pressure_lasts{300};

}  // namespace

void Gate::refuse(Time now) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    if (is_due(now)) {
        const std::scoped_lock lock(mutex_);
        close_window(now);
    }
}

void Gate::enter(Time now) {
    in_flight_.fetch_add(1, std::memory_order_relaxed);
    if (is_due(now)) {
        const std::scoped_lock lock(mutex_);
        close_window(now);
    }
}

void Gate::leave(const Ended& ended) {
    in_flight_.fetch_sub(1, std::memory_order_relaxed);
    const std::scoped_lock lock(mutex_);
    auto const is_judged = ended.how == End::by_deadline ||
                           (ended.how != End::not_judged && (limit_.limit() == AdaptiveLimit::none ||
                                                             (kept_since_ && ended.began >= *kept_since_)));
    if (ended.how == End::well || ended.how == End::failed) {
        ++passing_.ended;
    }
    if (is_judged) {
        auto const took = std::max(ended.now - ended.began, Time(0));
        ++passing_.judged;
        passing_.sum += took;
        passing_.tolerated += took <= limit_.tolerated() && ended.how != End::by_deadline ? 1 : 0;
        passing_.late += took > limit_.rules().late || ended.how == End::by_deadline ? 1 : 0;
        passing_.ended_by_deadline += ended.how == End::by_deadline ? 1 : 0;
        if (ended.how == End::well) {
            passing_.least = std::min(passing_.least, took);
        }
        for (auto const phase : causes) {
            phases_[static_cast<std::size_t>(phase)] += ended.ledger.ticks_of(phase);
        }
    }
    close_window(ended.now);
}

std::uint8_t Gate::find_cause() const noexcept {
    auto most = no_cause;
    Ticks time = 0;
    for (auto const phase : causes) {
        auto const at = static_cast<std::uint8_t>(phase);
        if (phases_[at] > time) {
            most = at;
            time = phases_[at];
        }
    }
    return most;
}

// Looks at the window, if it is over, and begins the next.
void Gate::close_window(Time now) {
    auto const length = now - passing_.begun;
    if (length < window || (passing_.judged < window_requests && length < longest_window)) {
        return;
    }
    auto const in_flight = in_flight_.load(std::memory_order_relaxed);
    auto const refused = refused_.load(std::memory_order_relaxed);
    passing_.length = std::min<Time>(length, longest_window);
    passing_.in_flight = in_flight;
    passing_.refused = refused - refused_before_;
    if (auto const cause = find_cause(); cause != no_cause) {
        cause_.store(cause, std::memory_order_relaxed);
    }
    auto const cause = cause_.load(std::memory_order_relaxed);
    passing_.is_pressed = gives_way_ && cause != no_cause &&
                          pressure_.until_ns[cause].load(std::memory_order_relaxed) > now.count();
    limit_.next(passing_);
    if (auto const rest = length - longest_window; rest >= longest_window) {
        limit_.rest(rest, in_flight);
        passing_ = {.length = rest};
    }
    if (!gives_way_ && cause != no_cause && limit_.is_waiting()) {
        pressure_.until_ns[cause].store((now + pressure_lasts).count(), std::memory_order_relaxed);
    }
    auto const allowed = limit_.limit();
    allowed_.store(allowed, std::memory_order_relaxed);
    if (allowed == AdaptiveLimit::none) {
        kept_since_.reset();
    } else if (!kept_since_ && in_flight <= allowed) {
        kept_since_ = now;
    }
    waited_ = std::max(passing_.mean() - limit_.base(), Time(0));
    rate_ = static_cast<double>(passing_.ended) / std::chrono::duration<double>(passing_.length).count();
    passing_ = {.begun = now, .in_flight_before = in_flight};
    refused_before_ = refused;
    phases_ = {};
    due_ns_.store((now + longest_window).count(), std::memory_order_relaxed);
}

std::uint64_t Gate::surplus() const noexcept {
    auto const allowed = allowed_.load(std::memory_order_relaxed);
    auto const in_flight = in_flight_.load(std::memory_order_relaxed);
    if (allowed == AdaptiveLimit::none || in_flight <= allowed + allowed / 4 + 4) {
        return 0;
    }
    return in_flight - allowed;
}

std::optional<ledger::Phase> Gate::cause() const noexcept {
    auto const cause = cause_.load(std::memory_order_relaxed);
    return cause == no_cause ? std::nullopt : std::optional(static_cast<ledger::Phase>(cause));
}

GateState Gate::state(Time now) {
    const std::scoped_lock lock(mutex_);
    close_window(now);
    auto const allowed = limit_.limit();
    return {.in_flight = in_flight_.load(std::memory_order_relaxed),
            .limit = allowed == AdaptiveLimit::none ? std::nullopt : std::optional(allowed),
            .refused = refused_.load(std::memory_order_relaxed),
            .withdrawn = withdrawn_.load(std::memory_order_relaxed),
            .base = limit_.base(),
            .waited = waited_,
            .rate = rate_,
            .cause = cause()};
}

}  // namespace brio::http
