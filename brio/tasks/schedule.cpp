#include <brio/tasks/schedule.hpp>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include <brio/base/text.hpp>

namespace brio::tasks {

namespace {

constexpr std::size_t longest_name = 100;
constexpr std::size_t most_caught_up = 1'000;
constexpr std::int64_t first_look_back = 60'000'000;  // microseconds

bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= longest_name &&
           name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
               std::string_view::npos;
}

std::int64_t length(const Interval& interval) { return std::chrono::microseconds(interval.every).count(); }

// The multiple of the interval that `moment` is, or the one before.
std::int64_t multiple_until(const Interval& interval, Timestamp moment) {
    const auto each = length(interval);
    const auto over = moment.microseconds % each;
    return moment.microseconds - over - (over < 0 ? each : 0);
}

std::invalid_argument refusal(std::string_view name, std::initializer_list<std::string_view> why) {
    return std::invalid_argument(concat({"the schedule's entry \"", name, "\": ", concat(why)}));
}

}  // namespace

std::optional<Timestamp> next_tick(const When& when, Timestamp after) {
    if (const auto* interval = std::get_if<Interval>(&when)) {
        return Timestamp(multiple_until(*interval, after) + length(*interval));
    }
    const auto& times = std::get<CronTimes>(when);
    return times.cron.next(after, times.zone);
}

std::vector<Timestamp> last_ticks(const When& when, Timestamp after, Timestamp until, std::size_t most) {
    std::vector<Timestamp> ticks;
    // From further and further back, until there are enough: a long time may hold millions.
    for (auto look_back = first_look_back;; look_back *= 2) {
        ticks.clear();
        const bool is_all = until.microseconds - after.microseconds <= look_back;
        auto tick = next_tick(when, is_all ? after : Timestamp(until.microseconds - look_back));
        for (; tick && *tick <= until; tick = next_tick(when, *tick)) {
            ticks.push_back(*tick);
        }
        if (is_all || ticks.size() >= most) {
            break;
        }
    }
    if (ticks.size() > most) {
        ticks.erase(ticks.begin(), ticks.end() - static_cast<std::ptrdiff_t>(most));
    }
    return ticks;
}

std::string words_of(const When& when) {
    if (const auto* interval = std::get_if<Interval>(&when)) {
        return concat({"every ", integer_text(interval->every.count()), " s"});
    }
    const auto& times = std::get<CronTimes>(when);
    return concat({times.cron.text(), " ", times.zone.name()});
}

Due due_ticks(const ScheduleEntry& entry, Timestamp done_until, Timestamp now) {
    const auto& options = entry.options;
    auto ticks = last_ticks(entry.when, done_until, now, options.catch_up == CatchUp::all ? options.most : 1);
    Due due;
    if (ticks.empty()) {
        return due;
    }
    due.done_until = ticks.back();
    const auto late = std::chrono::microseconds(options.late).count();
    if (options.catch_up != CatchUp::skip || now.microseconds - ticks.back().microseconds <= late) {
        due.fire = std::move(ticks);
    }
    return due;
}

std::string id_of_tick(const ScheduleEntry& entry, Timestamp tick) {
    constexpr std::size_t to_the_second = 19;
    return concat({entry.name, ":", tick.text().substr(0, to_the_second), "Z"});
}

void Schedule::add(ScheduleEntry entry) {
    if (!is_name(entry.name)) {
        throw refusal(valid_utf8(entry.name.substr(0, longest_name)),
                      {"a name has 1 to ", integer_text(longest_name), " characters of A-Z a-z 0-9 . _ -"});
    }
    if (find(entry.name) != nullptr) {
        throw refusal(entry.name, {"there is one of that name already"});
    }
    if (entries_.size() == most_entries) {
        throw refusal(entry.name, {"a schedule has at most ", integer_text(most_entries), " entries"});
    }
    if (const auto* interval = std::get_if<Interval>(&entry.when);
        interval != nullptr &&
        (interval->every < std::chrono::seconds(1) || interval->every > std::chrono::years(1))) {
        throw refusal(entry.name, {"an interval is a second at least and a year at most"});
    }
    if (entry.options.most == 0 || entry.options.most > most_caught_up) {
        throw refusal(entry.name, {"1 to ", integer_text(most_caught_up), " ticks may be caught up"});
    }
    entries_.push_back(std::move(entry));
}

const ScheduleEntry* Schedule::find(std::string_view name) const noexcept {
    const auto found = std::ranges::find(entries_, name, &ScheduleEntry::name);
    return found != entries_.end() ? &*found : nullptr;
}

When Schedule::cron_times(std::string_view name, std::string_view expression, std::string_view zone) {
    auto cron = Cron::parse(expression);
    if (!cron) {
        throw refusal(name, {cron.error()});
    }
    auto found = TimeZone::named(zone);
    if (!found) {
        throw refusal(name, {"this machine knows no time zone \"", zone,
                             "\": its package tzdata has them, as Europe/Berlin"});
    }
    return CronTimes{std::move(*cron), std::move(*found)};
}

}  // namespace brio::tasks
