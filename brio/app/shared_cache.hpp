// What the processes of a service share in Redis: its client, the store of their caches and their rate
// limits.
#pragma once
#include <memory>

#include <brio/app/detail/program.hpp>
#include <brio/app/settings.hpp>
#include <brio/cache/redis_store.hpp>
#include <brio/cache/shared_rate_limits.hpp>
#include <brio/db/database.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/redis/client.hpp>
#include <brio/runtime/offload.hpp>
#include <brio/sql/generations.hpp>

namespace brio::app {

class SharedCache {
public:
    /// `settings.redis_url` is set and valid. `database`: the program's; none: it has none.
    SharedCache(const Program& program, const Settings& settings, metrics::Registry& registry,
                runtime::OffloadPool& offload, db::Database* database);

    redis::Client& client() noexcept { return client_; }
    cache::RedisStore& store() noexcept { return store_; }
    cache::SharedRateLimits& rate_limits() noexcept { return rate_limits_; }

private:
    sql::Generations no_tables_;
    redis::Client client_;
    cache::RedisStore store_;
    cache::SharedRateLimits rate_limits_;
};

/// None where the settings name no Redis.
std::unique_ptr<SharedCache> share_cache(const Program& program, const Settings& settings,
                                         metrics::Registry& registry, runtime::OffloadPool& offload,
                                         db::Database* database);

}  // namespace brio::app
