#include <brio/tasks/run.hpp>

#include <algorithm>

#include <brio/base/log.hpp>
#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/http/traceparent.hpp>
#include <brio/ledger/black_box.hpp>
#include <brio/runtime/sampler.hpp>
#include <brio/tasks/verdict.hpp>

namespace brio::tasks {

namespace {

/// Of the trace that it belongs to; empty without one.
std::string_view trace_id(const Message& message) noexcept {
    return http::parse_traceparent(message.trace.parent)
               ? std::string_view(message.trace.parent).substr(3, 32)
               : std::string_view();
}

}  // namespace

Run::Run(const Parts& parts, Claim claim)
    : Timer([](Timer& timer) { static_cast<Run&>(timer).work_.stop(runtime::StopReason::deadline); }),
      parts_(parts),
      span_(parts.tasks.spans() != nullptr ? std::optional(begin_span(claim.message)) : std::nullopt),
      claim_(std::move(claim)),
      definition_(parts.tasks.find(claim_.message.name)),
      policy_(definition_ != nullptr ? definition_->policy : Policy{.name = claim_.message.name}),
      context_{claim_.message, parts.services, work_, parts.tasks, *this} {}

Run::~Run() {
    runtime::Timer::cancel();
    call_.reset();
    parts_.running.remove(number_);
}

void Run::start() {
    auto& loop = parts_.loop;
    auto& tasks = parts_.tasks;
    loop.refresh_now();  // those that began before in this turn may have taken long
    const auto due = claim_.message.due.value_or(claim_.message.pushed_at);
    const auto waited = parts_.clocks.wall().microseconds - due.microseconds;
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
    number_ = parts_.running.add({.id = claim_.message.id,
                                  .name = claim_.message.name,
                                  .hard_until = loop.now() + tasks.hard_deadline_of(claim_.message, policy_),
                                  .fence = claim_.fence});
    loop.arm_at(*this, work_.deadline);
    if (auto refused = refusal()) {
        end(std::move(*refused));
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
                run.end(run.settlement_of_result());
            }
        },
        this);
    is_starting_ = false;
    if (has_ended_) {
        end(settlement_of_result());
    }
}

std::optional<Settlement> Run::refusal() {
    if (definition_ == nullptr) {
        return failed(
            {.type = "unknown_task", .words = "this program has no task of that name", .is_permanent = true});
    }
    const Message& message = claim_.message;
    if (!message.is_followed()) {
        return std::nullopt;  // the broker has looked
    }
    if (claim_.is_revoked) {
        return Settlement{.outcome = Settlement::Outcome::revoked};
    }
    if (message.expires && *message.expires < parts_.clocks.wall()) {
        return Settlement{.outcome = Settlement::Outcome::expired};
    }
    if (message.deaths >= parts_.most_deaths) {
        return failed({.type = "death", .words = "its worker died, too often", .is_permanent = true});
    }
    return std::nullopt;
}

void Run::stop(Stop why) {
    stop_ = why;
    work_.stop(runtime::StopReason::shutdown);
}

void Run::report(double done, std::string words) {
    progress_ = std::clamp(done, 0.0, 1.0);
    words_ = std::move(words);
    has_news_ = true;
    parts_.has_news();
}

std::optional<Run::News> Run::take_news() {
    if (!std::exchange(has_news_, false)) {
        return std::nullopt;
    }
    return News{held(), progress_, words_};
}

Settlement Run::settlement_of_result() {
    try {
        auto result = call_.result();
        if (result.size() > most_result) {
            return failed({.type = "result_too_large",
                           .words = concat({"the result has ", integer_text(result.size()), " bytes; ",
                                            integer_text(most_result), " are the most"}),
                           .is_permanent = true});
        }
        return {.outcome = Settlement::Outcome::done,
                .result = std::move(result),
                .keeps_result = policy_.keeps_result && !claim_.message.ignores_result,
                .result_lasts = policy_.result_lasts};
    } catch (const runtime::Cancelled&) {
        if (stop_ != Stop::none) {
            return {.outcome = stop_ == Stop::revoked ? Settlement::Outcome::revoked
                                                      : Settlement::Outcome::returned};
        }
        return failed(failure_of_current(policy_));
    } catch (...) {
        return failed(failure_of_current(policy_));
    }
}

Settlement Run::failed(Failure failure) {
    log_warning("a task failed", {{"task", policy_.name},
                                  {"id", claim_.message.id},
                                  {"trace_id", trace_id(claim_.message)},
                                  {"failures", claim_.message.failures + 1},
                                  {"error", failure.words},
                                  {"type", failure.type}});
    return settle_failure({claim_.message, policy_, parts_.clocks.wall(), thread_random().uniform()},
                          std::move(failure));
}

// Its wait is in the ledger, and not in what is judged.
std::optional<ledger::SlowWhy> Run::why_of_note(const Settlement& settlement, std::uint64_t took_ns) const {
    const bool has_failed = settlement.outcome == Settlement::Outcome::failed ||
                            settlement.outcome == Settlement::Outcome::retried;
    return ledger::why_kept({.total_ns = took_ns,
                             .goal = parts_.tasks.goal_of(policy_),
                             .reached_deadline = work_.stopped == runtime::StopReason::deadline,
                             .has_failed = has_failed});
}

void Run::keep_span(const Settlement& settlement, std::uint64_t took_ns) {
    auto& spans = *parts_.tasks.spans();
    const auto why = why_of_note(settlement, took_ns);
    if ((!why && !span_->own.sampled()) || !spans.admits(why)) {
        return;
    }
    auto span = span_of(*span_, claim_.message);
    span.why = why;
    span.take(tally_);
    span.take(ledger_);
    span.took_ns = took_ns;
    span.goal_ns = static_cast<std::uint64_t>(parts_.tasks.goal_of(policy_).count());
    span.ended_ns = std::chrono::nanoseconds(wall_now().time_since_epoch()).count();
    span.error = settlement.error_type;
    spans.add(std::move(span));
}

void Run::keep_slow(const Settlement& settlement, std::uint64_t took_ns) {
    auto& box = *parts_.tasks.black_box();
    const auto goal = parts_.tasks.goal_of(policy_);
    const auto why = why_of_note(settlement, took_ns);
    if (!why || !box.admits()) {
        return;
    }
    const auto slow = std::make_unique<ledger::SlowWork>();
    slow->kind = ledger::SlowKind::task;
    slow->why = *why;
    slow->take(tally_);
    slow->take(ledger_);
    if (const auto* const sampler = runtime::Sampler::here()) {
        sampler->add_stacks(*slow, work_.unit, monotonic_now() - std::chrono::nanoseconds(took_ns));
    }
    slow->goal_ns = static_cast<std::uint64_t>(goal.count());
    slow->name = policy_.name;
    slow->target = claim_.message.id;
    slow->error = settlement.error_type;
    if (const auto trace = http::parse_traceparent(claim_.message.trace.parent)) {
        slow->trace_high = trace->trace_high;
        slow->trace_low = trace->trace_low;
    }
    box.keep(*slow);
}

void Run::end(Settlement settlement) {
    const auto took = ticks_to_ns(ticks() - begun_);
    ledger_.enter(ledger::Phase::store);
    if (tally_.watcher() != nullptr) {
        tally_.watcher()->ended(tally_, {.name = policy_.name, .goal = parts_.tasks.goal_of(policy_)},
                                nullptr);
    }
    if (parts_.tasks.black_box() != nullptr) {
        keep_slow(settlement, took);
    }
    if (span_) {
        keep_span(settlement, took);
    }
    settlement.held = held();
    std::unique_ptr<Ending> ending;
    if (has_followers(claim_.message, settlement)) {
        ending = std::make_unique<Ending>(claim_.message, settlement);
    }
    parts_.ended(*this, {.settlement = std::move(settlement),
                         .task = std::string(policy_.name),
                         .took_ns = took,
                         .ledger = ledger_,
                         .ending = std::move(ending)});
}

}  // namespace brio::tasks
