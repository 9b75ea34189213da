#include <brio/tasks/listing.hpp>

#include <algorithm>

#include <brio/base/terminal_text.hpp>
#include <brio/base/text.hpp>
#include <brio/base/text_table.hpp>

namespace brio::tasks {

namespace {

constexpr std::size_t longest_error = 60;  // bytes, of a line among others

std::string to_the_second(Timestamp moment) {
    constexpr std::size_t size = 19;  // 2026-11-25T22:40:00
    return concat({moment.text().substr(0, size), "Z"});
}
std::string to_the_second(std::optional<Timestamp> moment) {
    return moment ? to_the_second(*moment) : std::string("-");
}

// One line, whatever it says.
std::string in_short(std::string_view words) {
    auto line = std::string(words.substr(0, std::min(words.find('\n'), longest_error)));
    return line.size() < words.size() ? valid_utf8(line) + "…" : line;
}

std::string counted(std::int64_t count, std::string_view what) {
    return concat({integer_text(count), " ", what, count == 1 ? "" : "s"});
}

}  // namespace

std::string list_tasks(const std::vector<Status>& all) {
    if (all.empty()) {
        return "no tasks\n";
    }
    std::vector<std::vector<std::string>> rows{{"ID", "TASK", "QUEUE", "STATE", "PUSHED", "ERROR"}};
    for (const auto& each : all) {
        rows.push_back({each.id, each.name, each.queue, std::string(name_of(each.state)),
                        to_the_second(each.pushed_at), in_short(each.error)});
    }
    return table_text(rows);
}

std::string describe_task(const Status& task) {
    std::vector<std::vector<std::string>> rows;
    const auto add = [&rows](const char* what, std::string value) {
        if (!value.empty()) {
            rows.push_back({what, std::move(value)});
        }
    };
    const auto add_moment = [&add](const char* what, std::optional<Timestamp> moment) {
        add(what, moment ? moment->text() : "");
    };
    add("id", task.id);
    add("task", task.name);
    add("queue", task.queue);
    add("state", std::string(name_of(task.state)));
    if (task.failures > 0 || task.deaths > 0) {
        add("tries", concat({counted(task.failures, "failure"), ", ", counted(task.deaths, "death"),
                             " of its worker"}));
    }
    if (task.progress > 0 || !task.progress_words.empty()) {
        add("progress",
            concat({integer_text(static_cast<int>(task.progress * 100)), " % ", task.progress_words}));
    }
    add_moment("pushed", task.pushed_at);
    add_moment("due", task.due);
    add_moment("begun", task.begun_at);
    add_moment("ended", task.ended_at);
    std::string_view rest = task.error;
    const auto next_line = [&rest] {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        return line;
    };
    add("error", std::string(next_line()));
    add("kind", task.error_type);
    add("result", task.result);
    auto text = table_text(std::move(rows));
    if (!rest.empty()) {
        text += '\n';
    }
    while (!rest.empty()) {  // of a stack
        text += concat({without_controls(next_line()), "\n"});
    }
    return text;
}

std::string list_queues(const std::vector<QueueStatus>& all, Timestamp now) {
    if (all.empty()) {
        return "no tasks in any queue\n";
    }
    std::vector<std::vector<std::string>> rows{
        {"QUEUE", "READY", "SCHEDULED", "RUNNING", "DEAD", "OLDEST", ""}};
    for (const auto& each : all) {
        const auto age =
            each.oldest ? std::max<std::int64_t>(now.microseconds - each.oldest->microseconds, 0) : 0;
        rows.push_back({each.name, integer_text(each.ready), integer_text(each.scheduled),
                        integer_text(each.running), integer_text(each.dead),
                        each.oldest ? duration_text(std::chrono::microseconds(age)) : "-",
                        each.is_paused ? "paused" : ""});
    }
    return table_text(rows);
}

std::string list_schedule(const std::vector<EntryStatus>& all) {
    std::vector<std::vector<std::string>> rows{{"ENTRY", "WHEN", "TASK", "IS", "LAST", "NEXT"}};
    for (const auto& each : all) {
        rows.push_back({each.name, each.when, each.task, each.is_on ? "on" : "off", to_the_second(each.last),
                        to_the_second(each.next)});
    }
    return table_text(rows);
}

}  // namespace brio::tasks
