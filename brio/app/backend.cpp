#include <brio/app/backend.hpp>

#include <brio/app/database_commands.hpp>
#include <brio/app/task_broker.hpp>
#include <brio/http/client.hpp>

namespace brio::app {

Backend::Backend(const Program& program, const Settings& settings, metrics::Registry& registry)
    : caches({.bytes = settings.cache_bytes, .registry = &registry}),
      offload({.threads = settings.offload_threads, .queue = settings.offload_queue}),
      database(open_database(program, settings, &registry)),
      shared_cache(share_cache(program, settings, registry, offload, database.get())),
      services(program.services) {
    services.add(offload);
    services.add(registry);
    services.add(caches);
    if (database) {
        services.add(*database);
    }
    if (shared_cache) {
        caches.share_in(shared_cache->store());
        services.add<http::SharedBuckets>(shared_cache->rate_limits());
    }
    if (!program.tasks.empty()) {
        shared_broker = open_shared_broker(settings, program.tasks, offload);
        if (!shared_broker) {
            own_broker = open_own_broker(settings, program.tasks, *database);
        }
        tasks.emplace(program.tasks, shared_broker ? *shared_broker : *own_broker, registry, settings.goals);
        services.add(*tasks);
    }
}

void Backend::tell(runtime::Limits& limits) {
    auto const add = [&limits](runtime::Limit& limit) { limits.add(limit); };
    if (database) {
        database->each_limit(add);
    }
    if (tasks) {
        tasks->broker().each_limit(add);
    }
    if (shared_cache) {
        shared_cache->client().each_limit(add);
        limits.add(shared_cache->rate_limits().limit());
    }
    if (auto* client = services.find<http::Client>()) {
        client->each_limit(add);
    }
    limits.add(offload.queue_limit());
    caches.each_limit(add);
}

}  // namespace brio::app
