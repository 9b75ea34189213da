// Cron expressions: when something is to happen again and again, by the clocks of a time zone.
//
//     minute (0-59)  hour (0-23)  day of the month (1-31)  month (1-12, jan-dec)  day of the week (0-7,
//     sun-sat)
//
// A field is `*`, a value, a range `a-b`, each with a step `/n` if wanted (`a/n`: from a to the end), or a
// list of these. Both 0 and 7 are Sunday. When neither of the two fields of days begins with `*`, one of them
// is enough; else both must fit, as Vixie's cron has it. Also @hourly, @daily (@midnight), @weekly, @monthly
// and @yearly (@annually).
//
// Where clocks are put forward over a time, it happens once at the moment at which they are. Where they are
// put back over a time, it happens the first time only; unless the hour is `*`, then it goes on as at any
// other hour.
#pragma once
#include <bitset>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include <brio/tasks/time_zone.hpp>

namespace brio::tasks {

/// Immutable. Any thread.
class Cron {
public:
    /// The error says which field is wrong, and what would be right. Refuses what never happens, as
    /// `0 0 30 2 *`.
    static std::expected<Cron, std::string> parse(std::string_view text);

    /// The first firing later than `after`; nothing when there is none within 40 years.
    std::optional<Timestamp> next(Timestamp after, const TimeZone& zone) const;
    const std::string& text() const noexcept { return text_; }

private:
    std::optional<std::chrono::local_seconds> first_from(std::chrono::local_seconds time) const;
    std::optional<std::chrono::minutes> time_of_day_from(std::chrono::minutes time) const;
    bool has_day(std::chrono::year_month_day day) const;
    std::optional<Timestamp> next_from(std::chrono::local_seconds time, Timestamp after,
                                       const TimeZone& zone) const;

    std::string text_;
    std::bitset<60> minutes_;
    std::bitset<24> hours_;
    std::bitset<32> days_;
    std::bitset<13> months_;
    std::bitset<7> weekdays_;
    bool any_of_days_ = false;  // one of the two fields of days is enough
    bool is_every_hour_ = false;
};

}  // namespace brio::tasks
