// One of several processes that make a load together: it goes to their leader (lead.hpp), does its share of
// what the leader says, and tells each second what it has counted. Load that nobody leads any more ends at
// once.
//
//     brio load --follow 10.0.0.4:8090
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <brio/load/scenario.hpp>
#include <brio/load/web_server.hpp>

namespace brio::load::follow {

struct Follow {
    static constexpr std::chrono::seconds longest_wait{60};  // for a leader who does not listen yet

    WebAddress leader;
    std::string secret;
    const Scenario* scenario = nullptr;  // null: the leader says the request
    std::string certificates;
    /// Waits so long; true: it is to end.
    std::function<bool(std::chrono::nanoseconds)> rest;
    std::function<void(std::string_view)> say;
};

struct Followed {
    std::uint64_t requests = 0;
    bool is_well = false;  // the run was carried out, and the leader knows it
};

/// Blocks until the run is over. What hinders it is said.
Followed follow(const Follow& with);

}  // namespace brio::load::follow
