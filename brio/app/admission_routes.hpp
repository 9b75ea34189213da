// GET /api/admission: how many requests of each route are under way, how many may be, and why no more.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <brio/http/router.hpp>
#include <brio/http/server.hpp>

namespace brio::app {

/// One route. Times in milliseconds.
struct RouteAdmission {
    std::string method;
    std::string endpoint;
    std::string importance;              // critical, normal, sheddable
    std::uint64_t in_flight;             // that wait
    std::optional<std::uint64_t> limit;  // null: as many as come
    double base_ms;                      // of a request that waits for no other; 0: not known yet
    double waited_ms;                    // above that on average, in the last window
    double wanted_wait_ms;               // that a limit aims at
    double rate;                         // ended a second, in the last window
    std::uint64_t refused;               // by its limit, in all
    std::uint64_t withdrawn;             // let in before the limit came, and refused then
    std::optional<std::string> cause;    // what most of their time goes to: a phase
};

struct AdmissionReport {
    bool adapts;  // BRIO_ADMISSION
    std::uint64_t in_flight;
    std::uint64_t in_flight_most;
    std::uint64_t in_flight_refused;
    std::vector<RouteAdmission> routes;  // with a limit first, then those with most under way
};

AdmissionReport report_admission(http::Server& api);

/// `api` outlives the router's use.
void add_admission_routes(http::Router& router, http::Server& api);

}  // namespace brio::app
