// Cache as a handler's parameter. A program that takes one adds its Caches to the services.
#pragma once
#include <brio/cache/cache.hpp>
#include <brio/cache/key.hpp>
#include <brio/http/exchange.hpp>
#include <brio/http/provide.hpp>

template <>
struct brio::http::Provide<brio::cache::Cache> {
    using Service = brio::cache::Caches;
    static std::optional<brio::cache::Cache> from(Exchange& exchange) {
        return brio::cache::Cache(exchange.services->get<brio::cache::Caches>());
    }
};

template <>
struct brio::cache::KeyPart<brio::cache::Cache> : NoKeyPart<brio::cache::Cache> {};
