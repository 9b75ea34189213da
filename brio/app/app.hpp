// App composes a program: routes, middlewares, services, a database with its migrations, commands; and runs
// it.
//
//     int main(int argc, char** argv) {
//         auto app = brio::App("resources", migrations);
//         app.use(measure(), deadlines()).routes(routes).seed(seed);
//         // resources serve | worker | migrate | load | bench | review | …: command_line.hpp has them all
//         return app.run(argc, argv);
//     }
//
// Nothing is opened before run(): a program that prints its routes needs no database. `serve` is a supervisor
// over one server process and its workers (supervisor.hpp).
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <brio/app/settings.hpp>
#include <brio/db/model.hpp>
#include <brio/http/middleware.hpp>
#include <brio/http/router.hpp>
#include <brio/http/services.hpp>
#include <brio/ledger/goals.hpp>
#include <brio/ledger/own_goal.hpp>
#include <brio/load/scenario.hpp>
#include <brio/runtime/async.hpp>
#include <brio/tasks/definition.hpp>
#include <brio/tasks/routes.hpp>
#include <brio/tasks/schedule.hpp>

namespace brio::db {
class Database;
}  // namespace brio::db

namespace brio::app {
struct Program;
}  // namespace brio::app

namespace brio {

/// What `seed` was asked for, and where it says how far it is.
struct SeedRequest {
    db::Database& database;
    std::uint64_t count = 0;  // of --count; 0: not given
    std::string from;         // of --from, as "debian"; empty: made-up rows
    /// Call it now and then with the rows made so far and, when it is known, of how many.
    std::function<void(std::uint64_t done, std::uint64_t of)> progress;
};

/// What a command of the program's own gets.
struct CommandRequest {
    const app::Settings& settings;
    db::Database* database;              // null in a program without migrations
    std::vector<std::string> arguments;  // what followed the command's name
};

/// Of App::schedule_review.
struct ReviewPlan {
    std::string folder = "reviews";  // made if it is missing
    std::chrono::hours since{168};   // how far each looks back, up to two weeks
    std::uint32_t kept = 12;         // files in the folder; older ones are removed
    std::string format = "html";     // md, json
    std::string zone = "UTC";        // of cron
};

class App {
public:
    /// `version` is shown by --version, in OpenAPI and in the metrics.
    explicit App(std::string name, std::string version = "0.1.0");
    /// A program with a database. The migrations live as long as the program.
    App(std::string name, std::span<const db::Migration> migrations, std::string version = "0.1.0");
    App(App&&) noexcept;
    ~App();

    /// Around every request of the API, in this order.
    template <class... Each>
    App& use(Each... middlewares) {
        (add_middleware(std::move(middlewares)), ...);
        return *this;
    }
    /// Called once, now, with the API's router.
    App& routes(const std::function<void(http::Router&)>& add);
    /// For handlers' parameters whose Provide<T> names it as its Service. Outlives the App.
    template <class T>
    App& service(T& shared) {
        services().add(shared);
        return *this;
    }
    /// The program's tables, all of them: `migrate check` compares them with the database, `migrate new
    /// --auto` writes what differs.
    template <class... Tables>
    App& model(const Tables&... tables) {
        return set_model(db::model_of(tables...));
    }
    /// The functions that carry out background tasks (tasks/definition.hpp): by the worker processes of
    /// `serve` and by `worker`. They need a database, which keeps the tasks.
    template <class... Functions>
    App& tasks(Functions... functions) {
        (add_task(brio::tasks::define(std::move(functions))), ...);
        return *this;
    }
    /// Which queue a task goes to whose policy names none: `{{"app.worker.*", "main-queue"}, …}`, the most
    /// specific pattern decides.
    App& task_routes(std::vector<brio::tasks::TaskRoutes::Rule> rules);
    /// Tasks that are pushed again and again (tasks/schedule.hpp), each tick once over all instances: `add`
    /// is called once, now. Throws std::invalid_argument that says what is wrong with an entry.
    App& schedule(const std::function<void(brio::tasks::Schedule&)>& add);
    /// A review of the program is written into a folder by `cron`: the schedule's entry "review", a task
    /// "brio.review". Its summary goes to BRIO_ALERT_URL, where that is set. Throws as schedule() does.
    App& schedule_review(std::string_view cron, ReviewPlan plan = {});
    /// The goals when no setting says otherwise.
    App& goals(Goals goals);
    /// A goal of one statement's own, by its name ("resources by id"; `/queries` at the admin port has the
    /// names). It is counted with those of its type too.
    App& query_goal(std::string name, OwnGoal goal);
    /// What `seed` does: a coroutine that fills the migrated database and returns how many rows it made.
    App& seed(std::function<Async<std::uint64_t>(SeedRequest)> fill);
    /// What the users of `load` do (load/scenario.hpp).
    template <class... Users>
    App& load() {
        return set_load(brio::load::scenario<Users...>(name()));
    }
    /// A command of the program's own; `run` returns the exit status: 0 well, 1 a judged failure, 2 bad use.
    App& command(std::string name, std::string help, std::function<int(const CommandRequest&)> run);
    /// What OpenAPI says of the whole API, in Markdown.
    App& description(std::string markdown);

    /// Reads the settings, carries out the command, returns the exit status: 0 well, 1 a judged failure, 2
    /// bad use.
    int run(int argc, char** argv);

    const std::string& name() const noexcept;
    /// The API's routes, for tests in process (testing/client.hpp); the standard routes are added by run()
    /// only.
    http::Router& router() noexcept;
    http::Services& services() noexcept;
    const std::vector<http::Middleware>& middlewares() const noexcept;

private:
    void add_middleware(http::Middleware middleware);
    App& set_model(db::Model model);
    App& set_load(brio::load::Scenario scenario);
    void add_task(brio::tasks::Definition definition);

    std::unique_ptr<app::Program> program_;
};

}  // namespace brio
