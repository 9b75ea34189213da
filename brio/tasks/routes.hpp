// Which queue a task goes to, by its name: the guide's task_routes.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brio::tasks {

/// Patterns of names, `*` for any characters. Immutable once made; any thread.
class TaskRoutes {
public:
    struct Rule {
        std::string pattern;
        std::string queue;
    };

    TaskRoutes() = default;
    explicit TaskRoutes(std::vector<Rule> rules) : rules_(std::move(rules)) {}

    /// By the pattern with the most characters that are not `*`, of those that match; the first of equals.
    /// Empty when none matches.
    std::string_view queue_of(std::string_view name) const noexcept;
    /// Rules that never decide, since another one has the same pattern and stands before them; a line each.
    std::vector<std::string> warnings() const;
    const std::vector<Rule>& rules() const noexcept { return rules_; }

private:
    std::vector<Rule> rules_;
};

/// `app.worker.*` matches `app.worker.mail.send`.
bool matches(std::string_view pattern, std::string_view name) noexcept;

}  // namespace brio::tasks
