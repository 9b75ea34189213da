// Routes that wait: for time, for each other, for another thread.
#pragma once
#include <brio/http/provide.hpp>
#include <brio/http/router.hpp>
#include <brio/runtime/offload.hpp>

namespace waiting {

using namespace brio;

// [pool]
struct Pool {
    runtime::OffloadPool* threads;
};
// [/pool]

void routes(http::Router& api);

}  // namespace waiting

// [provide-pool]
template <>
struct brio::http::Provide<waiting::Pool> {
    using Service = runtime::OffloadPool;  // App and TestService add theirs
    static std::optional<waiting::Pool> from(Exchange& exchange) {
        return waiting::Pool{&exchange.services->get<runtime::OffloadPool>()};
    }
};
// [/provide-pool]
