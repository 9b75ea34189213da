#include <algorithm>
#include <array>
#include <filesystem>

#include <brio/http/percent.hpp>
#include <brio/load/detail/scenario_reader.hpp>
#include <brio/load/output_file.hpp>

namespace brio::load::detail {
namespace {

constexpr std::array<std::string_view, 7> methods{"get", "post", "put", "patch", "delete", "head", "options"};

std::string upper(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return result;
}

}  // namespace

ScriptUser ScenarioReader::user(const toml::table& table) {
    static constexpr std::string_view keys[] = {"name", "share", "wait", "pace", "start", "task", "stop"};
    check_keys(table, "of a user", keys);
    ScriptUser made{.name = text(table, "name").value_or("User")};
    made.share = number(table, "share", 0).value_or(1);
    made.wait = wait(table, "wait").value_or(none());
    if (const auto pace = time(table, "pace")) {
        if (table.contains("wait")) {
            fail(*table.get("pace"), "wait and pace exclude each other");
        }
        made.wait = pacing(*pace);
    }
    made.start = steps(table, "start");
    made.stop = steps(table, "stop");
    double weight = 0;
    for (const auto* each : tables(table, "task")) {
        made.tasks.push_back(task(*each));
        weight += made.tasks.back().weight;
    }
    if (made.tasks.empty() || weight <= 0 || made.share <= 0) {
        fail(table, concat({"the user ", made.name,
                            made.tasks.empty() ? " has no [[user.task]]"
                            : weight <= 0      ? " has no task with a weight above 0"
                                               : " must have a share above 0"}));
    }
    return made;
}

ScriptTask ScenarioReader::task(const toml::table& table) {
    static constexpr std::string_view own[] = {"name", "weight", "step"};
    ScriptTask made;
    made.weight = number(table, "weight", 0).value_or(1);
    if (table.contains("step")) {
        check_keys(table, "of a task with steps", own);
        made.steps = steps(table, "step");
    } else {
        made.steps.push_back(step(table, true));
    }
    if (made.steps.empty()) {
        fail(table, "a task has a request or [[user.task.step]]s");
    }
    made.name = text(table, "name").value_or(made.steps.front().name);
    return made;
}

std::vector<ScriptStep> ScenarioReader::steps(const toml::table& in, std::string_view key) const {
    std::vector<ScriptStep> all;
    for (const auto* each : tables(in, key)) {
        all.push_back(step(*each, false));
    }
    return all;
}

// `is_task`: the table is a task that makes one request, and has a task's keys too.
ScriptStep ScenarioReader::step(const toml::table& table, bool is_task) const {
    std::vector<std::string_view> keys(methods.begin(), methods.end());
    for (const auto* key : {"wait", "headers", "json", "form", "body", "body_file", "content_type", "expect",
                            "redirects", "take", "check"}) {
        keys.emplace_back(key);
    }
    keys.emplace_back("name");
    if (is_task) {
        keys.insert(keys.end(), {"weight", "step"});
    }
    check_keys(table, "of a step", keys);
    ScriptStep made{.wait = wait(table, "wait")};
    read_request(table, is_task, made);
    if (made.method.empty()) {
        if (!made.wait || table.contains("take") || table.contains("check") || table.contains("json")) {
            fail(table, concat({"what does this step ask for? Give one of ", listed(methods),
                                ", as get = \"/path\""}));
        }
        return made;
    }
    read_body(table, made);
    read_answer(table, made);
    return made;
}

void ScenarioReader::read_request(const toml::table& table, bool is_task, ScriptStep& step) const {
    for (const auto method : methods) {
        const auto path = text(table, method);
        if (!path) {
            continue;
        }
        const auto& node = *table.get(method);
        if (!step.method.empty()) {
            fail(node,
                 concat({"one step makes one request, and this one has ", lower(step.method), " already"}));
        }
        if (!path->starts_with('/')) {
            fail(node, concat({method, " must be a path that begins with /: the host is the target's"}));
        }
        step.method = upper(method);
        step.path = make_template(node, *path, Template::As::path);
        auto name = path->substr(0, path->find('?'));
        for (auto at = name.find("${"); at != std::string::npos; at = name.find("${", at)) {
            name.erase(at, 1);  // as /items/{id}
        }
        step.name = std::move(name);
    }
    if (auto name = text(table, "name"); name && !is_task) {
        step.name = std::move(*name);
    }
    step.headers = headers_;
    if (const auto* headers = this->table(table, "headers")) {
        for (const auto& [key, node] : *headers) {
            if (!node.is_string()) {
                fail(node, "a header must be text, in quotes");
            }
            std::erase_if(step.headers,
                          [&](const auto& each) { return equal_ignoring_case(each.first, key.str()); });
            step.headers.emplace_back(key.str(),
                                      make_template(node, node.as_string()->get(), Template::As::text));
        }
    }
}

void ScenarioReader::read_body(const toml::table& table, ScriptStep& step) const {
    static constexpr std::string_view kinds[] = {"json", "form", "body", "body_file"};
    const auto given = std::ranges::count_if(kinds, [&](auto kind) { return table.contains(kind); });
    if (given > 1) {
        fail(table, concat({"a request has one body: one of ", listed(kinds)}));
    }
    if (const auto* json = table.get("json")) {
        step.body.emplace();
        append_json(*step.body, *json);
        step.content_type = "application/json";
    } else if (const auto* form = this->table(table, "form")) {
        step.body.emplace();
        for (const auto& [key, node] : *form) {
            if (!node.is_string()) {
                fail(node, "a field of a form must be text, in quotes");
            }
            Buffer name;
            http::percent_encode(key.str(), name);
            step.body->append(concat({step.body->empty() ? "" : "&", name.view(), "="}));
            append_template(*step.body, node, node.as_string()->get(), Template::As::form);
        }
        step.content_type = "application/x-www-form-urlencoded";
    } else if (const auto body = text(table, "body")) {
        step.body = make_template(*table.get("body"), *body, Template::As::text);
        const auto begin = trim(*body);
        step.content_type =
            begin.starts_with('{') || begin.starts_with('[') ? "application/json" : "text/plain";
    } else if (const auto file = text(table, "body_file")) {
        try {
            step.body.emplace().append(
                read_file((std::filesystem::path(file_).parent_path() / *file).string()));
        } catch (const std::exception& error) {
            fail(*table.get("body_file"), error.what());
        }
        step.content_type = "application/octet-stream";
    }
    if (auto kind = text(table, "content_type")) {
        step.content_type = std::move(*kind);
    }
}

void ScenarioReader::read_answer(const toml::table& table, ScriptStep& step) const {
    step.redirects = static_cast<std::uint32_t>(number(table, "redirects", 0).value_or(5));
    const auto each_of = [&](std::string_view key, auto use) {
        const auto* node = table.get(key);
        if (node == nullptr) {
            return;
        }
        if (const auto* array = node->as_array()) {
            for (const auto& one : *array) {
                use(one);
            }
        } else {
            use(*node);
        }
    };
    each_of("expect", [&](const toml::node& node) {
        const auto status = node.is_integer() ? node.as_integer()->get() : 0;
        if (status < 100 || status > 599) {
            fail(node, "expect must be statuses from 100 to 599: expect = [200, 404]");
        }
        step.expect.push_back(static_cast<int>(status));
    });
    each_of("check", [&](const toml::node& node) {
        auto check = node.is_string()
                         ? parse_script_check(node.as_string()->get())
                         : std::unexpected(std::string("a check must be text: \"status = 200\""));
        if (!check) {
            fail(node, check.error());
        }
        auto value = make_template(node, check->value, Template::As::text);
        step.checks.push_back({.check = std::move(*check), .value = std::move(value)});
    });
    if (const auto* takes = this->table(table, "take")) {
        for (const auto& [key, node] : *takes) {
            if (!node.is_string()) {
                fail(node, "what is taken is named by a text: \"items[0].id\", \"header ETag\" or \"body\"");
            }
            const std::string_view from = trim(node.as_string()->get());
            const std::string name(key.str());
            ScriptTake take{.name = name, .variable = variables_.find(name)->second};
            if (from.starts_with("header ")) {
                take.header = std::string(trim(from.substr(7)));
            } else if (from != "body") {
                take.json_path = std::string(from.starts_with("$.") ? from.substr(2) : from);
            }
            step.takes.push_back(std::move(take));
        }
    }
}

}  // namespace brio::load::detail
