// What the dashboard follows, at the admin server.
//
//     GET /api/live                  server-sent events: `program`, `goals`, `work`, `limits`, `log`, each of
//                                    them when it has changed, and `now` after each look
//     GET /api/program               who is asked, and what can be asked: the section `program`
//     GET /api/work                  each route, kind of statements and of tasks in the last minute
//     GET /api/log?least=error       the last warnings and errors, the newest first
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <brio/app/live.hpp>
#include <brio/http/router.hpp>
#include <brio/json/raw.hpp>

namespace brio::app {

/// `live` outlives the router's use.
void add_live_routes(http::Router& router, Live& live);

struct LogLineNow {
    std::uint64_t number = 0;
    Timestamp at;
    std::string level;  // "warning", "error"
    std::uint32_t process = 0;
    std::string message;
    json::Raw fields;         // an object
    std::uint64_t times = 1;  // with those like it that followed within a second
};
/// What GET /api/log gives: of the server process, its workers and their supervisor, ended ones too.
struct LogReport {
    std::uint64_t warnings = 0;  // since the program began, kept or not
    std::uint64_t errors = 0;
    std::vector<LogLineNow> lines;
};

}  // namespace brio::app
