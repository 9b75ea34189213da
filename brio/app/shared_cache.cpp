#include <brio/app/shared_cache.hpp>

#include <algorithm>

namespace brio::app {

namespace {

// A connection is given up later than a command on it.
std::chrono::nanoseconds patience_for(std::chrono::nanoseconds deadline) {
    return std::max(redis::ClientOptions().patience, 2 * deadline);
}

}  // namespace

SharedCache::SharedCache(const std::string& program, const Settings& settings, metrics::Registry& registry,
                         runtime::OffloadPool& offload, sql::Generations* generations)
    : client_({.address = *redis::parse_url(settings.redis_url),
               .name = program,
               .timeout = settings.redis_deadline,
               .patience = patience_for(settings.redis_deadline),
               .limits = {.in_flight = settings.redis_in_flight, .queued_bytes = settings.redis_queue},
               .registry = &registry},
              offload),
      store_(client_, generations != nullptr ? *generations : no_tables_,
             {.program = program, .largest_value = settings.redis_value, .registry = &registry}) {}

std::unique_ptr<SharedCache> share_cache(const std::string& program, const Settings& settings,
                                         metrics::Registry& registry, runtime::OffloadPool& offload,
                                         sql::Generations* generations) {
    return settings.redis_url.empty()
               ? nullptr
               : std::make_unique<SharedCache>(program, settings, registry, offload, generations);
}

}  // namespace brio::app
