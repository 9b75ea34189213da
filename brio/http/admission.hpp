// Which requests are let in when there are more than can be served in time (docs/guide/15-overload.md).
//
// A request is refused with 503 and Retry-After before its body is read, in the time that it takes to write
// the answer, when
//  * ServerOptions::in_flight requests are under way;
//  * the gate of its route (gate.hpp) is at its limit;
//  * its loop's turns have taken longer than the wanted wait three times in a row, and this one has too, or
//    four times as long; and the loop itself had the processor for a tenth or a third of that wait: what is
//    late because of others only is let in.
// Critical routes are always let in; sheddable ones are let wait a quarter as long as normal ones, so that
// they give way first. A route whose endpoint admits itself, as a cached one, is asked for only where its
// answer has to be made.
#pragma once
#include <chrono>
#include <optional>

#include <brio/http/gate.hpp>
#include <brio/http/route.hpp>

namespace brio::http {

class Exchange;

struct AdmissionOptions {
    bool adapts = true;  // no: ServerOptions::in_flight is all there is
    /// That requests are let wait for what is slow; unset: a quarter of the route's goal.
    std::optional<std::chrono::nanoseconds> wait = {};
};

/// For a route of this goal, deadline and importance.
LimitRules limit_rules(const Route& route, const AdmissionOptions& options);

/// By an endpoint that admits itself, once, before what is work. Throws the Problem that refuses.
void admit(Exchange& exchange);

/// 503 `overloaded` with Retry-After: 1, in constant bytes but for the request's id.
void answer_overloaded(Exchange& exchange);

/// Counts a request that a middleware refused because its client asks too often.
void count_rate_limited(const Exchange& exchange);

}  // namespace brio::http
