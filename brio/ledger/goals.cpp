#include <brio/ledger/goals.hpp>

#include <brio/base/text.hpp>

namespace brio {

namespace {

void check_duration(std::vector<std::string>& problems, std::string_view name,
                    std::chrono::nanoseconds goal) {
    // Under a microsecond nothing can be measured; over a day a deadline is no protection and its product may
    // overflow.
    if (goal < std::chrono::microseconds(1) || goal > std::chrono::hours(24)) {
        problems.push_back(
            concat({"the goal ", name, " is ", duration_text(goal), "; it must be between 1us and one day"}));
    }
}

void check_percent(std::vector<std::string>& problems, std::string_view name, int percent) {
    if (percent < 1 || percent > 100) {
        problems.push_back(
            concat({"the goal ", name, " is ", integer_text(percent), "; it must be between 1 and 100"}));
    }
}

std::string decimal_text(double value) {
    Buffer text;
    append_number(text, value);
    return std::string(text.view());
}

}  // namespace

std::vector<std::string> problems(const Goals& goals) {
    std::vector<std::string> found;
    check_duration(found, "api", goals.api);
    check_duration(found, "query", goals.query);
    check_duration(found, "task", goals.task);
    check_percent(found, "cpu_percent", goals.cpu_percent);
    check_percent(found, "memory_percent", goals.memory_percent);
    check_percent(found, "connections_percent", goals.connections_percent);
    if (!(goals.share > 0 && goals.share < 1)) {
        found.push_back(concat({"the goal share is ", decimal_text(goals.share),
                                "; it must be more than 0 and less than 1, as 0.99"}));
    }
    if (goals.deadline_factor < 1 || goals.deadline_factor > 1000) {
        found.push_back(concat(
            {"deadline_factor is ", integer_text(goals.deadline_factor), "; it must be between 1 and 1000"}));
    }
    if (goals.query > goals.api) {
        found.push_back(concat({"the goal query is ", duration_text(goals.query),
                                ", longer than the goal api of ", duration_text(goals.api),
                                "; a request waits for its queries, so it must not be longer"}));
    }
    return found;
}

}  // namespace brio
