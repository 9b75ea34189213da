// What the handlers and the tasks of a program work with: its database, caches, broker and offload threads,
// as the settings say. One a process; the loops that use it outlive it.
#pragma once
#include <memory>
#include <optional>

#include <brio/app/detail/program.hpp>
#include <brio/app/shared_cache.hpp>
#include <brio/cache/caches.hpp>
#include <brio/db/database.hpp>
#include <brio/http/services.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/runtime/limit.hpp>
#include <brio/runtime/offload.hpp>
#include <brio/tasks/tasks.hpp>

namespace brio::app {

struct Backend {
    /// Opens all of it. Throws what keeps something from being opened.
    Backend(const Program& program, const Settings& settings, metrics::Registry& registry);
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;

    /// Adds its bounds to those that are shown, and that shedding by cause reads.
    void tell(runtime::Limits& limits);

    std::unique_ptr<tasks::Broker> shared_broker;  // Redis; outlives the offload threads that it uses
    cache::Caches caches;                          // whose items the offload threads work on
    runtime::OffloadPool offload;
    std::unique_ptr<db::Database> database;  // null in a program without one
    std::unique_ptr<SharedCache> shared_cache;
    std::unique_ptr<tasks::Broker> own_broker;  // the database's
    std::optional<tasks::Tasks> tasks;          // of a program that has any, with one of the two brokers
    http::Services services;                    // the program's own, and these
};

}  // namespace brio::app
