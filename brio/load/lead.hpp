// A load test that several processes make together, as their leader carries it out: it waits for them, has
// each begin with its share of the plan at one moment, and makes one outcome of what they count. It makes no
// load itself.
//
//     brio load http://10.0.0.5:8080/ --users 20000 --lead 0.0.0.0:8090 --followers 4
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <brio/load/request.hpp>
#include <brio/load/run.hpp>
#include <brio/load/wait.hpp>
#include <brio/load/web_server.hpp>

namespace brio::load::follow {

struct Lead {
    WebAddress address;  // where it listens
    std::size_t followers = 1;
    std::string secret;                  // that followers must know; empty: none
    const Scenario* scenario = nullptr;  // that followers must have; null: they send `request`
    const Request* request = nullptr;    // without a scenario
    Wait wait = none();                  // the same
    std::function<void(std::string_view)> say;
};

/// Looks and rests as of a run. A follower who is lost is said, and stands in Outcome::lost; the others go
/// on. Throws std::system_error when nobody can listen there, std::invalid_argument when the plan has too
/// little for so many, std::runtime_error when it is interrupted before all have come, or when none of them
/// could begin.
Outcome lead(const Plan& plan, const Lead& with, const RunOptions& options);

}  // namespace brio::load::follow
