// What a program does again and again: which task, when, and what becomes of firings that were missed.
//
//     tasks::Schedule schedule;
//     schedule.cron("nightly", "0 3 * * *", ExpireSummaries{}, {.zone = "Europe/Berlin"})
//             .every("refresh", 30s, Refresh{}, {.catch_up = tasks::CatchUp::skip})
//             .cron("daily-report", "@daily", [](Timestamp tick) { return Report{.until = tick}; });
//
// A firing is a *tick*: a moment that follows from the entry alone, so that all instances agree on it.
// schedule_keeper.hpp makes tasks of ticks.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <brio/base/steady_wall.hpp>
#include <brio/tasks/cron.hpp>
#include <brio/tasks/definition.hpp>
#include <brio/tasks/tasks.hpp>

namespace brio::tasks {

struct CronTimes {
    Cron cron;
    TimeZone zone;
};
/// At the multiples of `every` since 1970-01-01T00:00:00Z.
struct Interval {
    std::chrono::seconds every;
};
using When = std::variant<CronTimes, Interval>;

/// The first tick later than `after`.
std::optional<Timestamp> next_tick(const When& when, Timestamp after);
/// The last ones later than `after` and not later than `until`, at most `most`, the oldest first. Cost: some
/// times `most` firings, however long the time is.
std::vector<Timestamp> last_ticks(const When& when, Timestamp after, Timestamp until, std::size_t most);
/// "0 3 * * * Europe/Berlin", "every 30 s".
std::string words_of(const When& when);

/// What becomes of ticks at which no instance ran.
enum class CatchUp : std::uint8_t {
    skip,  // nothing: a tick fires within `late` of its time or not at all
    once,  // the last one fires
    all,   // the last `most` fire
};

struct EntryOptions {
    std::string zone = "UTC";  // of cron
    CatchUp catch_up = CatchUp::once;
    std::size_t most = 10;                                 // of CatchUp::all
    std::chrono::seconds late = std::chrono::seconds(60);  // of CatchUp::skip
    bool is_on = true;                                     // until somebody switches it
};

struct ScheduleEntry {
    std::string name;
    When when;
    std::string task;  // its name
    /// The task of a tick; the keeper gives it its id.
    std::function<Message(const Tasks&, Timestamp tick)> message;
    EntryOptions options;
};

/// The ticks that are to fire now, the oldest first, and the one up to which all is done then.
struct Due {
    std::vector<Timestamp> fire;
    std::optional<Timestamp> done_until;  // none: there was no tick
};
Due due_ticks(const ScheduleEntry& entry, Timestamp done_until, Timestamp now);

/// "nightly:2026-11-25T03:00:00Z": one tick is one task, whoever pushes it.
std::string id_of_tick(const ScheduleEntry& entry, Timestamp tick);

/// A value; made before the program runs. Adding throws std::invalid_argument, with what is wrong, on a bad
/// expression, zone or interval, a name that is there already or is not 1 to 100 of `A-Z a-z 0-9 . _ -`, and
/// on more than `most_entries`.
class Schedule {
public:
    static constexpr std::size_t most_entries = 1'000;

    /// `task`: a task's struct, or a function that makes it of the tick.
    template <class What>
    Schedule& cron(std::string name, std::string_view expression, What task, EntryOptions options = {}) {
        auto when = cron_times(name, expression, options.zone);
        return add(std::move(name), std::move(when), std::move(task), std::move(options));
    }
    /// A second at least.
    template <class What>
    Schedule& every(std::string name, std::chrono::seconds interval, What task, EntryOptions options = {}) {
        return add(std::move(name), Interval{interval}, std::move(task), std::move(options));
    }
    void add(ScheduleEntry entry);

    const std::vector<ScheduleEntry>& entries() const noexcept { return entries_; }
    bool empty() const noexcept { return entries_.empty(); }
    /// Null: there is none of that name.
    const ScheduleEntry* find(std::string_view name) const noexcept;

private:
    template <class What>
    Schedule& add(std::string name, When when, What what, EntryOptions options) {
        if constexpr (Task<What>) {
            return add(
                std::move(name), std::move(when), [what = std::move(what)](Timestamp) { return what; },
                std::move(options));
        } else {
            using T = std::invoke_result_t<What, Timestamp>;
            static_assert(Task<T>,
                          "a schedule takes a task's struct, or a function that makes it of a "
                          "Timestamp");
            add(ScheduleEntry{.name = std::move(name),
                              .when = std::move(when),
                              .task = std::string(T::policy.name),
                              .message =
                                  [what = std::move(what)](const Tasks& tasks, Timestamp tick) {
                                      auto message = tasks.new_message(std::string(T::policy.name), T::policy,
                                                                       Timestamp(steady_wall_now()));
                                      message.kwargs = write_payload(what(tick));
                                      return message;
                                  },
                              .options = std::move(options)});
            return *this;
        }
    }
    static When cron_times(std::string_view name, std::string_view expression, std::string_view zone);

    std::vector<ScheduleEntry> entries_;
};

}  // namespace brio::tasks
