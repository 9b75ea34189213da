// Cache as a parameter of tasks: the two modules do not know each other.
#pragma once
#include <brio/cache/cache.hpp>
#include <brio/cache/caches.hpp>
#include <brio/tasks/definition.hpp>

template <>
struct brio::tasks::Give<brio::cache::Cache> {
    using Service = brio::cache::Caches;
    static brio::cache::Cache from(TaskContext& context) {
        return brio::cache::Cache(context.services.get<brio::cache::Caches>());
    }
};
