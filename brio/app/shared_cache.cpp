#include <brio/app/shared_cache.hpp>

#include <algorithm>

#include <brio/sql/cursor.hpp>

namespace brio::app {

namespace {

// A connection is given up later than a command on it.
std::chrono::nanoseconds patience_for(std::chrono::nanoseconds deadline) {
    return std::max(redis::ClientOptions().patience, 2 * deadline);
}

/// By the secret that belongs to the database, which is the same in every process.
std::uint64_t edition_of(const Program& program, const db::Database* database) {
    return sql::siphash(database != nullptr ? database->cursor_key() : sql::CursorKey{}, program.version);
}

}  // namespace

SharedCache::SharedCache(const Program& program, const Settings& settings, metrics::Registry& registry,
                         runtime::OffloadPool& offload, db::Database* database)
    : client_({.address = *redis::parse_url(settings.redis_url),
               .name = program.name,
               .timeout = settings.redis_deadline,
               .patience = patience_for(settings.redis_deadline),
               .limits = {.in_flight = settings.redis_in_flight, .queued_bytes = settings.redis_queue},
               .registry = &registry},
              offload),
      store_(client_, database != nullptr ? database->generations() : no_tables_,
             {.program = program.name,
              .edition = edition_of(program, database),
              .largest_value = settings.redis_value,
              .registry = &registry}),
      rate_limits_(client_, {.program = program.name, .registry = &registry}) {}

std::unique_ptr<SharedCache> share_cache(const Program& program, const Settings& settings,
                                         metrics::Registry& registry, runtime::OffloadPool& offload,
                                         db::Database* database) {
    return settings.redis_url.empty()
               ? nullptr
               : std::make_unique<SharedCache>(program, settings, registry, offload, database);
}

}  // namespace brio::app
