#include <brio/app/admission_routes.hpp>

#include <algorithm>

#include <brio/base/clock.hpp>
#include <brio/http/parameters.hpp>

namespace brio::app {
namespace {

double milliseconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

struct SendAdmission {
    http::Server* api;

    http::Response operator()() const {
        http::Response response;
        response.json(json::to_string(report_admission(*api))).cache_control("no-store");
        return response;
    }
};

}  // namespace

AdmissionReport report_admission(http::Server& api) {
    auto const& in_flight = api.in_flight();
    AdmissionReport report{.adapts = api.options().admission.adapts,
                           .in_flight = in_flight.used(),
                           .in_flight_most = in_flight.most(),
                           .in_flight_refused = in_flight.refused(),
                           .routes = {}};
    for (auto const& route : api.router().routes()) {
        if (route->gate == nullptr) {
            continue;
        }
        auto const state = route->gate->state(monotonic_now());
        report.routes.push_back(
            {.method = std::string(http::method_name(route->method)),
             .endpoint = route->pattern,
             .importance = std::string(http::name_of(route->options.importance)),
             .in_flight = state.in_flight,
             .limit = state.limit,
             .base_ms = milliseconds(state.base),
             .waited_ms = milliseconds(state.waited),
             .wanted_wait_ms = milliseconds(route->gate->rules().wait),
             .rate = state.rate,
             .refused = state.refused,
             .withdrawn = state.withdrawn,
             .cause = state.cause ? std::optional(std::string(ledger::name(*state.cause))) : std::nullopt});
    }
    std::ranges::stable_sort(report.routes, [](const auto& one, const auto& other) {
        return std::tuple(one.limit.has_value(), one.in_flight) >
               std::tuple(other.limit.has_value(), other.in_flight);
    });
    return report;
}

void add_admission_routes(http::Router& router, http::Server& api) {
    router.get<"/api/admission">(SendAdmission{&api});
}

}  // namespace brio::app
