#include <brio/tasks/schedule_keeper.hpp>

#include <algorithm>

#include <brio/base/log.hpp>
#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/reflect/uuid.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/errors.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/runtime/within.hpp>

namespace brio::tasks {

namespace {

constexpr std::string_view leader_name = "schedule";
constexpr std::chrono::milliseconds after_a_fault{1'000};
constexpr std::chrono::milliseconds shortest_wait{10};
constexpr std::chrono::milliseconds look_every{1'000};  // whether nobody leads
constexpr std::chrono::milliseconds hand_over_within{1'000};
constexpr int most_tries = 10;
constexpr std::string_view nobodys_value = "?";
constexpr std::string_view off = "off";
constexpr std::string_view on_since = "on since ";

std::string key_of(const ScheduleEntry& entry, std::string_view what) {
    return concat({"schedule/", entry.name, "/", what});
}

// Never set, so that the exchange only reads.
Async<std::optional<std::string>> read(Broker& broker, std::string key) {
    return broker.exchange(std::move(key), std::string(nobodys_value), std::string(nobodys_value));
}

std::optional<Timestamp> moment_in(const std::optional<std::string>& text, std::size_t from = 0) {
    const auto parsed = Timestamp::parse(text ? std::string_view(*text).substr(from) : std::string_view());
    return parsed ? std::optional(*parsed) : std::nullopt;
}

struct Switch {
    bool is_on = true;
    std::optional<Timestamp> since;  // of on
};
Switch switch_of(const ScheduleEntry& entry, const std::optional<std::string>& value) {
    if (!value) {
        return {.is_on = entry.options.is_on, .since = {}};
    }
    return value->starts_with(on_since) ? Switch{true, moment_in(value, on_since.size())} : Switch{false, {}};
}

}  // namespace

ScheduleKeeper::ScheduleKeeper(Tasks& tasks, const Schedule& schedule, KeeperOptions options, Clocks clocks)
    : tasks_(tasks),
      schedule_(schedule),
      options_(options),
      clocks_(std::move(clocks)),
      metrics_(tasks.metrics().registry()),
      id_(Uuid::v7(Timestamp(wall_now()), thread_random()).text()) {}

Async<void> ScheduleKeeper::keep() {
    while (!schedule_.empty()) {
        auto wait = after_a_fault;
        try {
            wait = co_await step();
            has_fault_ = false;
        } catch (const runtime::Cancelled&) {
            break;
        } catch (const std::exception& error) {
            is_leading_ = false;
            if (!std::exchange(has_fault_, true)) {
                log_warning("the schedule waits for its broker",
                            {{"broker", tasks_.broker().words()}, {"error", error.what()}});
            }
        }
        try {
            co_await runtime::sleep_for(wait);
        } catch (const runtime::Cancelled&) {
            break;
        }
    }
    co_await hand_over();
}

Async<void> ScheduleKeeper::hand_over() {
    is_leading_ = false;
    if (!std::exchange(has_led_, false)) {
        co_return;
    }
    auto& work = co_await runtime::current_work;
    runtime::Scope scope(*work.loop);  // not the caller's unit of work, which was stopped
    scope.start([](ScheduleKeeper& self) -> Async<void> {
        try {
            co_await runtime::within(hand_over_within,
                                     self.tasks_.broker().lead(std::string(leader_name), self.id_, {}));
        } catch (const std::exception&) {  // others find that it renews its lead no more
        }
    }(*this));
    co_await scope.join();
}

Async<std::chrono::milliseconds> ScheduleKeeper::step() {
    const auto renew = options_.lead_lasts / 3;
    const bool led = std::exchange(is_leading_, false);
    is_leading_ = co_await tasks_.broker().lead(std::string(leader_name), id_, options_.lead_lasts);
    if (!is_leading_) {
        co_return std::min(renew, look_every);
    }
    has_led_ = true;
    const auto now = clocks_.wall();
    if (!led) {
        looks_.assign(schedule_.entries().size(), now);
    }
    auto wait = renew;
    for (std::size_t i = 0; i < looks_.size(); ++i) {
        const ScheduleEntry& entry = schedule_.entries()[i];
        if (looks_[i] <= now) {
            co_await fire(entry, now);
            looks_[i] = next_tick(entry.when, now).value_or(Timestamp(Timestamp::most));
        }
        const auto until = std::chrono::microseconds(looks_[i].microseconds - now.microseconds);
        wait = std::min(wait, std::chrono::ceil<std::chrono::milliseconds>(until));
    }
    co_return std::max(wait, shortest_wait);
}

Async<void> ScheduleKeeper::fire(const ScheduleEntry& entry, Timestamp now) {
    Broker& broker = tasks_.broker();
    const auto noted = co_await read(broker, key_of(entry, "last"));
    auto done_until = moment_in(noted);
    if (!done_until) {
        co_await broker.exchange(key_of(entry, "last"), noted, now.text());
        metrics_.show(entry.name, {.last = now, .next = next_tick(entry.when, now)});
        co_return;
    }
    const auto state = switch_of(entry, co_await read(broker, key_of(entry, "switch")));
    const auto due = due_ticks(entry, std::max(*done_until, state.since.value_or(*done_until)), now);
    if (due.done_until) {
        if (state.is_on) {
            for (const Timestamp tick : due.fire) {
                co_await push(entry, tick);
            }
        }
        co_await broker.exchange(key_of(entry, "last"), noted, due.done_until->text());
        done_until = due.done_until;
    }
    metrics_.show(entry.name,
                  {.last = done_until, .next = state.is_on ? next_tick(entry.when, now) : std::nullopt});
}

// What the program gives for a tick, or a broker refuses, is faulty for ever: other ticks and entries go on.
Async<void> ScheduleKeeper::push(const ScheduleEntry& entry, Timestamp tick) {
    try {
        std::vector<Message> one;
        one.push_back(entry.message(tasks_, tick));
        one.front().id = one.front().root_id = id_of_tick(entry, tick);
        co_await tasks_.broker().push(std::move(one));
    } catch (const runtime::Cancelled&) {
        throw;
    } catch (const runtime::Unavailable&) {
        throw;
    } catch (const std::exception& error) {
        log_error("a tick of the schedule is passed over: its task cannot be made",
                  {{"entry", entry.name}, {"tick", tick.text()}, {"error", error.what()}});
        metrics_.failed(entry.name);
        co_return;
    }
    tasks_.metrics().pushed(entry.task);
    metrics_.fired(entry.name, std::chrono::microseconds(clocks_.wall().microseconds - tick.microseconds));
}

Async<EntryStatus> status_of(Tasks& tasks, const ScheduleEntry& entry, Timestamp now) {
    EntryStatus status{
        .name = entry.name, .when = words_of(entry.when), .task = entry.task, .last = {}, .next = {}};
    status.last = moment_in(co_await read(tasks.broker(), key_of(entry, "last")));
    status.is_on = switch_of(entry, co_await read(tasks.broker(), key_of(entry, "switch"))).is_on;
    status.next = status.is_on ? next_tick(entry.when, now) : std::nullopt;
    co_return status;
}

Async<void> switch_entry(Tasks& tasks, const ScheduleEntry& entry, bool is_on, Timestamp now) {
    const auto key = key_of(entry, "switch");
    auto from = co_await read(tasks.broker(), key);
    for (int tries = 0; tries < most_tries; ++tries) {
        if (switch_of(entry, from).is_on == is_on) {
            co_return;
        }
        const auto to = is_on ? concat({on_since, now.text()}) : std::string(off);
        auto is = co_await tasks.broker().exchange(key, from, to);
        if (is == to) {
            co_return;
        }
        from = std::move(is);
    }
    throw runtime::Unavailable(concat({"others switch \"", entry.name, "\" all the time"}));
}

Async<std::string> run_now(Tasks& tasks, const ScheduleEntry& entry, Timestamp now) {
    std::vector<Message> one;
    one.push_back(entry.message(tasks, now));
    const auto id = one.front().id;
    co_await tasks.broker().push(std::move(one));
    tasks.metrics().pushed(entry.task);
    co_return id;
}

}  // namespace brio::tasks
