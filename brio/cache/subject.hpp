// What is cached under one name: a route's answers, or a kind of query. Its counters.
//
// Lives as long as its Caches; any thread.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <brio/cache/item.hpp>
#include <brio/metrics/registry.hpp>

namespace brio::cache {

class Caches;

enum class CacheType : std::uint8_t { response, query };
/// "response", "query": the label `cache_type`.
std::string_view name_of(CacheType type) noexcept;

/// What a look-up came to.
enum class Result : std::uint8_t {
    hit,
    stale,  // a hit too: given while it is renewed, or because it could not be
    miss,
    bypass,  // not looked up: the cache is off, or the request asks for what it wrote itself
};
inline constexpr std::size_t result_count = 4;
/// "HIT", "STALE", "MISS", "BYPASS": X-Cache.
std::string_view word_of(Result result) noexcept;

/// The families that all subjects count in:
/// cache_hits_total{cache_type}, cache_misses_total{cache_type}, cache_results_total{cache_type,name,result},
/// cache_fills_total{cache_type,name,outcome}, cache_rebuild_seconds{cache_type,name},
/// cache_saved_seconds{cache_type,name}, cache_saved_statements_total{cache_type,name}.
struct SubjectMetrics {
    explicit SubjectMetrics(metrics::Registry& its_registry);

    metrics::Registry& registry;
    metrics::Family<metrics::Counter> hits;
    metrics::Family<metrics::Counter> misses;
    metrics::Family<metrics::Counter> results;
    metrics::Family<metrics::Counter> fills;
    metrics::Family<metrics::Summary> rebuild;
    metrics::Family<metrics::Summary> saved;
    metrics::Family<metrics::Counter> saved_statements;
};

class Subject {
public:
    Subject(Caches& caches, CacheType type, std::string name, const SubjectMetrics& metrics);
    Subject(const Subject&) = delete;
    Subject& operator=(const Subject&) = delete;

    Caches& caches() const noexcept { return caches_; }
    CacheType type() const noexcept { return type_; }
    /// "GET /api/resources", "resources by id": the label of its items.
    const std::string& name() const noexcept { return name_; }

    /// One look-up; with what it gave, for what that has saved. Cost: 3 ns.
    void count(Result result, const Item* given = nullptr) const noexcept;
    /// Something was made, which took so long. `outcome`: "kept", or why not.
    void made(std::uint64_t ns, std::string_view outcome) const;

private:
    Caches& caches_;
    const CacheType type_;
    const std::string name_;
    const SubjectMetrics& metrics_;
    metrics::Counter hits_;
    metrics::Counter misses_;
    std::array<metrics::Counter, result_count> results_;
    metrics::Summary rebuild_;
    metrics::Summary saved_;
    metrics::Counter saved_statements_;
};

}  // namespace brio::cache
