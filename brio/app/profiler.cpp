#include <brio/app/profiler.hpp>

#include <algorithm>

#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>

namespace brio::app {

namespace {

// A ring has room for so much at the highest rate.
constexpr std::chrono::milliseconds reads_every{100};
constexpr std::size_t logged_rows = 10;

std::uint64_t ms_of(std::uint64_t ns) noexcept { return ns / 1'000'000; }

void log_rows(const FinishedProfile& finished) {
    const auto& profile = finished.profile;
    log_info("profile", {{"id", finished.state.id},
                         {"seconds", finished.state.seconds},
                         {"samples", profile.samples},
                         {"cpu_ms", ms_of(profile.cpu_ns)},
                         {"waited_ms", ms_of(profile.wait_ns)},
                         {"sampling_ms", ms_of(finished.spent_ns)}});
    for (const watch::ProfileRow& row : profile.rows(logged_rows)) {
        log_info("profile: function", {{"cumulative_ms", ms_of(row.cumulative_ns)},
                                       {"self_ms", ms_of(row.self_ns)},
                                       {"of", row.name},
                                       {"function", row.function}});
    }
}

}  // namespace

Profiler::Profiler(Parts parts)
    : parts_(parts),
      usual_hz_(parts.sampler != nullptr ? parts.sampler->rate() : 0),
      again_(parts.loop, *this, &Profiler::look) {}

std::optional<ProfileState> Profiler::start(Wish wish) {
    if (under_way_ != nullptr) {
        return std::nullopt;
    }
    auto& sampler = *parts_.sampler;
    sampler.set_rate(wish.hz);
    under_way_ =
        std::make_unique<UnderWay>(UnderWay{.state = {.id = ++last_id_,
                                                      .state = "running",
                                                      .seconds = wish.seconds,
                                                      .hz = wish.hz,
                                                      .started_at = Timestamp(wall_now())},
                                            .reader = sampler.reader(),
                                            .phases = watch::read_phases(parts_.registry),
                                            .spent_before = sampler.spent_ns(),
                                            .until = parts_.loop.now() + std::chrono::seconds(wish.seconds),
                                            .builder = {}});
    again_.in(reads_every);
    return under_way_->state;
}

void Profiler::look() {
    auto& now = *under_way_;
    now.builder.add_lost(
        now.reader.read([&](const runtime::Sample& sample, pid_t) { now.builder.add(sample); }));
    if (parts_.loop.now() < now.until) {
        again_.in(std::min<std::chrono::nanoseconds>(reads_every, now.until - parts_.loop.now()));
        return;
    }
    parts_.sampler->set_rate(usual_hz_);
    now.state.state = "naming";
    now.builder.add_waits(now.phases, watch::read_phases(parts_.registry));
    parts_.scope.start(finish(*this));
}

Async<void> Profiler::finish(Profiler& self) {
    auto finished = std::make_shared<FinishedProfile>();
    finished->state = self.under_way_->state;
    finished->state.state = "done";
    finished->spent_ns = self.parts_.sampler->spent_ns() - self.under_way_->spent_before;
    try {
        finished->profile =
            co_await runtime::offload(self.parts_.offload, [builder = &self.under_way_->builder] {
                Symbols symbols;
                return builder->build(symbols);
            });
    } catch (const runtime::Cancelled&) {  // the process ends
        co_return;
    } catch (const std::exception& error) {
        log_warning("a profile could not be finished", {{"error", error.what()}});
        self.under_way_.reset();
        co_return;
    }
    log_rows(*finished);
    self.finished_.push_front(std::move(finished));
    if (self.finished_.size() > most_kept) {
        self.finished_.pop_back();
    }
    self.under_way_.reset();
}

std::vector<ProfileState> Profiler::states() const {
    std::vector<ProfileState> states;
    if (under_way_ != nullptr) {
        states.push_back(under_way_->state);
    }
    for (const auto& each : finished_) {
        states.push_back(each->state);
    }
    return states;
}

std::shared_ptr<const FinishedProfile> Profiler::find(std::uint64_t id) const {
    const auto found =
        std::ranges::find_if(finished_, [id](const auto& each) { return each->state.id == id; });
    return found != finished_.end() ? *found : nullptr;
}

}  // namespace brio::app
