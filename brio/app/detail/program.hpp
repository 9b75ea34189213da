// What App has collected, as the commands use it.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <brio/app/app.hpp>
#include <brio/db/model.hpp>
#include <brio/ledger/own_goal.hpp>
#include <brio/load/scenario.hpp>
#include <brio/tasks/schedule.hpp>
#include <brio/tasks/tasks.hpp>

namespace brio::app {

struct OwnCommand {
    std::string name;
    std::string help;
    std::function<int(const CommandRequest&)> run;
};

struct Program {
    std::string name;
    std::string version;
    std::string description;
    bool has_database = false;
    std::span<const db::Migration> migrations;
    db::Model model;  // empty: the program told none
    tasks::TaskSet tasks;
    tasks::Schedule schedule;
    http::Router router;
    http::Services services;
    std::vector<http::Middleware> middlewares;
    Settings defaults;
    std::map<std::string, OwnGoal, std::less<>> query_goals;  // by a statement's name
    std::function<Async<std::uint64_t>(SeedRequest)> seed;
    std::vector<OwnCommand> commands;
    std::optional<load::Scenario> load;  // none: the program has no `load`
};

}  // namespace brio::app
