#include <brio/tasks/cron.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <vector>

#include <brio/base/text.hpp>

namespace brio::tasks {

namespace {

using namespace std::chrono;

constexpr std::size_t longest_text = 200;
constexpr auto search_limit = days(40 * 366);

constexpr std::array<std::string_view, 12> month_names{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> weekday_names{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Field {
    std::string_view name;
    int least;
    int most;
    std::span<const std::string_view> names = {};  // of least, least + 1, …
};
constexpr std::array<Field, 5> fields{{{"minute", 0, 59},
                                       {"hour", 0, 23},
                                       {"day of the month", 1, 31},
                                       {"month", 1, 12, month_names},
                                       {"day of the week", 0, 7, weekday_names}}};
constexpr int sunday_again = 7;

struct Nickname {
    std::string_view name;
    std::string_view means;
};
constexpr std::array<Nickname, 7> nicknames{{{"@hourly", "0 * * * *"},
                                             {"@daily", "0 0 * * *"},
                                             {"@midnight", "0 0 * * *"},
                                             {"@weekly", "0 0 * * 0"},
                                             {"@monthly", "0 0 1 * *"},
                                             {"@yearly", "0 0 1 1 *"},
                                             {"@annually", "0 0 1 1 *"}}};

std::vector<std::string_view> split(std::string_view text, std::string_view at) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = text.find_first_of(at);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

/// Reads one field; the first error stays.
class FieldReader {
public:
    explicit FieldReader(const Field& field) : field_(field) {}

    std::bitset<60> read(std::string_view text) {
        for (const auto part : split(text, ",")) {
            read_part(part);
        }
        if (field_.most == sunday_again && values_[sunday_again]) {
            values_[0] = true;
            values_[sunday_again] = false;
        }
        return values_;
    }
    const std::string& error() const noexcept { return error_; }

private:
    void read_part(std::string_view part) {
        const auto slash = part.find('/');
        const auto range = part.substr(0, slash);
        const auto dash = range.find('-');
        int from = field_.least;
        int to = field_.most == sunday_again ? sunday_again - 1 : field_.most;
        if (range == "*") {
        } else if (dash != std::string_view::npos) {
            from = value(range.substr(0, dash));
            to = value(range.substr(dash + 1));
            if (field_.most == sunday_again && to == 0 && from > 0) {
                to = sunday_again;
            }
            if (from > to) {
                fail({"the range \"", range, "\" ends before it begins: write it as two, \"",
                      range.substr(0, dash), "-", integer_text(field_.most), ",", integer_text(field_.least),
                      "-", range.substr(dash + 1), "\""});
            }
        } else {
            from = value(range);
            to = slash == std::string_view::npos ? from : std::max(from, to);
        }
        const int step = slash == std::string_view::npos ? 1 : step_of(part.substr(slash + 1));
        for (int i = from; error_.empty() && i <= to; i += step) {
            values_[static_cast<std::size_t>(i)] = true;
        }
    }

    int value(std::string_view text) {
        for (std::size_t i = 0; i < field_.names.size(); ++i) {
            if (equal_ignoring_case(text, field_.names[i])) {
                return field_.least + static_cast<int>(i);
            }
        }
        int number = 0;
        if (!is_number(text, number)) {
            fail({"\"", text, "\" is no number", field_.names.empty() ? "" : " and no name",
                  text == "" ? ": something is missing" : ""});
            return field_.least;
        }
        if (number < field_.least || number > field_.most) {
            fail({text, " is not within ", integer_text(field_.least), " to ", integer_text(field_.most)});
            return field_.least;
        }
        return number;
    }
    int step_of(std::string_view text) {
        int number = 0;
        if (!is_number(text, number) || number < 1 || number > field_.most) {
            fail({"the step \"/", text, "\" is no number within 1 to ", integer_text(field_.most)});
            return 1;
        }
        return number;
    }
    static bool is_number(std::string_view text, int& number) {
        const auto end = text.data() + text.size();
        return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos &&
               std::from_chars(text.data(), end, number).ec == std::errc();
    }
    void fail(std::initializer_list<std::string_view> words) {
        if (error_.empty()) {
            error_ = concat(words);
        }
    }

    const Field& field_;
    std::bitset<60> values_;
    std::string error_;
};

template <std::size_t N>
std::bitset<N> cut(std::bitset<60> values) {
    return std::bitset<N>(values.to_ullong());
}

std::vector<std::string_view> words_of(std::string_view text) {
    auto words = split(text, " \t");
    std::erase(words, std::string_view());
    return words;
}

}  // namespace

std::expected<Cron, std::string> Cron::parse(std::string_view text) {
    const auto refused = [text](std::initializer_list<std::string_view> why) {
        return std::unexpected(concat({"\"", valid_utf8(text.substr(0, longest_text)), "\": ", concat(why)}));
    };
    if (text.size() > longest_text) {
        return refused({"a cron expression has at most ", integer_text(longest_text), " characters"});
    }
    auto meaning = trim(text);
    if (meaning.starts_with('@')) {
        const auto found = std::ranges::find_if(
            nicknames, [&](const auto& each) { return equal_ignoring_case(each.name, meaning); });
        if (found == nicknames.end()) {
            return refused({"there are @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually"});
        }
        meaning = found->means;
    }
    const auto words = words_of(meaning);
    if (words.size() != fields.size()) {
        return refused(
            {"a cron expression has 5 fields (minute, hour, day of the month, month, day of the "
             "week), not ",
             integer_text(words.size())});
    }
    std::array<std::bitset<60>, 5> values;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        FieldReader reader(fields[i]);
        values[i] = reader.read(words[i]);
        if (!reader.error().empty()) {
            return refused(
                {"field ", integer_text(i + 1), " (", fields[i].name, "): ", valid_utf8(reader.error())});
        }
    }
    Cron cron;
    cron.text_ = std::string(trim(text));
    cron.minutes_ = values[0];
    cron.hours_ = cut<24>(values[1]);
    cron.days_ = cut<32>(values[2]);
    cron.months_ = cut<13>(values[3]);
    cron.weekdays_ = cut<7>(values[4]);
    cron.any_of_days_ = !words[2].starts_with('*') && !words[4].starts_with('*');
    cron.is_every_hour_ = cron.hours_.all();
    if (!cron.first_from(local_seconds(local_days(year(2000) / 1 / 1)))) {
        return refused({"there is no such day"});
    }
    return cron;
}

bool Cron::has_day(year_month_day day) const {
    const bool by_month = days_[static_cast<unsigned>(day.day())];
    const bool by_week = weekdays_[weekday(local_days(day)).c_encoding()];
    return any_of_days_ ? by_month || by_week : by_month && by_week;
}

std::optional<minutes> Cron::time_of_day_from(minutes time) const {
    auto hour = static_cast<std::size_t>(time / hours(1));
    auto minute = static_cast<std::size_t>((time % hours(1)).count());
    for (; hour < hours_.size(); ++hour, minute = 0) {
        for (; hours_[hour] && minute < minutes_.size(); ++minute) {
            if (minutes_[minute]) {
                return hours(hour) + minutes(minute);
            }
        }
    }
    return std::nullopt;
}

// `time` is a full minute.
std::optional<local_seconds> Cron::first_from(local_seconds time) const {
    auto day = floor<days>(time);
    auto from = duration_cast<minutes>(time - day);
    for (const auto end = day + search_limit; day < end; from = minutes(0)) {
        const year_month_day date(day);
        if (!months_[static_cast<unsigned>(date.month())]) {
            const auto next = year_month(date.year(), date.month()) + months(1);
            day = local_days(next / 1);
            continue;
        }
        if (has_day(date)) {
            if (const auto found = time_of_day_from(from)) {
                return local_seconds(day) + *found;
            }
        }
        day += days(1);
    }
    return std::nullopt;
}

// The first of those that clocks show from `time` on that is later than `after`.
std::optional<Timestamp> Cron::next_from(local_seconds time, Timestamp after, const TimeZone& zone) const {
    for (;;) {
        const auto shown = first_from(time);
        if (!shown) {
            return std::nullopt;
        }
        const auto moments = zone.moments(*shown);
        if (moments.first > after) {
            return moments.first;
        }
        if (is_every_hour_ && moments.second > after) {
            return moments.second;
        }
        time = *shown + minutes(1);  // passed: clocks were put back, or forward, over it
    }
}

std::optional<Timestamp> Cron::next(Timestamp after, const TimeZone& zone) const {
    const auto shown = zone.local(after);
    const auto found = next_from(floor<minutes>(shown) + minutes(1), after, zone);
    // Times between the change of the clocks and `after` come a second time.
    if (const auto now = zone.moments(shown); is_every_hour_ && now.is_repeated() && after < now.change) {
        auto again = first_from(ceil<minutes>(zone.local(now.change)));
        if (const auto second = again ? zone.moments(*again).second : Timestamp();
            again && second > after && (!found || second < *found)) {
            return second;
        }
    }
    return found;
}

}  // namespace brio::tasks
