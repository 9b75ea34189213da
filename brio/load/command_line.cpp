// CLI11 is private to this file and judging_options.cpp.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>
#include <sstream>

#include <brio/base/text.hpp>
#include <brio/load/command.hpp>
#include <brio/load/followers.hpp>
#include <brio/load/output_file.hpp>
#include <brio/load/scenario_file.hpp>

#include <CLI/CLI.hpp>

namespace brio::load {
namespace {

using std::chrono::nanoseconds;

constexpr double first_rate = 100;  // of a search for the limit

struct Typed {
    std::vector<std::string> words;  // a URL; a scenario file and perhaps a URL
    std::string target;
    double users = 0;
    double rate = 0;
    bool arrivals = false;
    bool poisson = false;
    std::string stages;
    nanoseconds duration = std::chrono::seconds(10);
    std::string body_file;
    std::vector<std::string> headers;
    bool is_worker = false;
    locust::Link::Address master;
    bool shows_all = false;  // of the help
};

void add_time(CLI::App& app, const char* name, nanoseconds& into, const char* help) {
    app.add_option_function<std::string>(
           name,
           [&into, name](const std::string& text) {
               auto const time = parse_duration(text);
               if (!time) {
                   throw CLI::ValidationError(name, time.error());
               }
               into = *time;
           },
           help)
        ->type_name("TIME");
}

// "1s..3s", or one time.
Wait parse_wait(const std::string& text) {
    auto const dots = text.find("..");
    auto const least = parse_duration(text.substr(0, dots));
    auto const most = dots == std::string::npos ? least : parse_duration(text.substr(dots + 2));
    if (!least || !most) {
        throw CLI::ValidationError("--wait", (least ? most : least).error());
    }
    return between(*least, *most);
}

void add_load(CLI::App& app, CommandWords& words, Typed& typed) {
    auto& plan = words.plan;
    app.add_option("--users", typed.users, "closed model: so many, each waits for its answer (10)")
        ->type_name("N")
        ->check(CLI::PositiveNumber);
    app.add_option("--rate", typed.rate, "open model: so many begin each second, come what may")
        ->type_name("R")
        ->check(CLI::PositiveNumber)
        ->excludes("--users");
    app.add_flag("--poisson", typed.poisson, "arrivals at random moments, as people come");
    app.add_flag("--arrivals", typed.arrivals, "the levels of --stages are arrivals a second");
    add_time(app, "--for", typed.duration, "how long (10s), as 90s or 1m30s");
    app.add_option("--stages", typed.stages, "levels over time instead of --for: 0..100@30s,100@2m")
        ->type_name("STAGES")
        ->excludes("--users")
        ->excludes("--rate")
        ->excludes("--for");
    add_time(app, "--warm-up", plan.warm_up, "before anything counts (1s)");
    app.add_option("--connections", plan.connections, "at most (1000)")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000));
    app.add_option("--most-users", plan.users, "open model: at most so many at work at a time (10000)")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000));
    app.add_option("--threads", plan.threads, "of the generator (1)")
        ->type_name("N")
        ->check(CLI::Range(1, 256));
    add_time(app, "--timeout", plan.timeout, "of a request (10s)");
    app.add_option("--seed", plan.seed, "of everything that is random (1)")->type_name("N");
    app.add_option("--certificates", words.certificates, "authorities for https, a PEM file (the system's)")
        ->type_name("FILE")
        ->check(CLI::ExistingFile);
    app.add_flag("--quiet", words.quiet, "say the verdict only");
}

void add_worker(CLI::App& app, Typed& typed) {
    auto* worker = app.add_flag("--worker", typed.is_worker,
                                "let a Locust master lead: it says how many users there are and shows what "
                                "became of their requests");
    app.add_option("--master-host", typed.master.host, "where the master is (127.0.0.1)")
        ->type_name("HOST")
        ->needs(worker);
    app.add_option("--master-port", typed.master.port, "of it (5557)")
        ->type_name("PORT")
        ->check(CLI::Range(1, 65535))
        ->needs(worker);
}

void add_address(CLI::App& app, const char* name, std::optional<WebAddress>& into, const char* help) {
    app.add_option_function<std::string>(
           name,
           [&into, name](const std::string& text) {
               auto address = parse_web_address(text);
               if (!address) {
                   throw CLI::ValidationError(name, address.error());
               }
               into = std::move(*address);
           },
           help)
        ->type_name("[HOST:]PORT");
}

void add_web(CLI::App& app, CommandWords& words) {
    add_address(app, "--web", words.web,
                "lead it from a page of this port, which begins, changes, stops and shows runs");
}

void add_following(CLI::App& app, CommandWords& words) {
    add_address(app, "--lead", words.lead,
                "let others make the load, who come to this port; the report is of them all");
    app.add_option("--followers", words.followers, "so many others, each with its part of the load")
        ->type_name("N")
        ->check(CLI::Range(std::size_t{1}, follow::Followers::most))
        ->needs("--lead");
    app.get_option("--lead")->needs("--followers");
    add_address(app, "--follow", words.follow, "make a part of the load, as the one who leads there says");
    app.add_option("--secret", words.secret,
                   "of leader and followers; better in BRIO_LOAD_SECRET, where nobody else reads it")
        ->type_name("WORD");
}

/// The page says how much load there is, and when.
void check_web(const CLI::App& app, const CommandWords& words) {
    if (!words.web) {
        return;
    }
    for (auto const* name : {"--find-limit", "--stages", "--warm-up"}) {
        if (app.count(name) > 0) {
            throw CLI::ValidationError(name,
                                       "has no meaning with --web, whose page says how much load there is");
        }
    }
}

// The master decides how much and judges; of the rest it is left what the requests and the generator are
// like.
void check_kept(const CLI::App& app, std::span<const char* const> kept, const char* instead) {
    for (auto const* option : app.get_options()) {
        if (option->count() > 0 && std::ranges::find(kept, option->get_name()) == kept.end()) {
            throw CLI::ValidationError(option->get_name(), instead);
        }
    }
}

void check_worker(const CLI::App& app) {
    constexpr std::array kept{"url",           "--worker",       "--master-host", "--master-port",
                              "--connections", "--threads",      "--timeout",     "--seed",
                              "--quiet",       "--certificates", "--method",      "--header",
                              "--body",        "--body-file",    "--expect",      "--wait"};
    check_kept(app, kept, "with --worker that is the master's to say");
}

void check_following(const CLI::App& app, CommandWords& words) {
    if (words.follow) {
        constexpr std::array kept{"--follow", "--secret", "--certificates", "--quiet"};
        check_kept(app, kept, "with --follow that is the leader's to say");
    }
    for (auto const* name : {"--web", "--find-limit", "--worker"}) {
        if (words.lead && app.count(name) > 0) {
            throw CLI::ValidationError(name, "has no meaning with --lead, which carries out one run");
        }
    }
    if (words.lead && words.script) {
        throw CLI::ValidationError(
            "--lead",
            "has no meaning with a scenario file: followers send one request, or have users in C++");
    }
    if (auto const* secret = std::getenv("BRIO_LOAD_SECRET"); secret != nullptr && words.secret.empty()) {
        words.secret = secret;
    }
}

void add_request(CLI::App& app, CommandWords& words, Typed& typed) {
    auto& request = words.request;
    app.add_option("--method", request.method, "of the request (GET, with a body POST)")->type_name("METHOD");
    app.add_option("--header", typed.headers, "\"Name: value\", repeatable")->type_name("FIELD");
    auto* body = app.add_option_function<std::string>(
        "--body", [&request](const std::string& text) { request.body.append(text); }, "of the request");
    body->type_name("TEXT");
    app.add_option("--body-file", typed.body_file, "the same from a file")
        ->type_name("FILE")
        ->check(CLI::ExistingFile)
        ->excludes(body);
    app.add_option("--expect", request.options.expect,
                   "statuses that are right, with commas between (all below 400)")
        ->type_name("STATUS")
        ->delimiter(',')
        ->check(CLI::Range(100, 599));
    app.add_option_function<std::string>(
           "--wait", [&words](const std::string& text) { words.wait = parse_wait(text); },
           "of a user between two requests, as 1s..3s (none)")
        ->type_name("TIME");
}

// "/a" of "http://host/a?b=c".
std::string path_of(std::string_view url) {
    auto const host = url.find("://") + 3;
    auto const from = std::min(url.find('/', host), url.size());
    auto const path = url.substr(from, url.find_first_of("?#", from) - from);
    return path.empty() ? "/" : std::string(path);
}

void take_request(CommandWords& words, const Typed& typed, bool has_method) {
    auto& request = words.request;
    if (!typed.body_file.empty()) {
        try {
            request.body.append(read_file(typed.body_file));
        } catch (const std::runtime_error& error) {
            throw CLI::ValidationError("--body-file", error.what());
        }
    }
    if (!has_method && !request.body.empty()) {
        request.method = "POST";
    }
    words.plan.scenario = concat({request.method, " ", path_of(words.plan.target)});
    auto const begins_json = request.body.view().starts_with('{') || request.body.view().starts_with('[');
    request.content_type = begins_json ? "application/json" : "application/octet-stream";
    for (auto const& field : typed.headers) {
        auto const colon = field.find(':');
        if (colon == std::string::npos) {
            throw CLI::ValidationError("--header", "\"" + field + "\" is no field: write \"Name: value\"");
        }
        request.options.headers.emplace_back(std::string(trim(field.substr(0, colon))),
                                             std::string(trim(field.substr(colon + 1))));
    }
}

void take_load(CommandWords& words, const Typed& typed) {
    auto& plan = words.plan;
    plan.target = typed.target.find("://") == std::string::npos ? "http://" + typed.target : typed.target;
    auto const finds_limit = words.judging.finds_limit;
    auto const is_open = typed.rate > 0 || typed.poisson || typed.arrivals || finds_limit;
    plan.model = !is_open ? Model::closed : typed.poisson ? Model::poisson : Model::open;
    if (!typed.stages.empty()) {
        auto stages = parse_stages(typed.stages);
        if (!stages) {
            throw CLI::ValidationError("--stages", stages.error());
        }
        plan.stages = std::move(*stages);
    } else {
        if (is_open && typed.rate == 0 && !finds_limit) {
            throw CLI::ValidationError("--rate", "is missing: how many arrivals a second?");
        }
        auto const typed_level = is_open ? typed.rate : typed.users;
        auto const level = typed_level > 0 ? typed_level : finds_limit ? first_rate : 10;
        plan.stages = {{.duration = typed.duration, .from = level, .to = level}};
    }
    if (!plan.is_open()) {
        plan.users = 1;  // of the open models only
    }
    if (typed.is_worker) {
        plan.warm_up = {};  // the master clears what was counted when it pleases
        words.master = typed.master;
    }
    if (auto const fault = fault_of(plan); !fault.empty()) {
        throw CLI::ValidationError(fault);
    }
}

// What one model knows nothing of.
void check_model(const CLI::App& app, const Plan& plan) {
    auto const* name = plan.is_open() ? "--wait" : "--most-users";
    auto const* option = app.get_option_no_throw(name);
    if (option != nullptr && option->count() > 0) {
        throw CLI::ValidationError(name, plan.is_open() ? "is of users that go round: with --users only"
                                                        : "is of arrivals: with --rate or --arrivals only");
    }
}

/// A search for the limit decides itself how much load there is, and how it goes on from trial to trial.
void check_search(const CLI::App& app, const CommandWords& words) {
    if (!words.judging.finds_limit) {
        return;
    }
    for (auto const* name : {"--users", "--stages", "--warm-up", "--abort", "--csv", "--compare"}) {
        if (app.count(name) > 0) {
            throw CLI::ValidationError(concat({name,
                                               " has no meaning with --find-limit, which goes from rate to "
                                               "rate by itself; --rate is where it begins"}));
        }
    }
    auto const is_rate = [](const Threshold& goal) { return goal.figure == Figure::rps; };
    if (std::ranges::any_of(words.judging.goals, is_rate)) {
        throw CLI::ValidationError("--goal", "rps is what --find-limit looks for: leave it out");
    }
}

/// What is wrong with a scenario file, and where.
struct WrongFile : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What is typed goes before what the file says.
void take_scenario(const CLI::App& app, CommandWords& words, Typed& typed) {
    for (const auto* name : {"--method", "--header", "--body", "--body-file", "--expect", "--wait"}) {
        if (app.count(name) > 0) {
            throw CLI::ValidationError(name, "is of one request: with a scenario file its steps say it");
        }
    }
    const auto& name = typed.words.front();
    auto read = read_scenario_file(name);
    if (!read) {
        throw WrongFile(read.error());
    }
    words.script = std::move(read->script);
    typed.target = typed.words.size() > 1 ? typed.words[1] : read->target;
    if (typed.target.empty()) {
        throw WrongFile(
            concat({name, " names no target: write target = \"http://…\", or a URL behind the file"}));
    }
    const bool has_load = app.count("--users") + app.count("--rate") + app.count("--stages") > 0;
    if (!has_load) {
        typed.users = words.judging.finds_limit ? 0 : read->users.value_or(0);
        typed.rate = read->rate.value_or(0);
        typed.stages = words.judging.finds_limit || app.count("--for") > 0 ? "" : read->stages;
        typed.arrivals = typed.arrivals || read->arrivals;
        typed.poisson = typed.poisson || read->poisson;
    }
    if (app.count("--for") == 0 && read->duration && typed.stages.empty()) {
        typed.duration = *read->duration;
        words.has_duration = true;
    }
    if (app.count("--warm-up") == 0 && read->warm_up) {
        words.plan.warm_up = *read->warm_up;
    }
    if (words.judging.goals.empty()) {
        words.judging.goals = std::move(read->goals);
    }
}

void take_words(const CLI::App& app, CommandWords& words, Typed& typed) {
    const auto& first = typed.words.front();
    if (first.ends_with(".toml") && !first.contains("://")) {
        take_scenario(app, words, typed);
    } else if (typed.words.size() > 1) {
        throw CLI::ValidationError(concat({"one URL is asked, and there is a second one: ", typed.words[1]}));
    } else {
        typed.target = first;
    }
}

// Those that one run in a hundred needs: --help-all shows them.
void hide_rare(CLI::App& app) {
    for (const auto* name :
         {"--poisson", "--arrivals", "--warm-up",      "--connections", "--most-users",  "--threads",
          "--timeout", "--seed",     "--certificates", "--worker",      "--master-host", "--master-port",
          "--csv",     "--admin",    "--body-file",    "--expect",      "--abort",       "--quiet",
          "--wait",    "--compare",  "--lead",         "--followers",   "--follow",      "--secret"}) {
        if (auto* option = app.get_option_no_throw(name)) {
            option->group("");
        }
    }
    // what excludes what is said when both are typed
    for (const auto& [name, takes] : {std::pair("--users", "N"),
                                      {"--rate", "R"},
                                      {"--for", "TIME"},
                                      {"--stages", "STAGES"},
                                      {"--body", "TEXT"},
                                      {"--header", "FIELD"}}) {
        if (auto* option = app.get_option_no_throw(name)) {
            option->option_text(takes);
        }
    }
}

void declare(CLI::App& app, CommandWords& words, Typed& typed, const CommandSetup& setup,
             bool needs_url = true) {
    app.name(setup.program);
    app.description("Makes requests and counts what becomes of them.");
    app.add_flag("--help-all", typed.shows_all, "show the rarer options too");
    if (setup.scenario == nullptr) {
        app.add_option("url", typed.words,
                       "to ask; or a scenario, FILE.toml, and where if the file does not say")
            ->type_name("URL")
            ->expected(1, 2)
            ->required(needs_url);
    } else {
        app.add_option("url", typed.target,
                       setup.target.empty() ? "to ask" : "of the service (" + setup.target + ")")
            ->type_name("URL")
            ->required(setup.target.empty() && needs_url);
    }
    add_load(app, words, typed);
    add_judging(app, words.judging);
    add_worker(app, typed);
    add_web(app, words);
    add_following(app, words);
    if (setup.scenario == nullptr) {
        add_request(app, words, typed);
    }
}

}  // namespace

Usage usage_of_command(const CommandSetup& setup) {
    CommandWords words;
    Typed typed{.target = setup.target};
    CLI::App app;
    declare(app, words, typed, setup);
    return usage_of(app);
}

ParsedCommand parse_command(const std::vector<std::string>& arguments, const CommandSetup& setup) {
    CommandWords words;
    words.plan.warm_up = std::chrono::seconds(1);
    Typed typed{.target = setup.target};
    CLI::App app;
    auto const is_follow = [](const std::string& each) {
        return each == "--follow" || each.starts_with("--follow=");
    };
    declare(app, words, typed, setup, std::ranges::none_of(arguments, is_follow));
    if (std::ranges::find(arguments, "--help-all") != arguments.end()) {
        return {.words = {}, .text = app.help(), .status = 0};
    }
    try {
        std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
        app.parse(reversed);
        words.has_duration = app.count("--for") > 0;
        if (typed.is_worker) {
            check_worker(app);
        }
        if (setup.scenario == nullptr && !words.follow) {
            take_words(app, words, typed);
        }
        check_following(app, words);
        take_load(words, typed);
        check_model(app, words.plan);
        check_search(app, words);
        check_web(app, words);
        if (setup.scenario != nullptr || words.script) {
            words.plan.scenario = words.script ? words.script->name : setup.scenario->name;
        } else {
            take_request(words, typed, app.count("--method") > 0);
        }
    } catch (const WrongFile& wrong) {
        return {.words = {}, .text = concat({setup.program, ": ", wrong.what(), "\n"}), .status = 2};
    } catch (const CLI::CallForHelp&) {
        hide_rare(app);
        return {.words = {}, .text = app.help(), .status = 0};
    } catch (const CLI::ParseError& error) {
        std::ostringstream out;
        if (app.exit(error, out, out) == 0) {
            return {.words = {}, .text = out.str(), .status = 0};
        }
        auto const text = concat(
            {setup.program, ": ", error.what(), "; `", setup.program, " --help` shows what there is\n"});
        return {.words = {}, .text = text, .status = 2};
    }
    return {.words = std::move(words), .text = {}, .status = 0};
}

}  // namespace brio::load
