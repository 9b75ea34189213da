// What the metrics of a program say of its work: how much of each kind was done, how long it took, and in
// which phases.
#pragma once
#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <brio/ledger/blame.hpp>
#include <brio/metrics/registry.hpp>

namespace brio::watch {

enum class Scope : std::uint8_t {
    request,
    query,
    task,
    resource,  // of which the program uses some: no work, readings are counted
};
inline constexpr std::array all_scopes{Scope::request, Scope::query, Scope::task, Scope::resource};
/// "request", "query", "task", "resource".
std::string_view name_of(Scope scope) noexcept;

/// A kind of work: a route ("GET /api/resources"), a type of statements ("select") or one with a goal of its
/// own ("resources by id"), a kind of tasks; or "cpu", "memory", "connections".
struct WorkKey {
    Scope scope;
    std::string name;
    auto operator<=>(const WorkKey&) const = default;
};

/// Since the program began, or the difference of two such.
struct WorkCounts {
    std::vector<std::uint64_t> buckets;  // by the registry's edges, of all that did not fail
    std::uint64_t failed = 0;            // requests answered with 5xx
    std::uint64_t took_ns = 0;           // all that did not fail together

    std::uint64_t total() const noexcept;
    /// Those that did not fail and took no longer. Exact where the registry has an edge there.
    std::uint64_t within(const metrics::Edges& edges, std::chrono::nanoseconds limit) const noexcept;
    WorkCounts operator-(const WorkCounts& before) const;
    WorkCounts& operator+=(const WorkCounts& other);
};

struct WorkReading {
    std::map<WorkKey, WorkCounts> counts;
    /// Requests' by route, for all its methods. Tasks' are without the wait.
    std::map<WorkKey, ledger::PhaseSums> phases;
    std::map<WorkKey, ledger::PhaseSums> overrun_phases;  // the same of work over its goal only
};

/// Requests that no route answers are left out. Takes as long as a scrape without its text.
WorkReading read_work(metrics::Registry& registry);

/// Under which name the phases of some work are kept.
std::string_view phases_name(Scope scope, std::string_view name) noexcept;

/// The value of a label of a series; empty when it has none.
std::string_view label_of(const metrics::FamilyView& family, const metrics::SeriesView& series,
                          std::string_view label) noexcept;

}  // namespace brio::watch
