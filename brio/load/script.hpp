// A scenario without code: types of users whose tasks are steps, each a request made of templates. What
// scenario_file.hpp reads, as values, and the user that carries them out.
//
// A variable is a place that every user has for itself: filled from a row of a feed, from the answer of a
// step, or at the beginning. Templates name them as ${name}; which there are is known before the run, and
// each has a number.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/load/feed.hpp>
#include <brio/load/scenario.hpp>
#include <brio/load/script_check.hpp>
#include <brio/load/wait.hpp>

namespace brio::load {

/// A value of a variable: its text, and as JSON.
struct ScriptValue {
    std::string text;
    std::string json;
};
ScriptValue text_value(std::string text);
/// Of JSON: a string's text is without its quotes.
ScriptValue json_value(std::string json);

/// Text with places for variables.
class Template {
public:
    /// How a value stands in the text around it.
    enum class As : std::uint8_t {
        text,       // as it is
        path,       // percent-encoded
        form,       // the same, with the text around it
        in_string,  // within a string of JSON
        json,       // a value of JSON
    };
    struct Part {
        std::string literal;
        std::optional<std::size_t> variable;  // behind the literal
        As as = As::text;
    };

    void append(std::string_view literal);
    void append(std::size_t variable, As as);
    bool empty() const noexcept { return parts_.empty(); }
    const std::vector<Part>& parts() const noexcept { return parts_; }
    /// Nothing when a variable has no value yet.
    std::optional<std::string> fill(const std::vector<std::optional<ScriptValue>>& variables) const;

private:
    std::vector<Part> parts_;
};

/// Of an answer into a variable.
struct ScriptTake {
    std::string name;  // as the scenario has it
    std::size_t variable = 0;
    std::string json_path;  // empty: the whole body
    std::string header;     // instead, when not empty
};

/// A check whose value may hold variables.
struct ScriptAsked {
    ScriptCheck check;
    Template value;
};

struct ScriptStep {
    std::optional<Wait> wait;  // before the request
    std::string method;        // empty: it only waits
    std::string name;          // in the statistics
    Template path;
    std::vector<std::pair<std::string, Template>> headers;
    std::string content_type;
    std::optional<Template> body;
    std::vector<int> expect;
    std::uint32_t redirects = 5;
    std::vector<ScriptTake> takes;
    std::vector<ScriptAsked> checks;
};

/// Rows that users share; a user's variables get one when its task begins, or when the user does.
struct ScriptFeed {
    using Rows = Feed<std::vector<std::string>>;
    std::string name;
    std::shared_ptr<Rows> rows;
    std::vector<std::size_t> variables;  // of each column
    bool is_kept = false;                // one row for the user's life
};

struct ScriptTask {
    std::string name;
    double weight = 1;
    std::vector<ScriptStep> steps;
};

struct ScriptUser {
    std::string name;
    double share = 1;
    Wait wait = none();
    std::vector<ScriptStep> start;
    std::vector<ScriptTask> tasks;
    std::vector<ScriptStep> stop;
};

struct Script {
    std::string name;
    std::vector<ScriptUser> users;
    std::vector<ScriptFeed> feeds;
    std::vector<std::optional<ScriptValue>> variables;  // what each is at the beginning
    std::size_t user_number = 0;                        // the variables ${user}, ${random} and ${uuid}
    std::size_t random_number = 0;
    std::size_t random_uuid = 0;
};

/// For the engine. A step whose variable has no value yet, as the id of what this user has not made yet, is
/// not sent, and ends its task; so does a step with nothing to take. What is taken is counted as a
/// check, "takes NAME".
Scenario scenario_of(std::shared_ptr<const Script> script);

}  // namespace brio::load
