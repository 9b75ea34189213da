#include <brio/testing/service.hpp>

#include <brio/db/migrate.hpp>

namespace brio::testing {

std::string migrated_database(const TemporaryFolder& folder, std::span<const db::Migration> migrations) {
    auto url = "sqlite:///" + folder.file("test.db");
    db::Migrator(url, migrations).upgrade();
    return url;
}

TestService::TestService(std::span<const db::Migration> migrations,
                         const std::function<void(http::Router&)>& routes, TestOptions options)
    : url_(migrated_database(folder_, migrations)),
      database_({.url = url_}),
      offload_({.threads = 1}),
      client_(loop_, filled(routes), services(), std::move(options)) {}

http::Router& TestService::filled(const std::function<void(http::Router&)>& routes) {
    routes(router_);
    return router_;
}

http::Services& TestService::services() {
    services_.add(database_);
    services_.add(offload_);
    return services_;
}

}  // namespace brio::testing
