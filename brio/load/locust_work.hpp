// A generator of load that a Locust master leads: it runs as many users of each class as the master says, and
// tells it what they counted. Locust's own web page, its CSV files and its exit status then show the figures.
//
//     brio load http://127.0.0.1:8080/api/resources --worker --master-host 10.0.0.7
//
// The classes of the master's locustfile and the types of the scenario are matched by their names; what the
// Python classes would do is not looked at. Times are from when a request was meant to begin.
#pragma once
#include <functional>
#include <string>

#include <brio/load/engine.hpp>
#include <brio/load/locust_link.hpp>
#include <brio/load/locust_worker.hpp>

namespace brio::load::locust {

struct WorkOptions {
    Link::Address master;
    Plan plan;  // of the closed model; its stages and target stand until the master says
    Scenario scenario;
    bool is_url = false;  // the scenario is one request to the plan's target: of any class, and nowhere else
    EngineOptions engine = {};
    std::function<bool()> is_interrupted;  // asked ten times a second
    std::function<void(const Say&)> say;
};

struct WorkDone {
    bool is_well = true;  // false: no master took it
    std::uint64_t requests = 0;
    std::uint64_t failures = 0;
};

/// Works until the master ends it or it is interrupted, on the calling thread beside the engine's. Throws
/// std::runtime_error when the master's address is none.
WorkDone work(const WorkOptions& options);

}  // namespace brio::load::locust
