#include <brio/app/load_command.hpp>

#include <brio/app/goal_keeper.hpp>
#include <brio/app/listing.hpp>
#include <brio/base/expect.hpp>
#include <brio/base/text.hpp>
#include <brio/load/command.hpp>

namespace brio::app {

int load_test(const Program& program, const Settings& settings, const std::vector<std::string>& arguments) {
    expect(program.load.has_value(), "a load test has users");
    load::CommandSetup setup{.program = concat({program.name, " load"}),
                             .scenario = &*program.load,
                             .target = url_of_api(settings, settings.port),
                             .goals = settings.goals};
    for (auto const& [name, goal] : goal_rules(program, settings).requests) {
        setup.routes.push_back({name, goal});
    }
    if (settings.admin_port != 0) {
        setup.admin = {.url = url_of(settings.admin_host, settings.admin_port),
                       .token = settings.admin_token};
    }
    return load::run_command(arguments, setup);
}

}  // namespace brio::app
