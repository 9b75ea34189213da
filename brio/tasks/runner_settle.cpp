// The part of Runner that tells the broker what became of tasks, and how far those are that run.
#include <brio/tasks/runner.hpp>

#include <algorithm>

#include <brio/base/log.hpp>
#include <brio/tasks/followers.hpp>

namespace brio::tasks {

namespace {

constexpr std::chrono::milliseconds progress_every{250};

}  // namespace

void Runner::settle(Run::Ended ended, Lane& lane) {
    ended_.push_back({std::move(ended), &lane});
    const bool is_more =
        settling_ < parts_.tasks.broker().calls_at_a_time() && ended_.size() == least_claimed;
    if (settling_ == 0 || is_more) {
        ++settling_;
        scope_.start(settle_all(*this));
    }
}

// No more bytes of results than a broker takes in one message.
std::vector<Runner::Unsettled> Runner::next_batch() {
    std::size_t bytes = 0;
    auto end = ended_.begin();
    while (end != ended_.end() && bytes < most_result) {
        bytes += end->ended.settlement.result.size();
        ++end;
    }
    std::vector<Unsettled> batch(std::move_iterator(ended_.begin()), std::move_iterator(end));
    ended_.erase(ended_.begin(), end);
    return batch;
}

Async<void> Runner::settle_all(Runner& self) {
    co_await runtime::sleep_for({});  // what else ends in this turn goes along
    while (!self.ended_.empty()) {
        auto batch = self.next_batch();
        const auto settled = co_await self.tell(batch);
        for (const Unsettled& each : batch) {
            self.release(each.ended.settlement.held, *each.lane);
        }
        self.count(batch, settled);
        self.tell_of_free_slots();
    }
    --self.settling_;
    self.look_whether_drained();
}

// None when it cannot be told any more. What is followed may end otherwise than it seemed.
Async<std::vector<bool>> Runner::tell(std::vector<Unsettled>& batch) {
    const auto worker = parts_.worker();
    const auto held_of = [](const Unsettled& each) { return each.ended.settlement.held; };
    std::vector<Ending> endings;
    for (Unsettled& each : batch) {
        if (each.ended.ending != nullptr) {
            endings.push_back(std::move(*each.ended.ending));
        }
    }
    while (true) {
        try {
            if (!endings.empty()) {
                const auto changed = co_await tell_followers(parts_.tasks, endings, options_.clocks.wall());
                for (const Settlement& each : changed) {
                    std::ranges::find(batch, each.held, held_of)->ended.settlement = each;
                }
                endings.clear();
            }
            std::vector<Settlement> settlements;
            for (const Unsettled& each : batch) {
                settlements.push_back(each.ended.settlement);
            }
            co_return co_await parts_.tasks.broker().settle(worker, std::move(settlements));
        } catch (const std::exception& error) {
            note_fault(error);
        }
        if (gives_up_) {
            log_warning(
                "the broker is away: what became of these tasks is not kept, and they are carried out again",
                {{"tasks", batch.size()}});
            co_return std::vector<bool>();
        }
        co_await runtime::sleep_for(retry_delay());
        if (parts_.worker() != worker) {  // taken for dead meanwhile: others have them
            co_return std::vector<bool>();
        }
    }
}

// Once, when the broker has acknowledged it.
void Runner::count(std::vector<Unsettled>& batch, const std::vector<bool>& settled) {
    for (std::size_t i = 0; i < settled.size(); ++i) {
        Run::Ended& each = batch[i].ended;
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

// -- progress --

Runner::ProgressTimer::ProgressTimer(Runner& its_runner)
    : Timer([](Timer& timer) {
          auto& runner = static_cast<ProgressTimer&>(timer).runner;
          runner.is_sending_progress_ = true;
          runner.scope_.start(send_progress(runner));
      }),
      runner(its_runner) {}

void Runner::arm_progress() {
    if (!progress_timer_.is_armed() && !is_sending_progress_) {
        loop_.arm(progress_timer_, progress_every);
    }
}

Async<void> Runner::send_progress(Runner& self) {
    std::vector<Run::News> news;
    for (const Begun& each : self.runs_) {
        if (auto its = each.run->take_news()) {
            news.push_back(std::move(*its));
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
    if (std::ranges::any_of(self.runs_, [](const Begun& each) { return each.run->has_news(); })) {
        self.arm_progress();
    }
    self.look_whether_drained();
}

}  // namespace brio::tasks
