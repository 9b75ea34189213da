#include <brio/load/run.hpp>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <brio/base/clock.hpp>

namespace brio::load {

using std::chrono::nanoseconds;

namespace {

constexpr nanoseconds looks_every = std::chrono::seconds(1);
constexpr nanoseconds levels_every = std::chrono::milliseconds(20);

nanoseconds own_cpu_time() noexcept {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

// Leads an engine through its plan, looks now and then, and counts CPU from where counting begins.
class Run {
public:
    Run(const Plan& plan, const Scenario& scenario, const RunOptions& options)
        : options_(options),
          engine_(plan, scenario, options.engine) {
        outcome_.plan = plan;
    }

    Outcome whole() {
        if (engine_.plan().is_open()) {
            engine_.begin_arrivals();
        }
        auto const duration = engine_.plan().duration();
        nanoseconds next_look = std::chrono::floor<std::chrono::seconds>(engine_.at());
        for (auto at = engine_.at(); at < duration; at = engine_.at()) {
            if (at >= nanoseconds(0) && !cpu_) {
                begin_cpu();
            }
            set_level(at);
            if (at >= next_look) {
                auto const is_begin = next_look == nanoseconds(0);  // nothing is counted yet
                outcome_.was_interrupted = !is_begin && !look(at, next_look - looks_every);
                next_look += looks_every;
            }
            outcome_.was_interrupted = outcome_.was_interrupted || rest(time_to_rest(at, next_look));
            if (outcome_.was_interrupted) {
                break;
            }
        }
        finish();
        return std::move(outcome_);
    }

private:
    struct Cpu {
        std::vector<nanoseconds> generator;
        std::optional<nanoseconds> server;
        nanoseconds process;
        nanoseconds at;
    };

    Cpu cpu_now() const {
        return {engine_.cpu_times(), engine_.server_cpu_time(), own_cpu_time(), monotonic_now()};
    }
    void begin_cpu() { cpu_ = cpu_now(); }

    nanoseconds time_to_rest(nanoseconds at, nanoseconds next_look) const {
        auto const next = std::min(next_look, engine_.plan().duration());
        auto const most = is_changing(at) ? levels_every : next - at;
        return std::clamp(next - at, nanoseconds(0), most);
    }
    // Within the time until the next look, a peak that is over by then included. Of levels that somebody says
    // nobody knows.
    bool is_changing(nanoseconds at) const {
        if (options_.level) {
            return true;
        }
        auto const& plan = engine_.plan();
        auto changes = false;
        for (auto step = levels_every; step <= looks_every && !changes; step += levels_every) {
            changes = plan.level_at(at) != plan.level_at(at + step);
        }
        return changes && !plan.is_open();
    }

    double level_at(nanoseconds at) const {
        return options_.level ? options_.level(at) : engine_.plan().level_at(at);
    }

    void set_level(nanoseconds at) {
        if (engine_.plan().is_open()) {
            return;
        }
        auto const users = static_cast<std::size_t>(std::llround(level_at(at)));
        if (users != level_) {
            level_ = users;
            engine_.set_users(split(users, engine_.scenario().types));
        }
    }

    // `second` is the one that is over; of the warm-up nothing is kept.
    bool look(nanoseconds at, nanoseconds second) {
        auto const users = engine_.users();
        auto since_last = engine_.take();
        if (second >= nanoseconds(0)) {
            since_last.series().users(second, users);
        }
        outcome_.record.merge(since_last);
        outcome_.most_users = std::max<std::uint64_t>(outcome_.most_users, users);
        return !options_.look ||
               options_.look({.at = at, .since_last = since_last, .so_far = outcome_.record, .users = users});
    }

    bool rest(nanoseconds time) const {
        if (options_.rest) {
            return options_.rest(time);
        }
        std::this_thread::sleep_for(time);
        return false;
    }

    void finish() {
        auto const users = engine_.users();
        outcome_.most_users = std::max<std::uint64_t>(outcome_.most_users, users);
        if (cpu_) {
            outcome_.cpu = use_since(*cpu_);
        }
        outcome_.counted = engine_.end();
        if (engine_.plan().is_open()) {  // nothing arrives behind the last stage
            outcome_.counted = std::min(outcome_.counted, engine_.plan().duration());
        }
        engine_.wait();
        outcome_.record.merge(engine_.take());
        if (outcome_.counted > nanoseconds(0)) {
            auto const end = std::min(outcome_.counted, engine_.plan().duration());
            outcome_.record.series().users(end - nanoseconds(1), users);
        }
        outcome_.saturation = saturation_of(outcome_);
    }

    CpuUse use_since(const Cpu& before) const {
        auto const now = cpu_now();
        auto const elapsed = std::chrono::duration<double>(now.at - before.at);
        auto const share = [&](nanoseconds from, nanoseconds to) { return (to - from) / elapsed; };
        CpuUse use{.generator = share(before.process, now.process)};
        for (std::size_t i = 0; i < now.generator.size(); ++i) {
            use.busiest_thread = std::max(use.busiest_thread, share(before.generator[i], now.generator[i]));
        }
        if (before.server && now.server) {
            use.server = share(*before.server, *now.server);
        }
        return use;
    }

    const RunOptions& options_;
    Engine engine_;
    Outcome outcome_;
    std::optional<Cpu> cpu_;
    std::size_t level_ = 0;
};

}  // namespace

Outcome run(const Plan& plan, const Scenario& scenario, const RunOptions& options) {
    return Run(plan, scenario, options).whole();
}

}  // namespace brio::load
