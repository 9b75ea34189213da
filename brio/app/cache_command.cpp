#include <brio/app/cache_command.hpp>

#include <cstdio>

#include <brio/app/admin_caller.hpp>
#include <brio/app/cache_routes.hpp>
#include <brio/base/text.hpp>
#include <brio/http/percent.hpp>

namespace brio::app {

namespace {

int refuse(const Program& program, std::string_view why, int status) {
    std::fputs(concat({program.name, " cache clear: ", why, "\n"}).c_str(), stderr);
    return status;
}

std::string parameter(std::string_view name, std::string_view value) {
    Buffer encoded;
    http::percent_encode(value, encoded);
    return concat({"?", name, "=", encoded.view()});
}

}  // namespace

int clear_cache(const Program& program, const Settings& settings, const CommandLine& line) {
    if (line.tag && line.route) {
        return refuse(program, "give --tag or --route, not both", 2);
    }
    if ((line.tag && line.tag->empty()) || (line.route && line.route->empty())) {
        return refuse(program, "--tag and --route need a name; without them everything is dropped", 2);
    }
    if (settings.admin_port == 0) {
        return refuse(program, "the program has no admin port (BRIO_ADMIN_PORT=0): nobody can be asked", 2);
    }
    const auto which = line.tag     ? parameter("tag", *line.tag)
                       : line.route ? parameter("route", *line.route)
                                    : std::string();
    try {
        AdminCaller caller(settings);
        const auto answer = caller.call("DELETE", concat({"/api/cache", which}));
        std::puts(
            concat({integer_text(answer.as<CacheCleared>().cleared), " entries dropped at ", caller.server()})
                .c_str());
    } catch (const std::runtime_error& failed) {
        return refuse(program, failed.what(), 1);
    }
    return 0;
}

}  // namespace brio::app
