#include <brio/tasks/routes.hpp>

#include <algorithm>

#include <brio/base/text.hpp>

namespace brio::tasks {

namespace {

std::size_t closeness(std::string_view pattern) noexcept {
    return pattern.size() - static_cast<std::size_t>(std::ranges::count(pattern, '*'));
}

}  // namespace

// Goes back to the last star only: what stood before it matched in the shortest way.
bool matches(std::string_view pattern, std::string_view name) noexcept {
    constexpr auto none = std::string_view::npos;
    std::size_t at = 0;
    std::size_t in_pattern = 0;
    std::size_t star = none;
    std::size_t after_star = 0;
    while (at < name.size()) {
        if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
            star = in_pattern++;
            after_star = at;
        } else if (in_pattern < pattern.size() && pattern[in_pattern] == name[at]) {
            ++in_pattern;
            ++at;
        } else if (star != none) {
            in_pattern = star + 1;
            at = ++after_star;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', in_pattern) == none;
}

std::string_view TaskRoutes::queue_of(std::string_view name) const noexcept {
    const Rule* closest = nullptr;
    for (const Rule& rule : rules_) {
        if (matches(rule.pattern, name) &&
            (closest == nullptr || closeness(rule.pattern) > closeness(closest->pattern))) {
            closest = &rule;
        }
    }
    return closest != nullptr ? std::string_view(closest->queue) : std::string_view();
}

std::vector<std::string> TaskRoutes::warnings() const {
    std::vector<std::string> lines;
    for (auto rule = rules_.begin(); rule != rules_.end(); ++rule) {
        const auto before = std::ranges::find(rules_.begin(), rule, rule->pattern, &Rule::pattern);
        if (before != rule) {
            lines.push_back(concat({"the task route ", rule->pattern, " to ", rule->queue,
                                    " never decides: the same pattern goes to ", before->queue}));
        }
    }
    return lines;
}

}  // namespace brio::tasks
