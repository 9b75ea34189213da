#include <brio/app/app.hpp>

#include <brio/app/detail/program.hpp>
#include <brio/app/review_task.hpp>
#include <brio/app/roles.hpp>
#include <brio/watch/review_writers.hpp>

namespace brio {

App::App(std::string name, std::string version) : program_(std::make_unique<app::Program>()) {
    program_->name = std::move(name);
    program_->version = std::move(version);
    program_->defaults.goals_file = program_->name + ".goals";
}

App::App(std::string name, std::span<const db::Migration> migrations, std::string version)
    : App(std::move(name), std::move(version)) {
    program_->has_database = true;
    program_->migrations = migrations;
    program_->defaults.database_url = "sqlite:///" + program_->name + ".db";
}

App::App(App&&) noexcept = default;
App::~App() = default;

App& App::routes(const std::function<void(http::Router&)>& add) {
    add(program_->router);
    return *this;
}

App& App::set_model(db::Model model) {
    program_->model = std::move(model);
    return *this;
}

App& App::set_load(brio::load::Scenario scenario) {
    program_->load = std::move(scenario);
    return *this;
}

void App::add_task(brio::tasks::Definition definition) {
    expect(program_->has_database, "a program with tasks has a database, which keeps them");
    expect(program_->tasks.find(definition.policy.name) == nullptr, "two tasks of a program have two names");
    program_->tasks.definitions.push_back(std::move(definition));
}

App& App::task_routes(std::vector<brio::tasks::TaskRoutes::Rule> rules) {
    program_->tasks.routes = brio::tasks::TaskRoutes(std::move(rules));
    return *this;
}

App& App::schedule(const std::function<void(brio::tasks::Schedule&)>& add) {
    add(program_->schedule);
    return *this;
}

App& App::schedule_review(std::string_view cron, ReviewPlan plan) {
    expect(watch::review_format(plan.format).has_value(), "a review is html, md or json");
    expect(plan.since > plan.since.zero() && plan.since <= std::chrono::hours(336) && plan.kept > 0,
           "a review is of an hour to two weeks, and one is kept at least");
    add_task(brio::tasks::define(app::write_review));
    brio::tasks::EntryOptions options{.zone = plan.zone};
    program_->schedule.cron(
        "review", cron,
        [plan = std::move(plan)](Timestamp tick) {
            return app::WriteReview{.tick = tick,
                                    .folder = plan.folder,
                                    .since_seconds = std::chrono::seconds(plan.since).count(),
                                    .kept = plan.kept,
                                    .format = plan.format};
        },
        std::move(options));
    return *this;
}

App& App::goals(Goals goals) {
    program_->defaults.goals = goals;
    return *this;
}

App& App::query_goal(std::string name, OwnGoal goal) {
    expect(goal.is_sound(), "a statement's goal has a limit and a share under 1");
    program_->query_goals[std::move(name)] = goal;
    return *this;
}

App& App::seed(std::function<Async<std::uint64_t>(SeedRequest)> fill) {
    program_->seed = std::move(fill);
    return *this;
}

App& App::command(std::string name, std::string help, std::function<int(const CommandRequest&)> run) {
    program_->commands.push_back({std::move(name), std::move(help), std::move(run)});
    return *this;
}

App& App::description(std::string markdown) {
    program_->description = std::move(markdown);
    return *this;
}

int App::run(int argc, char** argv) { return app::carry_out(*program_, argc, argv); }

const std::string& App::name() const noexcept { return program_->name; }
http::Router& App::router() noexcept { return program_->router; }
http::Services& App::services() noexcept { return program_->services; }
const std::vector<http::Middleware>& App::middlewares() const noexcept { return program_->middlewares; }
void App::add_middleware(http::Middleware middleware) {
    program_->middlewares.push_back(std::move(middleware));
}

}  // namespace brio
