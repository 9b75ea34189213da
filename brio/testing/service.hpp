// A program's routes on a database of its own, in process: what most tests of a service need.
//
//     TestService service(migrations, routes);
//     service.run(service.db().insert(users, NewUser{…}));
//     EXPECT_EQ(service.client().get("/api/users/1").status, 200);
#pragma once
#include <functional>
#include <span>

#include <brio/base/temporary_folder.hpp>
#include <brio/cache/caches.hpp>
#include <brio/db/database.hpp>
#include <brio/db/migration.hpp>
#include <brio/runtime/offload.hpp>
#include <brio/runtime/run.hpp>
#include <brio/tasks/database_broker.hpp>
#include <brio/tasks/tasks.hpp>
#include <brio/testing/client.hpp>

namespace brio::testing {

class TestService {
public:
    /// A new, migrated SQLite file, removed with this, or the empty database of `options`. The migrations
    /// need to live as long as the call only.
    TestService(std::span<const db::Migration> migrations, const std::function<void(http::Router&)>& routes,
                TestOptions options = {});
    TestService(const TestService&) = delete;
    TestService& operator=(const TestService&) = delete;

    TestClient& client() noexcept { return client_; }
    db::Database& database() noexcept { return database_; }
    cache::Caches& caches() noexcept { return caches_; }
    tasks::Tasks& tasks() noexcept { return tasks_; }
    /// Carries out, here and now, what has been pushed and is due, and what that pushes; gives how many tasks
    /// were begun. Throws std::runtime_error when they are not over within the options' patience.
    std::size_t run_tasks();
    db::Db db() noexcept { return database_.db(); }
    runtime::Loop& loop() noexcept { return loop_; }
    http::Router& router() noexcept { return router_; }
    /// `sqlite:///…` of its file, or that of the options, for another program.
    const std::string& url() const noexcept { return url_; }
    /// Runs the coroutine to its end on the service's loop.
    template <class T>
    T run(Async<T> call) {
        return runtime::run(loop_, std::move(call));
    }

private:
    http::Router& filled(const std::function<void(http::Router&)>& routes);
    http::Services& services(const TestOptions& options);

    TemporaryFolder folder_;
    std::string url_;
    runtime::Loop loop_;  // outlives the database
    db::Database database_;
    cache::Caches caches_;  // whose items the offload threads work on
    runtime::OffloadPool offload_;
    const tasks::TaskSet task_set_;
    tasks::DatabaseBroker broker_;
    metrics::Registry registry_;
    tasks::Tasks tasks_;
    const std::chrono::milliseconds patience_;
    http::Router router_;
    http::Services services_;
    TestClient client_;
};

}  // namespace brio::testing
