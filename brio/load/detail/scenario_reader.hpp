// How a scenario file becomes a script: toml++ is private to this header and those that include it, which are
// scenario_file.cpp (the whole, variables, feeds), scenario_steps.cpp (what users do) and
// scenario_values.cpp (values and templates).
#pragma once
#include <map>
#include <span>
#include <stdexcept>

#include <brio/base/text.hpp>
#include <brio/load/scenario_file.hpp>

#include <toml++/toml.h>

namespace brio::load::detail {

/// What is wrong, and where.
struct ScenarioFault : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// "a, b, c".
std::string listed(std::span<const std::string_view> names);

/// One file. Whatever is wrong is thrown as a ScenarioFault.
class ScenarioReader {
public:
    explicit ScenarioReader(std::string file) : file_(std::move(file)) {}

    ScenarioFile read(const toml::table& root);

    [[noreturn]] void fail(const toml::source_region& where, std::string_view words) const {
        throw ScenarioFault(concat({file_, ", line ", integer_text(where.begin.line), ", column ",
                                    integer_text(where.begin.column), ": ", words}));
    }

private:
    [[noreturn]] void fail(const toml::node& node, std::string_view words) const {
        fail(node.source(), words);
    }
    void check_keys(const toml::table& table, std::string_view what,
                    std::span<const std::string_view> allowed) const;

    // Values of a key; nothing where it is not there.
    std::optional<std::string> text(const toml::table& table, std::string_view key) const;
    std::optional<double> number(const toml::table& table, std::string_view key, double least) const;
    bool flag(const toml::table& table, std::string_view key) const;
    std::optional<std::chrono::nanoseconds> time(const toml::table& table, std::string_view key) const;
    const toml::table* table(const toml::table& in, std::string_view key) const;
    std::vector<const toml::table*> tables(const toml::table& in, std::string_view key) const;
    std::optional<Wait> wait(const toml::table& table, std::string_view key) const;

    void read_load(const toml::table& root, ScenarioFile& into) const;
    void read_variables(const toml::table& root);
    void read_feed(const std::string& name, const toml::table& feed);
    void declare_takes(const toml::table& user);
    void declare_takes_of(const toml::table& step);
    ScriptUser user(const toml::table& table);
    ScriptTask task(const toml::table& table);
    std::vector<ScriptStep> steps(const toml::table& in, std::string_view key) const;
    ScriptStep step(const toml::table& table, bool is_task) const;
    void read_request(const toml::table& table, bool is_task, ScriptStep& step) const;
    void read_body(const toml::table& table, ScriptStep& step) const;
    void read_answer(const toml::table& table, ScriptStep& step) const;

    std::size_t declare(const std::string& name);
    Template make_template(const toml::node& node, std::string_view text, Template::As as) const;
    void append_template(Template& into, const toml::node& node, std::string_view text,
                         Template::As as) const;
    void append_json(Template& into, const toml::node& node) const;

    const std::string file_;
    Script script_;
    std::vector<std::pair<std::string, Template>> headers_;  // of every request
    std::map<std::string, std::size_t, std::less<>> variables_;
};

}  // namespace brio::load::detail
