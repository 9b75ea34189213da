#include <algorithm>

#include <brio/base/text.hpp>
#include <brio/load/detail/command_options.hpp>

#include <CLI/CLI.hpp>

namespace brio::load::detail {
namespace {

using std::chrono::nanoseconds;

constexpr double first_rate = 100;  // of a search for the limit

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

}  // namespace

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

void check_load(const CLI::App& app, const CommandWords& words) {
    check_model(app, words.plan);
    check_search(app, words);
}

}  // namespace brio::load::detail
