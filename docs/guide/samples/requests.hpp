// Routes that show what a handler can take and give.
#pragma once
#include <atomic>
#include <map>
#include <string>
#include <vector>

#include <brio/app/app.hpp>
#include <brio/http/middleware.hpp>
#include <brio/http/parameters.hpp>

namespace requests {

using namespace brio;

// [tenant]
struct Tenant {
    std::string name;
};
/// A service: one object of the program, shared by all threads.
struct TenantDirectory {
    std::map<std::string, Tenant, std::less<>> by_key;
};
// [/tenant]

http::Middleware maintenance(const std::atomic<bool>& closed);
void compose(App& app, TenantDirectory& tenants, const std::atomic<bool>& closed);
void routes(http::Router& api);

}  // namespace requests

// [provide]
template <>
struct brio::http::Provide<requests::Tenant> {
    using Service = requests::TenantDirectory;  // checked at start: a program that forgot it does not serve

    static std::optional<requests::Tenant> from(Exchange& exchange) {
        auto const& directory = exchange.services->get<requests::TenantDirectory>();
        auto const found = directory.by_key.find(exchange.head.find("X-Api-Key").value_or(""));
        if (found == directory.by_key.end()) {
            throw Problem(401, "unknown_key", "send the key of your account as X-Api-Key");
        }
        return found->second;
    }
};
// [/provide]
