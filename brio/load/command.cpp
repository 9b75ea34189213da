#include <brio/load/command.hpp>

#include <unistd.h>

#include <csignal>
#include <cstdio>

#include <brio/base/text.hpp>
#include <brio/load/run.hpp>
#include <brio/load/summary.hpp>
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

// On a terminal one line that changes, elsewhere nothing.
void show(const Progress& progress) {
    auto const total = progress.since_last.total();
    auto const latency = total.latency();
    auto const time = [](std::uint64_t ns) {
        return duration_text(nanoseconds(static_cast<std::int64_t>(ns)));
    };
    print(stderr,
          concat({"\r\033[K", duration_text(progress.at), ": ", std::to_string(progress.users), " users, ",
                  std::to_string(total.answers), " answers/s, ", std::to_string(total.failures),
                  " failed, p50 ", time(latency.quantile(0.5)), ", p99 ", time(latency.quantile(0.99))}));
}

int carry_out(const CommandWords& words, const CommandSetup& setup) {
    auto const scenario = setup.scenario != nullptr ? *setup.scenario : [&] {
        auto const origin = Origin::of(words.plan.target);
        if (!origin) {
            throw std::invalid_argument(origin.error());
        }
        return url_scenario(*origin, words.request, words.wait);
    }();
    auto const signals = ending_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    auto const shows = !words.quiet && ::isatty(STDERR_FILENO) == 1;
    auto const outcome = run(words.plan, scenario,
                             {.engine = {.certificates = words.certificates},
                              .look =
                                  [&](const Progress& progress) {
                                      if (shows) {
                                          show(progress);
                                      }
                                      return true;
                                  },
                              .rest = rest});
    if (shows) {
        print(stderr, "\r\033[K");
    }
    print(stdout, summary_of(outcome));
    return 0;
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
