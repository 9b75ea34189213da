// Profiles at the admin server:
//
//     POST /api/profile?seconds=10&hz=99       begins one: 202; 409 while one is under way
//     GET  /api/profile                        what there is
//     GET  /api/profile/{id}?format=json&name=/api/resources
//                                              format: json (the flame graph's tree, and a table), collapsed,
//                                              speedscope, pprof (profile.proto, gzip), table (text);
//                                              name, or route: only of one route, task or thread
//     GET  /profile?seconds=10&hz=99&format=collapsed&name=…
//                                              begins one, and answers when it is done; format=html leads
//                                              to the dashboard's flame graph of it
//     GET  /api/scopes                         what brio::profile() has counted
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/app/profiler.hpp>
#include <brio/http/router.hpp>
#include <brio/json/raw.hpp>

namespace brio::app {

inline constexpr std::array<std::string_view, 5> profile_formats{"json", "collapsed", "speedscope", "pprof",
                                                                 "table"};

/// What GET /api/profile gives.
struct ProfileList {
    bool is_on = false;                  // BRIO_PROFILE_HZ is not 0
    std::uint32_t hz = 0;                // samples a second of processor time that are always taken
    std::vector<ProfileState> profiles;  // the latest first
};
/// What GET /api/profile/{id} gives.
struct ProfileFunction {
    std::string name;  // of the route, task or thread
    std::string function;
    double cumulative_ms = 0;
    double self_ms = 0;
    double share = 0;  // of the processor time
};
struct ProfileName {
    std::string name;
    double cpu_ms = 0;
    double wait_ms = 0;
};
struct ProfileOverhead {
    double spent_ms = 0;  // by taking the samples
    double share = 0;     // of the processor time seen
    std::string words;
};
struct ProfileReport {
    std::uint64_t id = 0;
    std::string program;
    std::uint32_t seconds = 0;
    std::uint32_t hz = 0;
    Timestamp started_at;
    std::uint64_t samples = 0;
    std::uint64_t lost = 0;
    double cpu_ms = 0;
    double wait_ms = 0;
    ProfileOverhead overhead;
    std::vector<ProfileName> names;          // the most time first
    std::vector<ProfileFunction> functions;  // the most cumulative time first
    json::Raw tree;                          // watch::flame_tree()
};
/// `name`: only of that.
ProfileReport report_profile(const FinishedProfile& finished, std::string program,
                             const std::optional<std::string>& name);

/// As a terminal shows it: what each route, task and thread took, and the functions that took most.
std::string write_profile_table(const ProfileReport& report);

/// What GET /api/scopes gives.
struct ScopeLine {
    std::string scope;
    std::uint64_t calls = 0;
    double total_ms = 0;
    double self_ms = 0;
    double rest_ms = 0;  // of the total, while its unit of work was suspended
    double mean_ms = 0;
    double p95_ms = 0;
};
struct ScopeList {
    std::vector<ScopeLine> scopes;  // the most total time first
};
ScopeList report_scopes(metrics::Registry& registry);

/// Both outlive the router's use.
void add_profile_routes(http::Router& router, Profiler& profiler, metrics::Registry& registry,
                        std::string program);

}  // namespace brio::app
