#include <brio/app/shared_cache.hpp>

namespace brio::app {

SharedCache::SharedCache(const std::string& program, const Settings& settings, metrics::Registry& registry,
                         runtime::OffloadPool& offload, sql::Generations* generations)
    : client_({.address = *redis::parse_url(settings.redis_url),
               .name = program,
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
