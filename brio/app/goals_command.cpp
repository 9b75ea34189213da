#include <brio/app/goals_command.hpp>

#include <algorithm>
#include <cstdio>

#include <brio/app/admin_caller.hpp>
#include <brio/app/goal_keeper.hpp>
#include <brio/app/listing.hpp>
#include <brio/base/text.hpp>
#include <brio/db/database.hpp>
#include <brio/watch/prometheus_rules.hpp>

namespace brio::app {

namespace {

constexpr std::chrono::seconds patience{2};

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace

int print_prometheus_rules(const Program& program, const Settings& settings) {
    print(watch::prometheus_rules(
        goal_rules(program, settings),
        {.program = program.name,
         .has_tasks = !program.tasks.empty(),
         .has_pool = program.has_database && db::is_postgresql(settings.database_url)}));
    return 0;
}

int show_goals(const Program& program, const Settings& settings) {
    print(list_goals(settings, goal_rules(program, settings)));
    if (settings.admin_port == 0) {
        return 0;
    }
    AdminCaller caller(settings, {.timeout = patience});
    GoalList list;
    try {
        list = caller.call("GET", "/goals").as<GoalList>();
    } catch (const NobodyAnswers&) {
        print(concat({"\nNobody tells at ", caller.server(),
                      " how they are kept: the program does not run there.\n"}));
        return 0;
    }
    print(concat({"\n", list.goals.empty() ? "Nothing was done yet.\n" : watch::write_goals(list.goals)}));
    auto const missed = watch::name_of(watch::Standing::missed);
    return std::ranges::count(list.goals, missed, &watch::GoalReport::standing) > 0 ? 1 : 0;
}

}  // namespace brio::app
