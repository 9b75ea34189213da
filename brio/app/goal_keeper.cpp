#include <brio/app/goal_keeper.hpp>

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>

#include <brio/base/clock.hpp>
#include <brio/base/expect.hpp>
#include <brio/base/log.hpp>
#include <brio/base/text.hpp>
#include <brio/runtime/awaitables.hpp>

namespace brio::app {

namespace {

constexpr int alert_attempts = 3;
constexpr std::chrono::seconds between_attempts{5};

}  // namespace

watch::GoalRules goal_rules(const Program& program, const Settings& settings) {
    watch::GoalRules rules{.goals = settings.goals, .queries = program.query_goals};
    for (auto const& route : program.router.routes()) {
        auto const& options = route->options;
        if (options.goal || options.share) {
            OwnGoal const own{.limit = options.goal.value_or(std::chrono::nanoseconds(0)),
                              .share = options.share.value_or(0)};
            expect(own.is_sound(), "a route's goal has a limit and a share under 1");
            rules.requests[concat({http::method_name(route->method), " ", route->pattern})] = own;
        }
    }
    for (auto const& task : program.tasks.definitions) {
        auto const& policy = task.policy;
        if (policy.goal.count() != 0 || policy.share != 0) {
            OwnGoal const own{.limit = policy.goal, .share = policy.share};
            expect(own.is_sound(), "a task's goal has a limit and a share under 1");
            rules.tasks[std::string(policy.name)] = own;
        }
    }
    return rules;
}

GoalKeeper::GoalKeeper(Parts parts, watch::GoalRules rules)
    : parts_(std::move(parts)),
      rules_(std::move(rules)),
      sent_(
          parts_.registry
              .counter({.name = "alerts_sent_total", .help = "Alarms told to BRIO_ALERT_URL.", .labels = {}})
              .with({})),
      dropped_(parts_.registry
                   .counter({.name = "alerts_dropped_total",
                             .help = "Alarms that BRIO_ALERT_URL did not take.",
                             .labels = {}})
                   .with({})),
      again_(parts_.loop, *this, &GoalKeeper::look) {
    takes_file();
    begin();
}

// The metrics count since the process began: the next look takes that as done just now.
void GoalKeeper::begin() {
    watch_.emplace(parts_.registry, rules_);
    watch_->ask_of_pool([this] { return parts_.monitor.pool_words(); });
    watch_->on_alarm([this](const watch::GoalReport& report) { tell(report); });
    history_.emplace(parts_.registry, rules_);
    if (!lock_) {
        return;
    }
    if (auto const bytes = watch::read_file(parts_.file)) {
        if (auto const kept = watch::read_history(*bytes)) {
            watch_->restore(kept->goals);
            history_->restore(kept->lines);
        } else {
            log_warning("the history of the goals is not whole: it begins anew", {{"file", parts_.file}});
        }
    }
}

void GoalKeeper::start() { look(); }

void GoalKeeper::stop() {
    again_.cancel();
    look_now();
    save();
    lock_.close();
}

void GoalKeeper::look_now() {
    if (takes_file()) {
        begin();
    }
    auto const uses = watch::compare(parts_.monitor.read(), rules_.goals);
    auto const reading = watch::read_work(parts_.registry);
    watch_->look(reading, uses);
    history_->look(reading, uses);
}

void GoalKeeper::look() {
    look_now();
    since_save_ += looks_every;
    if (since_save_ >= saves_every) {
        save();
    }
    again_.in(time_.until_next(looks_every));
}

// True once.
bool GoalKeeper::takes_file() {
    if (lock_ || parts_.file.empty()) {
        return false;
    }
    runtime::File file(::open(concat({parts_.file, ".lock"}).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
    if (!file || ::flock(file.fd(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) {  // which it is while another process has it
            say_why(errno);
        }
        return false;
    }
    lock_ = std::move(file);
    return true;
}

void GoalKeeper::save() {
    since_save_ = {};
    if (!lock_) {
        return;
    }
    if (watch::replace_file(parts_.file, watch::write_history({watch_->kept(), history_->kept()}))) {
        has_said_why_ = false;
    } else {
        say_why(errno);
    }
}

void GoalKeeper::say_why(int error) {
    if (!std::exchange(has_said_why_, true)) {
        log_warning("the history of the goals cannot be kept: it ends with this process",
                    {{"file", parts_.file}, {"error", ::strerror(error)}});
    }
}

void GoalKeeper::tell(const watch::GoalReport& report) {
    if (report.alarm == watch::name_of(watch::Alarm::none)) {
        log_info("a goal's alarm is over", {{"goal", report.name}, {"words", report.words}});
    } else {
        log_warning("a goal is missed",
                    {{"goal", report.name}, {"alarm", report.alarm}, {"words", report.words}});
    }
    if (parts_.alert_url.empty()) {
        return;
    }
    if (alerts_.size() == most_alerts) {
        alerts_.pop_front();
        dropped_.add(parts_.registry.here());
    }
    alerts_.push_back({.program = parts_.program, .at = Timestamp(wall_now()), .goal = report});
    if (!std::exchange(is_sending_, true)) {
        parts_.scope.start(send_alerts(*this));
    }
}

Async<void> GoalKeeper::send_alerts(GoalKeeper& self) {
    try {
        while (!self.alerts_.empty()) {
            auto const alert = std::move(self.alerts_.front());
            self.alerts_.pop_front();
            auto& metric = co_await self.send(alert) ? self.sent_ : self.dropped_;
            metric.add(self.parts_.registry.here());
        }
    } catch (const runtime::Cancelled&) {  // the process ends
    }
    self.is_sending_ = false;
}

Async<bool> GoalKeeper::send(const Alert& alert) {
    std::string why;
    for (int attempt = 0; attempt < alert_attempts; ++attempt) {
        if (attempt > 0) {
            co_await runtime::sleep_for(between_attempts);
        }
        try {
            auto const answer =
                co_await http::Outbound(client_, parts_.offload).post(parts_.alert_url, alert);
            if (answer.is_success()) {
                co_return true;
            }
            why = concat({"it answers ", integer_text(answer.status)});
        } catch (const runtime::Cancelled&) {
            throw;
        } catch (const std::exception& failed) {  // of whatever kind: who watches beside this goes on
            why = failed.what();
        }
    }
    log_warning("nobody takes alarms at BRIO_ALERT_URL", {{"goal", alert.goal.name}, {"error", why}});
    co_return false;
}

}  // namespace brio::app
