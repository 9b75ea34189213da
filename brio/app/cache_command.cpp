#include <brio/app/cache_command.hpp>

#include <cstdio>

#include <brio/app/cache_routes.hpp>
#include <brio/app/listing.hpp>
#include <brio/base/text.hpp>
#include <brio/http/client.hpp>
#include <brio/http/percent.hpp>
#include <brio/runtime/offload.hpp>
#include <brio/runtime/run.hpp>

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
    const auto server = url_of(settings.admin_host, settings.admin_port);
    const auto options = admin_call_options(settings);
    const auto which = line.tag     ? parameter("tag", *line.tag)
                       : line.route ? parameter("route", *line.route)
                                    : std::string();
    runtime::Loop loop;
    http::Client client;
    runtime::OffloadPool offload({.threads = 1});
    try {
        const auto answer = runtime::run(
            loop, http::Outbound(client, offload).del(concat({server, "/api/cache", which}), options));
        if (answer.status == 401) {
            return refuse(program, concat({server, " asks for a token: set BRIO_ADMIN_TOKEN"}), 1);
        }
        std::puts(concat({integer_text(answer.as<CacheCleared>().cleared), " entries dropped at ", server})
                      .c_str());
    } catch (const http::OutboundFailed& failed) {
        return refuse(program,
                      concat({"nobody answers at ", server, " (", failed.what(),
                              "): is the program running, with this admin host and port?"}),
                      1);
    }
    return 0;
}

}  // namespace brio::app
