#include <brio/tasks/runner.hpp>

#include <algorithm>

#include <brio/base/log.hpp>
#include <brio/base/random.hpp>
#include <brio/ledger/statement_tally.hpp>
#include <brio/tasks/verdict.hpp>

namespace brio::tasks {

namespace {

constexpr std::chrono::milliseconds progress_every{250};
constexpr std::chrono::milliseconds first_retry{50};
constexpr std::chrono::milliseconds longest_retry{1000};
constexpr std::chrono::milliseconds until_known{2};

std::chrono::milliseconds retry_delay(int faults) noexcept {
    return next_delay({.first = first_retry, .most = longest_retry}, std::max(faults, 1),
                      thread_random().uniform());
}

}  // namespace

/// One try of one task.
class Runner::Run : public ProgressReporter, private runtime::Timer {
public:
    /// Why it was told to stop.
    enum class Stop : std::uint8_t { none, revoked, returned, lost };

    Run(Runner& runner, Claim claim)
        : Timer([](Timer& timer) { static_cast<Run&>(timer).work_.stop(runtime::StopReason::deadline); }),
          runner_(runner),
          claim_(std::move(claim)),
          definition_(runner.parts_.tasks.find(claim_.message.name)),
          policy_(definition_ != nullptr ? definition_->policy : Policy{.name = claim_.message.name}),
          context_{claim_.message, runner.parts_.services, work_, runner.parts_.tasks, *this} {}
    ~Run() override {
        runtime::Timer::cancel();
        call_.reset();
        runner_.parts_.running.remove(number_);
    }

    void start() {
        auto& loop = runner_.loop_;
        auto& tasks = runner_.parts_.tasks;
        const auto due = claim_.message.due.value_or(claim_.message.pushed_at);
        const auto waited = runner_.options_.clocks.wall().microseconds - due.microseconds;
        ledger_.start(ledger::Phase::run);
        if (waited > 0) {
            ledger_.add_before(ledger::Phase::wait, ns_to_ticks(static_cast<std::uint64_t>(waited) * 1000));
        }
        begun_ = ticks();
        tally_.start();
        work_.loop = &loop;
        work_.ledger = &ledger_;
        work_.tally = &tally_;
        work_.name = policy_.name;
        work_.deadline = loop.now() + tasks.deadline_of(claim_.message, policy_);
        number_ = runner_.parts_.running.add(
            {.id = claim_.message.id,
             .name = claim_.message.name,
             .hard_until = loop.now() + tasks.hard_deadline_of(claim_.message, policy_)});
        loop.arm_at(*this, work_.deadline);
        if (definition_ == nullptr) {
            fail({.type = "unknown_task",
                  .words = "this program has no task of that name",
                  .is_permanent = true});
            return;
        }
        is_starting_ = true;
        call_ = definition_->run(*definition_, context_);
        call_.start(
            work_,
            [](void* self) {
                auto& run = *static_cast<Run*>(self);
                run.has_ended_ = true;
                if (!run.is_starting_) {
                    run.finish();
                }
            },
            this);
        is_starting_ = false;
        if (has_ended_) {
            finish();
        }
    }

    void stop(Stop why) {
        stop_ = why;
        work_.stop(runtime::StopReason::shutdown);
    }

    void report(double done, std::string words) override {
        progress_ = std::clamp(done, 0.0, 1.0);
        words_ = std::move(words);
        has_news_ = true;
        if (!runner_.progress_timer_.is_armed() && !runner_.is_sending_progress_) {
            runner_.loop_.arm(runner_.progress_timer_, progress_every);
        }
    }
    struct News {
        Held held;
        double progress;
        std::string words;
    };
    std::optional<News> take_news() {
        if (!std::exchange(has_news_, false)) {
            return std::nullopt;
        }
        return News{held(), progress_, words_};
    }

    const std::string& id() const noexcept { return claim_.message.id; }
    Held held() const { return {claim_.message.id, claim_.fence}; }

private:
    void finish() {
        try {
            Settlement settlement{.outcome = Settlement::Outcome::done,
                                  .result = call_.result(),
                                  .keeps_result = policy_.keeps_result && !claim_.message.ignores_result,
                                  .result_lasts = policy_.result_lasts};
            end(std::move(settlement));
        } catch (const runtime::Cancelled&) {
            if (stop_ == Stop::none) {
                fail(failure_of_current(policy_));
            } else {
                end({.outcome = stop_ == Stop::revoked ? Settlement::Outcome::revoked
                                                       : Settlement::Outcome::returned});
            }
        } catch (...) {
            fail(failure_of_current(policy_));
        }
    }

    void fail(Failure failure) {
        log_warning("a task failed", {{"task", policy_.name},
                                      {"id", claim_.message.id},
                                      {"failures", claim_.message.failures + 1},
                                      {"error", failure.words},
                                      {"type", failure.type}});
        end(settle_failure(
            {claim_.message, policy_, runner_.options_.clocks.wall(), thread_random().uniform()},
            std::move(failure)));
    }

    void end(Settlement settlement) {
        const auto took = ticks_to_ns(ticks() - begun_);
        ledger_.enter(ledger::Phase::store);
        if (tally_.watcher() != nullptr) {
            tally_.watcher()->ended(tally_, {.name = policy_.name, .goal = runner_.parts_.tasks.goals().task},
                                    nullptr);
        }
        settlement.held = held();
        runner_.run_ended(*this,
                          {.settlement = std::move(settlement),
                           .task = std::string(policy_.name),
                           .took_ns = took,
                           .ledger = ledger_},
                          stop_ == Stop::lost);
    }

    Runner& runner_;
    const Claim claim_;
    const Definition* const definition_;
    const Policy policy_;
    runtime::Work work_;
    ledger::Ledger ledger_;
    ledger::StatementTally tally_;
    TaskContext context_;
    Async<std::string> call_;
    std::uint64_t number_ = 0;
    Ticks begun_ = 0;
    Stop stop_ = Stop::none;
    bool is_starting_ = false;
    bool has_ended_ = false;
    bool has_news_ = false;
    double progress_ = 0;
    std::string words_;
};

Runner::ProgressTimer::ProgressTimer(Runner& its_runner)
    : Timer([](Timer& timer) {
          auto& runner = static_cast<ProgressTimer&>(timer).runner;
          runner.is_sending_progress_ = true;
          runner.scope_.start(send_progress(runner));
      }),
      runner(its_runner) {}

Runner::Runner(runtime::Loop& loop, Parts parts, RunnerOptions options)
    : loop_(loop),
      parts_(std::move(parts)),
      options_(std::move(options)),
      scope_(loop),
      resting_(loop),
      progress_timer_(*this) {
    expect(options_.concurrency > 0, "a worker has at least one slot");
}

Runner::~Runner() {
    expect(runs_.empty() && scope_.running() == 0, "a worker is drained before it is destroyed");
}

void Runner::start() {
    is_claiming_ = true;
    scope_.start(claim_for_ever(*this));
}

// -- claiming --

std::size_t Runner::free_slots() const noexcept {
    const auto taken = runs_.size() + ended_.size() + settling_ + suspects_.size();
    return is_alone_ || !suspects_.empty() || taken >= options_.concurrency ? 0
                                                                            : options_.concurrency - taken;
}

Async<void> Runner::claim_for_ever(Runner& self) {
    while (!self.is_draining_) {
        if (self.free_slots() == 0) {
            co_await self.slot_freed_.wait();
            continue;
        }
        if (self.parts_.worker().empty()) {
            co_await self.rest_for(until_known);
            continue;
        }
        bool is_away = false;
        std::size_t claimed = 0;
        try {
            claimed = co_await self.claim_once();
            self.faults_ = 0;
        } catch (const std::exception& error) {
            self.note_fault(error);
            is_away = true;
        }
        if (is_away) {
            co_await self.rest_for(retry_delay(self.faults_));
        } else if (claimed == 0 && !self.is_draining_) {
            co_await self.rest();
        }
    }
    self.is_claiming_ = false;
    self.look_whether_drained();
}

Async<std::size_t> Runner::claim_once() {
    const auto worker = parts_.worker();
    auto claims = co_await parts_.tasks.broker().claim(
        {.worker = worker, .queues = options_.queues, .most = free_slots()});
    last_claim_ = loop_.now();
    if (has_fault_) {
        has_fault_ = false;
        log_info("tasks are claimed again", {{"broker", parts_.tasks.broker().words()}});
    }
    const auto count = claims.size();
    for (Claim& claim : claims) {
        parts_.running.hold({claim.message.id, claim.fence});
    }
    for (Claim& claim : claims) {
        if (claim.message.deaths > 0) {
            suspects_.push_back(std::move(claim));
        } else {
            begin(std::move(claim));
        }
    }
    begin_suspects();
    co_return count;
}

// Ended early by a drain.
Async<void> Runner::rest() {
    resting_.start([](Runner& self) -> Async<void> {
        try {
            co_await self.parts_.tasks.broker().wait(self.options_.queues, self.options_.idle);
        } catch (const runtime::Cancelled&) {
        } catch (const std::exception& error) {
            self.note_fault(error);
        }
    }(*this));
    co_await resting_.join();
    if (has_fault_) {
        co_await rest_for(retry_delay(faults_));
    }
}

Async<void> Runner::rest_for(std::chrono::milliseconds time) {
    resting_.start([](std::chrono::milliseconds rest) -> Async<void> {
        try {
            co_await runtime::sleep_for(rest);
        } catch (const runtime::Cancelled&) {
        }
    }(time));
    co_await resting_.join();
}

void Runner::note_fault(const std::exception& error) {
    ++faults_;
    if (!std::exchange(has_fault_, true)) {
        log_warning("tasks cannot be claimed or settled for now: it is tried again and again",
                    {{"broker", parts_.tasks.broker().words()}, {"error", error.what()}});
    }
}

// -- running --

void Runner::begin(Claim claim) {
    auto& run = *runs_.emplace_back(std::make_unique<Run>(*this, std::move(claim)));
    run.start();  // may end, and be gone, before this returns
}

void Runner::begin_suspects() {
    if (is_alone_ || !runs_.empty() || suspects_.empty()) {
        return;
    }
    auto claim = std::move(suspects_.front());
    suspects_.pop_front();
    if (is_draining_) {
        hand_back(claim);
        begin_suspects();
        return;
    }
    is_alone_ = true;
    begin(std::move(claim));
}

void Runner::hand_back(const Claim& claim) {
    Ended ended{
        .settlement = {.held = {claim.message.id, claim.fence}, .outcome = Settlement::Outcome::returned},
        .task = claim.message.name};
    settle(std::move(ended));
}

void Runner::run_ended(Run& run, Ended ended, bool is_lost) {
    const auto found = std::ranges::find(runs_, &run, &std::unique_ptr<Run>::get);
    const auto gone = std::move(*found);
    runs_.erase(found);
    is_alone_ = false;
    if (is_lost) {
        parts_.running.release(ended.settlement.held);
    } else {
        settle(std::move(ended));
    }
    begin_suspects();
    slot_freed_.notify_all();
    look_whether_drained();
}

void Runner::cancel(const std::vector<std::string>& ids) {
    std::vector<Run*> stopped;
    for (const auto& run : runs_) {
        if (std::ranges::find(ids, run->id()) != ids.end()) {
            stopped.push_back(run.get());
        }
    }
    for (Run* run : stopped) {  // ends, and leaves the list
        run->stop(Run::Stop::revoked);
    }
}

void Runner::stop_all(bool are_lost) {
    std::vector<Run*> all;
    for (const auto& run : runs_) {
        all.push_back(run.get());
    }
    for (Run* run : all) {
        run->stop(are_lost ? Run::Stop::lost : Run::Stop::returned);
    }
}

void Runner::stop_tasks() { stop_all(false); }

void Runner::lose_all() {
    for (const Claim& each : std::exchange(suspects_, {})) {
        parts_.running.release({each.message.id, each.fence});
    }
    for (const Ended& each : std::exchange(ended_, {})) {
        parts_.running.release(each.settlement.held);
    }
    stop_all(true);
    slot_freed_.notify_all();
}

// -- settling --

void Runner::settle(Ended ended) {
    ended_.push_back(std::move(ended));
    if (!std::exchange(is_settling_, true)) {
        scope_.start(settle_all(*this));
    }
}

Async<void> Runner::settle_all(Runner& self) {
    co_await runtime::sleep_for({});  // what else ends in this turn goes along
    while (!self.ended_.empty()) {
        auto batch = std::exchange(self.ended_, {});
        self.settling_ = batch.size();
        std::vector<Settlement> settlements;
        for (const Ended& each : batch) {
            settlements.push_back(each.settlement);
        }
        const auto worker = self.parts_.worker();
        std::vector<bool> settled;
        for (bool is_told = false; !is_told;) {
            try {
                settled = co_await self.parts_.tasks.broker().settle(worker, settlements);
                is_told = true;
            } catch (const std::exception& error) {
                self.note_fault(error);
            }
            if (!is_told) {
                co_await runtime::sleep_for(retry_delay(self.faults_));
                if (self.parts_.worker() != worker) {
                    break;  // taken for dead meanwhile: others have them
                }
            }
        }
        for (const Ended& each : batch) {
            self.parts_.running.release(each.settlement.held);
        }
        self.count(batch, settled);
        self.settling_ = 0;
        self.slot_freed_.notify_all();
    }
    self.is_settling_ = false;
    self.look_whether_drained();
}

// Once, when the broker has acknowledged it.
void Runner::count(std::vector<Ended>& batch, const std::vector<bool>& settled) {
    for (std::size_t i = 0; i < settled.size(); ++i) {
        Ended& each = batch[i];
        if (!settled[i]) {
            log_info("a task was given to another worker meanwhile: what this one made of it is not kept",
                     {{"task", each.task}, {"id", each.settlement.held.id}});
            continue;
        }
        each.ledger.finish();
        parts_.tasks.metrics().tried({.task = each.task,
                                      .outcome = each.settlement.outcome,
                                      .error_type = each.settlement.error_type,
                                      .took_ns = each.took_ns},
                                     each.ledger);
    }
}

Async<void> Runner::send_progress(Runner& self) {
    std::vector<Run::News> news;
    for (const auto& run : self.runs_) {
        if (auto each = run->take_news()) {
            news.push_back(std::move(*each));
        }
    }
    try {
        for (Run::News& each : news) {
            co_await self.parts_.tasks.broker().report_progress(each.held, each.progress,
                                                                std::move(each.words));
        }
    } catch (const std::exception& error) {  // the next one tells more
        self.note_fault(error);
    }
    self.is_sending_progress_ = false;
}

// -- the end --

void Runner::drain(std::function<void()> ended) {
    on_drained_ = std::move(ended);
    is_draining_ = true;
    resting_.stop(runtime::StopReason::shutdown);
    while (!suspects_.empty()) {
        hand_back(suspects_.front());
        suspects_.pop_front();
    }
    slot_freed_.notify_all();
    look_whether_drained();
}

void Runner::look_whether_drained() {
    const bool has_ended = is_draining_ && !is_claiming_ && runs_.empty() && !is_settling_ &&
                           ended_.empty() && suspects_.empty();
    if (has_ended && on_drained_) {
        progress_timer_.cancel();
        std::exchange(on_drained_, {})();
    }
}

}  // namespace brio::tasks
