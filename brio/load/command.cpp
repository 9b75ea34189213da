#include <brio/load/command.hpp>

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>
#include <brio/load/find_limit.hpp>
#include <brio/load/follow.hpp>
#include <brio/load/lead.hpp>
#include <brio/load/locust_work.hpp>
#include <brio/load/report_text.hpp>
#include <brio/load/run.hpp>
#include <brio/load/url_user.hpp>
#include <brio/load/web_lead.hpp>

namespace brio::load {
namespace {

using std::chrono::nanoseconds;

void print(std::FILE* to, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), to);
    std::fflush(to);
}

sigset_t ending_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return signals;
}

// True when the person wants it to end.
bool rest(nanoseconds time) {
    auto const signals = ending_signals();
    auto const whole = std::chrono::floor<std::chrono::seconds>(time);
    timespec const most{static_cast<time_t>(whole.count()), static_cast<long>((time - whole).count())};
    return sigtimedwait(&signals, nullptr, &most) > 0;
}

/// What is to be done, made out of what was typed.
struct Job {
    const CommandWords& words;
    Scenario scenario;
    std::vector<Threshold> goals;
    const CommandSetup& setup;
};

Scenario scenario_of(const CommandWords& words, const CommandSetup& setup) {
    if (setup.scenario != nullptr) {
        return *setup.scenario;
    }
    if (words.script) {
        return load::scenario_of(words.script);
    }
    auto const origin = Origin::of(words.plan.target);
    if (!origin) {
        throw std::invalid_argument(origin.error());
    }
    return url_scenario(*origin, words.request, words.wait);
}

AdminAddress admin_of(const CommandWords& words, const CommandSetup& setup) {
    auto admin = setup.admin;
    admin.url = words.judging.admin;
    if (admin.url.empty()) {
        admin.url = admin_url(
            {.target = words.plan.target, .own_target = setup.target, .own_admin = setup.admin.url});
    }
    if (admin.token.empty()) {
        auto const* token = std::getenv("BRIO_ADMIN_TOKEN");
        admin.token = token == nullptr ? "" : token;
    }
    return admin;
}

/// A run of a search for the limit: watched from both sides, ended once it cannot hold a goal any more. A
/// server that has answered before and is not there any more ends the search, which has found that out.
LimitTools::Run try_out(const Plan& plan, const Job& job, ServerWatch& server, bool was_there) {
    JudgingWords const words{.goals = job.goals, .aborts = true};
    Observation observation(plan, words, job.goals, true);
    server.begin();
    try {
        auto outcome = run(plan, job.scenario,
                           {.engine = {.certificates = job.words.certificates},
                            .look = [&](const Progress& progress) { return observation.look(progress); },
                            .rest = rest});
        outcome.was_interrupted = outcome.was_interrupted && observation.lost().empty();
        return {.outcome = std::move(outcome), .server = server.end()};
    } catch (const NoTarget& error) {
        if (!was_there) {
            throw;
        }
        return {.outcome = {.plan = plan}, .server = server.end(), .gone = error.what()};
    }
}

Report find_limit(const Job& job, const CommandSetup& setup) {
    ServerWatch server(admin_of(job.words, setup));
    LimitTask task{.plan = job.words.plan, .goals = job.goals};
    auto const& stage = task.plan.stages.front();
    task.search.start = stage.from;
    task.trial = job.words.has_duration ? stage.duration : std::chrono::nanoseconds(0);
    auto const began = wall_now();
    auto was_there = false;
    auto const try_next = [&](const Plan& plan) {
        return try_out(plan, job, server, std::exchange(was_there, true));
    };
    auto found = find_limit(task, {.run = try_next,
                                   .rest = rest,
                                   .say =
                                       [&](const LimitTrial& trial) {
                                           if (!job.words.quiet) {
                                               print(stderr, trial_text(trial) + "\n");
                                           }
                                       },
                                   .unwatched = server.problem()});
    Report report{.at = began, .outcome = std::move(found.outcome), .limit = std::move(found.report)};
    report.outcome.was_interrupted = found.was_interrupted;
    auto const seconds = std::chrono::duration<double>(report.outcome.counted).count();
    report.verdict = judge(job.goals, report.outcome.record, seconds);
    return report;
}

/// By those who follow, if it is led; else by this process.
Outcome run_job(const Job& job, const Plan& plan, const RunOptions& options) {
    auto const& words = job.words;
    auto const& setup = job.setup;
    if (!words.lead) {
        return run(plan, job.scenario, options);
    }
    return follow::lead(
        plan,
        {.address = *words.lead,
         .followers = words.followers,
         .secret = words.secret,
         .scenario = setup.scenario,
         .request = setup.scenario == nullptr ? &words.request : nullptr,
         .wait = words.wait,
         .say = [&](std::string_view text) { print(stderr, concat({setup.program, ": ", text, "\n"})); }},
        options);
}

Report measure(const Job& job, const Plan& plan, RunOptions options) {
    auto const& words = job.words;
    // a page shows how far it is
    Observation observation(plan, words.judging, job.goals, words.quiet || words.web);
    auto const looks_too = std::move(options.look);
    options.engine = {.certificates = words.certificates};
    options.look = [&](const Progress& progress) {
        auto const goes_on = observation.look(progress);
        return (!looks_too || looks_too(progress)) && goes_on;
    };
    if (!options.rest) {
        options.rest = rest;
    }
    auto outcome = run_job(job, plan, options);
    auto report = observation.finish(std::move(outcome));
    if (!observation.lost().empty()) {
        print(stderr, concat({"ended early: ", observation.lost(), "\n"}));
    }
    return report;
}

/// Each run is told of when it is over, as without a page; files are of the last.
std::optional<Report> measure_from_page(const Job& job, const CommandSetup& setup) {
    auto const& words = job.words;
    auto const style = style_of(STDOUT_FILENO);
    auto const measure_and_tell = [&](const Plan& plan, const RunOptions& options) {
        auto report = measure(job, plan, options);
        print(stdout, words.quiet ? short_text(report, style) : report_text(report, style));
        return report;
    };
    return lead_from_page(
        {.address = *words.web,
         .plan = words.plan,
         .goals = job.goals,
         .measure = measure_and_tell,
         .rest = rest,
         .say = [&](std::string_view text) { print(stderr, concat({setup.program, ": ", text, "\n"})); }});
}

int work_for_master(const CommandWords& words, const CommandSetup& setup) {
    auto const say = [&](const locust::Say& saying) {
        if (saying.is_warning || !words.quiet) {
            print(saying.is_warning ? stderr : stdout, concat({setup.program, ": ", saying.words, "\n"}));
        }
    };
    say({.words = concat({"waits for a Locust master at ", words.master->host, ":",
                          std::to_string(words.master->port)})});
    auto const done = locust::work({.master = *words.master,
                                    .plan = words.plan,
                                    .scenario = scenario_of(words, setup),
                                    .is_url = setup.scenario == nullptr && !words.script,
                                    .engine = {.certificates = words.certificates},
                                    .is_interrupted = [] { return rest(std::chrono::nanoseconds(0)); },
                                    .say = say});
    say({.words = concat({std::to_string(done.requests), " requests were told to it, ",
                          std::to_string(done.failures), " of them failed"})});
    return done.is_well ? 0 : 1;
}

int follow_leader(const CommandWords& words, const CommandSetup& setup) {
    auto const say = [&](std::string_view text) { print(stderr, concat({setup.program, ": ", text, "\n"})); };
    auto const done = follow::follow({.leader = *words.follow,
                                      .secret = words.secret,
                                      .scenario = setup.scenario,
                                      .certificates = words.certificates,
                                      .rest = rest,
                                      .say = say});
    if (done.is_well && !words.quiet) {
        say(concat({std::to_string(done.requests), " requests were told to the leader"}));
    }
    return done.is_well ? 0 : 1;
}

/// What was typed, else the program's goals. A search for the limit always asks that requests do not fail: a
/// server that refuses most of them is quick with the others.
std::vector<Threshold> goals_of(const JudgingWords& judging, const CommandSetup& setup) {
    auto const defaults = default_thresholds(setup.goals, setup.routes);
    if (judging.goals.empty()) {
        return defaults;
    }
    auto goals = judging.goals;
    auto const is_rate = [](const Threshold& goal) {
        return goal.figure == Figure::error_rate && goal.name.empty();
    };
    if (judging.finds_limit && std::ranges::none_of(goals, is_rate)) {
        goals.push_back(*std::ranges::find_if(defaults, is_rate));
    }
    return goals;
}

int carry_out(const CommandWords& words, const CommandSetup& setup) {
    auto const signals = ending_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    if (words.master) {
        return work_for_master(words, setup);
    }
    if (words.follow) {
        return follow_leader(words, setup);
    }
    auto const& judging = words.judging;
    Job const job{.words = words,
                  .scenario = scenario_of(words, setup),
                  .goals = goals_of(judging, setup),
                  .setup = setup};
    if (words.web) {
        auto const report = measure_from_page(job, setup);
        if (report) {
            write_files(*report, judging);
        }
        return report && !report->verdict.held() ? 1 : 0;
    }
    auto const report = judging.finds_limit ? find_limit(job, setup) : measure(job, words.plan, {});
    auto const style = style_of(STDOUT_FILENO);
    print(stdout, words.quiet ? short_text(report, style) : report_text(report, style));
    write_files(report, judging);
    return report.verdict.held() && report.outcome.lost.empty() ? 0 : 1;
}

}  // namespace

int run_command(const std::vector<std::string>& arguments, const CommandSetup& setup) {
    auto const parsed = parse_command(arguments, setup);
    if (!parsed.words) {
        print(parsed.status == 0 ? stdout : stderr, parsed.text);
        return parsed.status;
    }
    try {
        return carry_out(*parsed.words, setup);
    } catch (const std::invalid_argument& error) {
        print(stderr, concat({setup.program, ": ", error.what(), "\n"}));
        return 2;
    } catch (const std::exception& error) {
        print(stderr, concat({setup.program, ": ", error.what(), "\n"}));
        return 1;
    }
}

}  // namespace brio::load
