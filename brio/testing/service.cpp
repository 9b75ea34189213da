#include <brio/testing/service.hpp>

#include <brio/db/migrate.hpp>

namespace brio::testing {

namespace {

const std::string& migrated(const std::string& url, std::span<const db::Migration> migrations) {
    db::Migrator(url, migrations).upgrade();
    return url;
}

}  // namespace

TestService::TestService(std::span<const db::Migration> migrations,
                         const std::function<void(http::Router&)>& routes, TestOptions options)
    : url_(options.database_url.empty() ? "sqlite:///" + folder_.file("test.db") : options.database_url),
      database_({.url = migrated(url_, migrations)}),
      offload_({.threads = 1}),
      client_(loop_, filled(routes), services(options), std::move(options)) {}

http::Router& TestService::filled(const std::function<void(http::Router&)>& routes) {
    routes(router_);
    return router_;
}

http::Services& TestService::services(const TestOptions& options) {
    services_.add(database_);
    services_.add(offload_);
    services_.add(caches_);
    if (options.services) {
        options.services(services_);
    }
    return services_;
}

}  // namespace brio::testing
