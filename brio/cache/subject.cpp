#include <brio/cache/subject.hpp>

namespace brio::cache {

namespace {
constexpr std::array<std::string_view, result_count> result_labels{"hit", "stale", "miss", "bypass"};
}  // namespace

std::string_view name_of(CacheType type) noexcept {
    return type == CacheType::response ? "response" : "query";
}

std::string_view word_of(Result result) noexcept {
    constexpr std::array<std::string_view, result_count> words{"HIT", "STALE", "MISS", "BYPASS"};
    return words[static_cast<std::size_t>(result)];
}

SubjectMetrics::SubjectMetrics(metrics::Registry& its_registry)
    : registry(its_registry),
      hits(its_registry.counter({.name = "cache_hits_total",
                                 .help = "Look-ups that the cache answered, stale answers too.",
                                 .labels = {"cache_type"}})),
      misses(its_registry.counter({.name = "cache_misses_total",
                                   .help = "Look-ups that found nothing to give.",
                                   .labels = {"cache_type"}})),
      results(its_registry.counter({.name = "cache_results_total",
                                    .help = "What look-ups came to, by what was looked up.",
                                    .labels = {"cache_type", "name", "result"},
                                    .hide_unused = true})),
      fills(its_registry.counter({.name = "cache_fills_total",
                                  .help = "What was made for the cache, and whether it was kept or why not.",
                                  .labels = {"cache_type", "name", "outcome"}})),
      rebuild(its_registry.summary({.name = "cache_rebuild_seconds",
                                    .help = "What making anew took.",
                                    .labels = {"cache_type", "name"},
                                    .hide_unused = true})),
      saved(its_registry.summary({.name = "cache_saved_seconds",
                                  .help = "What hits would have taken to make, by what making them took.",
                                  .labels = {"cache_type", "name"},
                                  .hide_unused = true})),
      saved_statements(its_registry.counter({.name = "cache_saved_statements_total",
                                             .help = "Statements that hits would have run.",
                                             .labels = {"cache_type", "name"},
                                             .hide_unused = true})) {}

Subject::Subject(Caches& caches, CacheType type, std::string name, const SubjectMetrics& metrics)
    : caches_(caches),
      type_(type),
      name_(std::move(name)),
      metrics_(metrics),
      hits_(metrics.hits.with({name_of(type)})),
      misses_(metrics.misses.with({name_of(type)})),
      rebuild_(metrics.rebuild.with({name_of(type), name_})),
      saved_(metrics.saved.with({name_of(type), name_})),
      saved_statements_(metrics.saved_statements.with({name_of(type), name_})) {
    for (std::size_t i = 0; i < result_count; ++i) {
        results_[i] = metrics.results.with({name_of(type), name_, result_labels[i]});
    }
}

void Subject::count(Result result, const Item* given) const noexcept {
    auto& shard = metrics_.registry.here();
    results_[static_cast<std::size_t>(result)].add(shard);
    if (result == Result::hit || result == Result::stale) {
        hits_.add(shard);
    } else if (result == Result::miss) {
        misses_.add(shard);
    }
    if (given != nullptr) {
        saved_.observe(shard, static_cast<std::uint64_t>(given->rebuild.count()));
        saved_statements_.add(shard, given->statements);
    }
}

void Subject::made(std::uint64_t ns, std::string_view outcome) const {
    auto& shard = metrics_.registry.here();
    rebuild_.observe(shard, ns);
    metrics_.fills.with({name_of(type_), name_, outcome}).add(shard);
}

}  // namespace brio::cache
