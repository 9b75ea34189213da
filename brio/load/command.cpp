#include <brio/load/command.hpp>

#include <unistd.h>

#include <csignal>
#include <cstdio>

#include <brio/base/text.hpp>
#include <brio/load/report_text.hpp>
#include <brio/load/run.hpp>
#include <brio/load/url_user.hpp>

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

Scenario scenario_of(const CommandWords& words, const CommandSetup& setup) {
    if (setup.scenario != nullptr) {
        return *setup.scenario;
    }
    auto const origin = Origin::of(words.plan.target);
    if (!origin) {
        throw std::invalid_argument(origin.error());
    }
    return url_scenario(*origin, words.request, words.wait);
}

int carry_out(const CommandWords& words, const CommandSetup& setup) {
    auto const scenario = scenario_of(words, setup);
    auto const& judging = words.judging;
    auto const goals = judging.goals.empty() ? default_thresholds(setup.goals, setup.routes) : judging.goals;
    auto const signals = ending_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    Observation observation(words.plan, judging, goals, words.quiet);
    auto outcome = run(words.plan, scenario,
                       {.engine = {.certificates = words.certificates},
                        .look = [&](const Progress& progress) { return observation.look(progress); },
                        .rest = rest});
    auto const report = observation.finish(std::move(outcome));
    auto const style = style_of(STDOUT_FILENO);
    print(stdout, words.quiet ? verdict_text(report.verdict, style) : report_text(report, style));
    if (!observation.lost().empty()) {
        print(stderr, concat({"ended early: ", observation.lost(), "\n"}));
    }
    write_files(report, judging);
    return report.verdict.held() ? 0 : 1;
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
