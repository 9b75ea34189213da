// The load test as a command: `brio load URL`, and `load` of a program that has a scenario.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <brio/base/usage.hpp>
#include <brio/load/engine.hpp>
#include <brio/load/judging.hpp>
#include <brio/load/locust_link.hpp>
#include <brio/load/plan.hpp>
#include <brio/load/request.hpp>
#include <brio/load/scenario.hpp>
#include <brio/load/script.hpp>
#include <brio/load/server_watch.hpp>
#include <brio/load/web_server.hpp>

namespace brio::load {

/// What the command is for.
struct CommandSetup {
    std::string program = "brio load";   // as it is typed, for messages and help
    const Scenario* scenario = nullptr;  // null: the same request again and again
    std::string target = {};             // when no URL is typed; empty: it must be
    Goals goals = {};                    // what is asked when no goal is typed
    std::vector<NamedGoal> routes = {};  // with goals of their own
    AdminAddress admin = {};             // of the service at `target`; for other targets see admin_url()
};

/// What was typed.
struct CommandWords {
    Plan plan;
    std::shared_ptr<const Script> script;  // of a scenario file; null: none
    Request request;                       // without a scenario
    Wait wait = none();                    // without a scenario, closed model
    std::string certificates;
    JudgingWords judging;
    std::optional<locust::Link::Address> master;  // Locust's, which says how many users there are
    std::optional<WebAddress> web;                // of the page that says how much load there is
    std::optional<WebAddress> lead;               // where those who make the load come
    std::size_t followers = 0;                    // so many of them
    std::optional<WebAddress> follow;             // where the one who leads is
    std::string secret;                           // of leader and followers; empty: none
    bool quiet = false;
    bool has_duration = false;  // --for was typed
};

struct ParsedCommand {
    std::optional<CommandWords> words;  // none: print `text` and end with `status`
    std::string text;
    int status = 0;  // 0 after --help, 2 for bad use
};

/// Reads what follows the command's name. Looks at files that are named (a body, a scenario), but changes
/// nothing.
ParsedCommand parse_command(const std::vector<std::string>& arguments, const CommandSetup& setup);

/// What may be typed.
Usage usage_of_command(const CommandSetup& setup);

/// Carries it out, says how far it is and what became of it. Ctrl-C and SIGTERM end the run with what was
/// counted until then. Gives the exit status: 0 when every goal is held, 1 when one is missed or nothing
/// could be tested, 2 for bad use. Blocks both signals in the calling thread.
int run_command(const std::vector<std::string>& arguments, const CommandSetup& setup);

}  // namespace brio::load
