#include <brio/tasks/runner.hpp>

#include <algorithm>

#include <brio/base/log.hpp>
#include <brio/base/random.hpp>
#include <brio/tasks/backoff.hpp>

namespace brio::tasks {

namespace {

constexpr std::chrono::milliseconds first_retry{50};
// A client of Redis may wait for half a second before it tries again; both are to be over within one.
constexpr std::chrono::milliseconds longest_retry{400};
constexpr std::chrono::milliseconds soon{2};

}  // namespace

Runner::Runner(runtime::Loop& loop, Parts parts, RunnerOptions options)
    : loop_(loop),
      parts_(std::move(parts)),
      options_(std::move(options)),
      run_parts_{.loop = loop,
                 .tasks = parts_.tasks,
                 .services = parts_.services,
                 .running = parts_.running,
                 .clocks = options_.clocks,
                 .most_deaths = options_.most_deaths,
                 .ended = [this](Run& run, Run::Ended ended) { run_ended(run, std::move(ended)); },
                 .has_news = [this] { arm_progress(); }},
      scope_(loop),
      progress_timer_(*this) {
    expect(options_.kept <= options_.concurrency, "no more slots are kept than there are");
    lanes_.emplace_back(loop, options_.queues, options_.concurrency - options_.kept);
    if (options_.kept > 0) {
        lanes_.emplace_back(loop, std::vector{options_.queues.front()}, options_.kept);
    }
}

Runner::~Runner() {
    expect(runs_.empty() && scope_.running() == 0, "a worker is drained before it is destroyed");
}

void Runner::start() {
    claiming_ = 2 * lanes_.size();
    for (Lane& lane : lanes_) {
        scope_.start(claim_for_ever(*this, lane));
        scope_.start(claim_while_there_is_plenty(*this, lane));
    }
}

// -- claiming --

/// Of one claim: where there are many slots some are left for the next one.
std::size_t Runner::claimed_at_once(const Lane& lane) const noexcept {
    const std::size_t parts = 2 * parts_.tasks.broker().calls_at_a_time();
    return parts == 2 ? lane.slots : std::max(least_claimed, lane.slots / parts);
}

bool Runner::may_claim() const { return !parts_.worker().empty() && !parts_.running.is_reserved(); }

/// How many; nothing when the broker is away.
Async<std::optional<std::size_t>> Runner::try_to_claim(Lane& lane) {
    std::optional<std::size_t> claimed;
    try {
        claimed = co_await claim_once(lane);
        faults_ = 0;
    } catch (const std::exception& error) {
        note_fault(error);
        lane.has_plenty = false;
    }
    if (lane.has_plenty) {
        lane.got_plenty.notify_all();
    }
    co_return claimed;
}

Async<void> Runner::claim_for_ever(Runner& self, Lane& lane) {
    while (!self.is_draining_) {
        if (lane.taken >= lane.slots) {
            co_await lane.slot_freed.wait();
            continue;
        }
        if (!self.may_claim()) {
            co_await self.rest_for(lane, soon);
            continue;
        }
        const auto claimed = co_await self.try_to_claim(lane);
        lane.in_vain = claimed.value_or(0) == 0 ? lane.in_vain + 1 : 0;
        if (!claimed) {
            co_await self.rest_for(lane, self.retry_delay());
        } else if (*claimed == 0 && !self.is_draining_) {
            const auto from = self.loop_.now();
            co_await self.rest(lane);
            if (lane.in_vain > 1 &&
                self.loop_.now() - from < soon) {  // something is there, and not for this one
                co_await self.rest_for(lane, soon);
            }
        }
    }
    --self.claiming_;
    self.look_whether_drained();
}

/// Never rests: that is the other one's, which tells it when to go on.
Async<void> Runner::claim_while_there_is_plenty(Runner& self, Lane& lane) {
    while (!self.is_draining_) {
        const bool is_of_use = lane.has_plenty && self.claimed_at_once(lane) < lane.slots;
        if (!is_of_use || !self.may_claim()) {
            co_await lane.got_plenty.wait();
            if (!self.is_draining_) {
                // In another turn than the first one, whose answer would else come together with this one's.
                co_await runtime::sleep_for(std::chrono::nanoseconds(1));
            }
        } else if (lane.taken >= lane.slots) {
            co_await lane.slot_freed.wait();
        } else {
            co_await self.try_to_claim(lane);
        }
    }
    --self.claiming_;
    self.look_whether_drained();
}

Async<std::size_t> Runner::claim_once(Lane& lane) {
    const auto worker = parts_.worker();
    const Running::Claiming claiming(parts_.running);
    if (parts_.running.is_reserved() || lane.taken >= lane.slots) {
        co_return 0;
    }
    struct Asked {
        Runner& runner;
        Lane& lane;
        const std::size_t most;
        std::size_t left = most;
        ~Asked() {
            lane.taken -= left;
            if (left > 0) {
                runner.tell_of_free_slots();
            }
        }
    } asked{*this, lane, std::min(lane.slots - lane.taken, claimed_at_once(lane))};
    lane.taken += asked.most;
    auto claims =
        co_await parts_.tasks.broker().claim({.worker = worker, .queues = lane.queues, .most = asked.most});
    parts_.running.note_fetch(loop_.now());
    if (has_fault_) {
        has_fault_ = false;
        log_info("tasks are claimed again", {{"broker", parts_.tasks.broker().words()}});
    }
    const auto count = claims.size();
    asked.left -= count;
    lane.has_plenty = count == asked.most;
    for (const Claim& claim : claims) {
        parts_.running.hold(claim.held());
    }
    for (Claim& claim : claims) {
        take(std::move(claim), lane);
    }
    co_return count;
}

// Ended early by a drain.
Async<void> Runner::rest(Lane& lane) {
    lane.resting.start([](Runner& self, const Lane& its) -> Async<void> {
        try {
            co_await self.parts_.tasks.broker().wait(its.queues, self.options_.idle);
        } catch (const runtime::Cancelled&) {
        } catch (const std::exception& error) {
            self.note_fault(error);
        }
    }(*this, lane));
    co_await lane.resting.join();
    if (has_fault_) {
        co_await rest_for(lane, retry_delay());
    }
}

Async<void> Runner::rest_for(Lane& lane, std::chrono::milliseconds time) {
    lane.resting.start([](std::chrono::milliseconds rest) -> Async<void> {
        try {
            co_await runtime::sleep_for(rest);
        } catch (const runtime::Cancelled&) {
        }
    }(time));
    co_await lane.resting.join();
}

std::chrono::milliseconds Runner::retry_delay() const noexcept {
    return next_delay({.first = first_retry, .most = longest_retry}, std::max(faults_, 1),
                      thread_random().uniform());
}

void Runner::note_fault(const std::exception& error) {
    ++faults_;
    if (!std::exchange(has_fault_, true)) {
        log_warning("tasks cannot be claimed or settled for now: it is tried again and again",
                    {{"broker", parts_.tasks.broker().words()}, {"error", error.what()}});
    }
}

// -- running --

void Runner::take(Claim claim, Lane& lane) {
    auto& running = parts_.running;
    const bool is_suspect = claim.message.deaths > 0;
    if (is_draining_ || (is_suspect ? !running.ask_to_be_alone(claim.held()) : running.is_reserved())) {
        hand_back(claim, lane);
    } else if (is_suspect) {
        waiting_ = claim.held();
        scope_.start(begin_alone(*this, std::move(claim), lane));
    } else {
        begin(std::move(claim), lane);
    }
}

Async<void> Runner::begin_alone(Runner& self, Claim claim, Lane& lane) {
    const auto& running = self.parts_.running;
    const auto held = claim.held();
    while (!self.is_draining_ && running.holds(held) && !running.is_alone(held)) {
        co_await runtime::sleep_for(soon);
    }
    if (self.waiting_ == held) {
        self.waiting_.reset();
    }
    if (!running.holds(held)) {  // all was lost meanwhile
        self.release(held, lane);
        self.tell_of_free_slots();
    } else if (self.is_draining_) {
        self.hand_back(claim, lane);
    } else {
        self.begin(std::move(claim), lane);
    }
    self.look_whether_drained();
}

void Runner::begin(Claim claim, Lane& lane) {
    auto& begun = runs_.emplace_back(std::make_unique<Run>(run_parts_, std::move(claim)), &lane);
    begun.run->start();  // may end, and be gone, before this returns
}

void Runner::hand_back(const Claim& claim, Lane& lane) {
    settle({.settlement = {.held = claim.held(), .outcome = Settlement::Outcome::returned},
            .task = claim.message.name},
           lane);
}

void Runner::release(const Held& held, Lane& lane) {
    parts_.running.release(held);
    --lane.taken;
}

void Runner::set_concurrency(std::size_t concurrency) {
    expect(options_.kept <= concurrency, "no more slots are kept than there are");
    lanes_.front().slots = concurrency - options_.kept;
    tell_of_free_slots();
}

void Runner::tell_of_free_slots() {
    for (Lane& lane : lanes_) {
        lane.slot_freed.notify_all();
    }
}

void Runner::run_ended(Run& run, Run::Ended ended) {
    const auto found = std::ranges::find(runs_, &run, [](const Begun& each) { return each.run.get(); });
    const auto gone = std::move(*found);
    runs_.erase(found);
    if (run.stopped() == Run::Stop::lost) {
        release(ended.settlement.held, *gone.lane);
        tell_of_free_slots();
    } else {
        settle(std::move(ended), *gone.lane);
    }
    look_whether_drained();
}

void Runner::cancel(const std::vector<std::string>& ids) {
    std::vector<Run*> stopped;
    for (const Begun& each : runs_) {
        if (std::ranges::find(ids, each.run->id()) != ids.end()) {
            stopped.push_back(each.run.get());
        }
    }
    for (Run* run : stopped) {  // ends, and leaves the list
        run->stop(Run::Stop::revoked);
    }
}

void Runner::stop_all(Run::Stop why) {
    std::vector<Run*> all;
    for (const Begun& each : runs_) {
        all.push_back(each.run.get());
    }
    for (Run* run : all) {
        run->stop(why);
    }
}

void Runner::stop_tasks() {
    gives_up_ = true;
    stop_all(Run::Stop::returned);
}

void Runner::lose_all() {
    for (const Unsettled& each : std::exchange(ended_, {})) {
        release(each.ended.settlement.held, *each.lane);
    }
    if (waiting_) {
        parts_.running.release(*waiting_);
    }
    stop_all(Run::Stop::lost);
    tell_of_free_slots();
}

// -- the end --

void Runner::drain(std::function<void()> ended) {
    on_drained_ = std::move(ended);
    is_draining_ = true;
    for (Lane& lane : lanes_) {
        lane.resting.stop(runtime::StopReason::shutdown);
        lane.got_plenty.notify_all();
    }
    tell_of_free_slots();
    look_whether_drained();
}

void Runner::look_whether_drained() {
    const bool has_ended = is_draining_ && claiming_ == 0 && runs_.empty() && !waiting_ && settling_ == 0 &&
                           ended_.empty() && !is_sending_progress_;
    if (has_ended && on_drained_) {
        progress_timer_.cancel();
        std::exchange(on_drained_, {})();
    }
}

}  // namespace brio::tasks
