#include <brio/app/bench_command.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include <brio/app/bench_plan.hpp>
#include <brio/app/bench_subject.hpp>
#include <brio/app/goal_keeper.hpp>
#include <brio/app/progress.hpp>
#include <brio/base/temporary_folder.hpp>
#include <brio/base/text.hpp>
#include <brio/bench/report.hpp>
#include <brio/bench/subject.hpp>
#include <brio/bench/system_calls.hpp>

namespace brio::app {

namespace {

using bench::Case;
using bench::Reading;
using bench::Subject;
using bench::Task;

constexpr std::uint32_t counted_requests = 50;
constexpr int most_recounts = 3;
constexpr std::uint32_t marked_requests = 49;      // without a rest: under Limits::pipelined
constexpr std::uint32_t first_requests = 20;       // from which the length of a round is told
constexpr std::chrono::milliseconds warm_up{200};  // of each request
constexpr std::uint32_t most_requests = 20'000;    // of one order

class Bench {
public:
    Bench(Program& program, const Settings& settings, const CommandLine& line)
        : program_(program),
          settings_(settings),
          words_(line.bench),
          is_compared_(!words_.against.empty() || !words_.against_env.empty()),
          is_quiet_(line.quiet),
          asked_(asked_cases(program.router, words_)),
          progress_("measured", !line.quiet) {}

    int run() {
        start_all();
        if (!names_cases(words_)) {
            leave_out_errors();
        }
        for (auto const& each : asked_.cases) {
            results_.push_back(begin_result(each));
            count(results_.size() - 1);
        }
        if (!words_.counts_only) {
            for (std::size_t i = 0; i < asked_.cases.size(); ++i) {
                measure_cold(i);
            }
            measure_warm();
        }
        if (words_.writes_budgets) {
            write_budgets();
        }
        return finish();
    }

private:
    struct Times {
        std::vector<std::uint32_t> all;
        std::vector<bench::Phases> phases;  // of a round each
    };
    struct Standing {                // of one request while rounds are made
        std::uint32_t requests = 1;  // of a round
        std::vector<bench::Round> rounds;
        Times after;
        Times before;
    };
    enum Who : std::uint8_t { after, before, control };

    // Databases are made by the program that is to use them: another build may have other migrations.
    std::string make_database(const std::string& name, const std::string& program) {
        if (!program_.has_database || !words_.database.empty()) {
            return {};
        }
        auto const url = concat({"sqlite:///", folder_.file(name + ".db")});
        auto const environment = bench_environment(words_, url);
        bench::run_to_end(
            {.program = program, .arguments = {"migrate", "upgrade"}, .environment = environment});
        if (program_.seed != nullptr && words_.rows > 0) {
            bench::run_to_end({.program = program,
                               .arguments = {"seed", "--count", integer_text(words_.rows), "--quiet"},
                               .environment = environment});
        }
        return url;
    }

    void start_all() {
        auto const own = this_file();
        measured_[after] = {own, bench_environment(words_, make_database("after", own))};
        subjects_[after] = start(measured_[after]);
        if (!is_compared_) {
            return;
        }
        auto const other = other_file(words_);
        for (auto const who : {before, control}) {
            auto const name = who == before ? "before" : "control";
            measured_[who] = {other, with(bench_environment(words_, make_database(name, other)), words_)};
            subjects_[who] = start(measured_[who]);
        }
    }

    std::unique_ptr<Subject> start(const Measured& measured) const {
        bench::Launch launch{.program = measured.program,
                             .arguments = {"bench", "--subject"},
                             .environment = measured.environment};
        if (words_.over_socket) {
            launch.arguments.emplace_back("--socket");
        }
        if (!words_.database.empty()) {
            launch.arguments.insert(launch.arguments.end(), {"--database", words_.database});
        }
        return std::make_unique<Subject>(launch);
    }

    bench::CaseResult begin_result(const Case& each) const {
        auto const blank = each.request.find(' ');
        auto const target = each.request.substr(blank + 1);
        auto const rules = goal_rules(program_, settings_);
        auto const pattern = pattern_of(each.request.substr(0, blank), target.substr(0, target.find('?')));
        auto const name = concat({each.request.substr(0, blank), " ", pattern});
        auto const limit = rules.limit_of(watch::Scope::request, name);
        return {.request = each.body ? concat({each.request, " ", each.body->text}) : each.request,
                .goal_ms = static_cast<double>(limit.count()) / 1e6,
                .share = rules.share_of(watch::Scope::request, name)};
    }

    std::string pattern_of(std::string_view method, std::string_view path) const {
        std::array<std::string_view, http::most_path_values> values;
        auto const found = program_.router.find(http::parse_method(method), path, values);
        return found.route != nullptr ? std::string(found.route->pattern) : std::string(path);
    }

    // Of routes that nobody has chosen: one may want parameters.
    void leave_out_errors() {
        std::erase_if(asked_.cases, [this](const Case& each) {
            auto const status = subjects_[after]->ask(order(each, Task::time, 1)).status;
            if (status >= 400) {
                note(concat({"left out: ", each.request, " is answered with ", integer_text(status)}));
            }
            return status >= 400;
        });
        if (asked_.cases.empty()) {
            throw BadBench("there is nothing to measure: name a request, as 'GET /healthz'");
        }
    }

    void note(const std::string& words) const {
        std::fprintf(stderr, "%s bench: %s\n", program_.name.c_str(), words.c_str());
    }

    static void judge_status(const Case& each, const Reading& reading) {
        if (reading.status >= 400) {
            throw BadBench(concat({each.request, " is answered with ", integer_text(reading.status),
                                   ": what is measured has to be answered well"}));
        }
    }

    static bench::Order order(const Case& each, Task task, std::uint32_t requests) {
        return {.task = task, .request = bench::bytes_of(each), .requests = requests};
    }

    Reading ask(Who who, const Case& each, Task task, std::uint32_t requests) {
        auto reading = subjects_[who]->ask(order(each, task, requests));
        judge_status(each, reading);
        return reading;
    }

    std::uint32_t warm(Who who, const Case& each) {
        auto const first = ask(who, each, Task::time, first_requests);
        auto const usual = std::max(1.0, median_of(first));
        auto const fit = [&](std::chrono::nanoseconds time) {
            return static_cast<std::uint32_t>(
                std::clamp(static_cast<double>(time.count()) / usual, 3.0, double(most_requests)));
        };
        ask(who, each, Task::time, fit(warm_up));
        return fit(std::chrono::milliseconds(words_.round_ms));
    }

    static double median_of(const Reading& reading) {
        auto times = reading.times_ns;
        auto const middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
        std::ranges::nth_element(times, middle);
        return *middle;
    }

    // Others on the machine can only add to a count: a statement that they made late is taken for a dear one,
    // and runs on another thread from then on. So what costs too much is counted again, by a new process, and
    // the other program is counted in both of its own.
    void count(std::size_t at) {
        auto const& each = asked_.cases[at];
        auto& result = results_[at];
        if (is_compared_) {
            result.against.emplace().counts_before =
                bench::larger_of(counts_of(before, each), counts_of(control, each));
        }
        result.counts = counts_of(after, each);
        auto const costs_too_much = [&] {
            auto judged = result;
            bench::judge(judged, each.most.value_or(bench::Budget()));
            return !judged.faults.empty();
        };
        for (int again = 0; again < most_recounts && costs_too_much(); ++again) {
            subjects_[after] = start(measured_[after]);
            result.counts = counts_of(after, each);
        }
    }

    bench::Counts counts_of(Who who, const Case& each) {
        warm(who, each);
        auto counts = ask(who, each, Task::count, counted_requests).counts;
        auto& subject = *subjects_[who];
        bool is_told = false;
        auto const calls = bench::count_system_calls(subject.pid(), words_.over_socket, [&] {
            subject.tell(order(each, Task::mark, marked_requests));
            is_told = true;
        });
        if (is_told) {
            judge_status(each, subject.hear());
        }
        if (calls) {
            counts.system_calls = static_cast<double>(*calls);
        } else if (refusal_.empty()) {
            refusal_ = calls.error();
        }
        return counts;
    }

    void measure_cold(std::size_t at) {
        std::vector<std::uint32_t> times;
        for (std::uint32_t i = 0; i < words_.cold; ++i) {
            auto const reading = start(measured_[after])->ask(order(asked_.cases[at], Task::time, 1));
            judge_status(asked_.cases[at], reading);
            times.insert(times.end(), reading.times_ns.begin(), reading.times_ns.end());
        }
        if (!times.empty()) {
            results_[at].cold = bench::figures_of(times, goal_of(at));
        }
    }

    std::chrono::nanoseconds goal_of(std::size_t at) const {
        return std::chrono::nanoseconds(static_cast<std::int64_t>(results_[at].goal_ms * 1e6));
    }

    void measure_warm() {
        std::vector<Standing> standing(asked_.cases.size());
        for (std::size_t at = 0; at < standing.size(); ++at) {
            standing[at].requests = warm(after, asked_.cases[at]);
            if (is_compared_) {
                warm(before, asked_.cases[at]);
                warm(control, asked_.cases[at]);
            }
        }
        for (std::uint32_t round = 0; round < words_.rounds; ++round) {
            for (std::size_t at = 0; at < standing.size(); ++at) {
                measure_round(at, round, standing[at]);
            }
            progress_.show(round + 1, words_.rounds);
        }
        for (std::size_t at = 0; at < standing.size(); ++at) {
            auto& result = results_[at];
            result.warm = bench::figures_of(standing[at].after.all, goal_of(at));
            result.phases = bench::quiet_phases(standing[at].after.phases);
            if (result.against) {
                result.against->times = bench::compare(standing[at].rounds);
                result.against->phases_before = bench::quiet_phases(standing[at].before.phases);
            }
        }
    }

    // Who is first has others' caches: each is, in turn.
    void measure_round(std::size_t at, std::uint32_t number, Standing& standing) {
        std::array<double, 3> medians{};
        auto const many = is_compared_ ? 3u : 1u;
        for (std::uint32_t turn = 0; turn < many; ++turn) {
            auto const who = static_cast<Who>((number + turn) % many);
            auto const reading = ask(who, asked_.cases[at], Task::time, standing.requests);
            medians[who] = median_of(reading);
            if (who != control) {
                add(who == after ? standing.after : standing.before, reading);
            }
        }
        standing.rounds.push_back(
            {.before = medians[before], .after = medians[after], .control = medians[control]});
    }

    static void add(Times& to, const Reading& reading) {
        to.all.insert(to.all.end(), reading.times_ns.begin(), reading.times_ns.end());
        to.phases.push_back(reading.phases);
    }

    // Budgets of times stay as a person has written them.
    void write_budgets() {
        for (std::size_t at = 0; at < results_.size(); ++at) {
            auto& most = asked_.cases[at].most;
            auto const& counts = results_[at].counts;
            most = most.value_or(bench::Budget());
            most->statements = counts.statements;
            most->bytes = counts.bytes;
            most->allocations = counts.allocations ? counts.allocations : most->allocations;
            most->system_calls = counts.system_calls ? counts.system_calls : most->system_calls;
        }
        keep_budgets(words_, asked_);
    }

    int finish() {
        bench::Report report{.program = program_.name,
                             .against = is_compared_ ? measured_[before].program : std::string(),
                             .transport = words_.over_socket ? "socket" : "memory"};
        for (std::size_t at = 0; at < results_.size(); ++at) {
            bench::judge(results_[at], asked_.cases[at].most.value_or(bench::Budget()));
            report.passes = report.passes && results_[at].faults.empty();
        }
        report.cases = std::move(results_);
        if (!words_.json.empty()) {
            write_file(words_.json, bench::json_of(report));
        }
        if (!words_.junit.empty()) {
            write_file(words_.junit, bench::junit_of(report));
        }
        if (!refusal_.empty()) {
            note(concat({"system calls cannot be counted here: ", refusal_}));
        }
        if (!is_quiet_ || !report.passes) {
            auto const text = bench::text_of(report);
            std::fwrite(text.data(), 1, text.size(), stdout);
        }
        return report.passes ? 0 : 1;
    }

    Program& program_;
    const Settings& settings_;
    const BenchWords& words_;
    const bool is_compared_;
    const bool is_quiet_;
    bench::Budgets asked_;
    ProgressLine progress_;
    TemporaryFolder folder_;
    std::array<Measured, 3> measured_;  // by Who
    std::array<std::unique_ptr<Subject>, 3> subjects_;
    std::vector<bench::CaseResult> results_;
    std::string refusal_;  // why system calls are not counted
};

}  // namespace

int bench_program(Program& program, const Settings& settings, const CommandLine& line) {
    if (line.bench.is_subject) {
        return run_bench_subject(program, settings, line.bench);
    }
    try {
        return Bench(program, settings, line).run();
    } catch (const BadBench& error) {
        std::fprintf(stderr, "%s bench: %s\n", program.name.c_str(), error.what());
        return 2;
    }
}

}  // namespace brio::app
