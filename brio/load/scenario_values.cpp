#include <algorithm>
#include <sstream>

#include <brio/http/percent.hpp>
#include <brio/json/write.hpp>
#include <brio/load/detail/scenario_reader.hpp>
#include <brio/load/plan.hpp>
#include <brio/load/typed_wait.hpp>

namespace brio::load::detail {

std::string listed(std::span<const std::string_view> names) {
    std::string text;
    for (const auto name : names) {
        text += concat({text.empty() ? "" : ", ", name});
    }
    return text;
}

void ScenarioReader::check_keys(const toml::table& table, std::string_view what,
                                std::span<const std::string_view> allowed) const {
    for (const auto& [key, node] : table) {
        if (std::ranges::find(allowed, key.str()) == allowed.end()) {
            fail(key.source(),
                 concat({"there is no \"", key.str(), "\" ", what, "; there are ", listed(allowed)}));
        }
    }
}

std::optional<std::string> ScenarioReader::text(const toml::table& table, std::string_view key) const {
    const auto* node = table.get(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    if (const auto* value = node->as_string()) {
        return value->get();
    }
    fail(*node, concat({key, " must be text, in quotes"}));
}

std::optional<double> ScenarioReader::number(const toml::table& table, std::string_view key,
                                             double least) const {
    const auto* node = table.get(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    const auto value = node->is_number() ? node->value<double>() : std::nullopt;
    if (!value || !(*value >= least) || *value > 1e9) {
        fail(*node, concat({key, " must be a number from ", integer_text(static_cast<int>(least)), " on"}));
    }
    return value;
}

bool ScenarioReader::flag(const toml::table& table, std::string_view key) const {
    const auto* node = table.get(key);
    if (node != nullptr && !node->is_boolean()) {
        fail(*node, concat({key, " must be true or false"}));
    }
    return node != nullptr && node->as_boolean()->get();
}

std::optional<std::chrono::nanoseconds> ScenarioReader::time(const toml::table& table,
                                                             std::string_view key) const {
    const auto given = text(table, key);
    if (!given) {
        return std::nullopt;
    }
    const auto time = parse_duration(*given);
    if (!time) {
        fail(*table.get(key), concat({key, ": ", time.error()}));
    }
    return *time;
}

const toml::table* ScenarioReader::table(const toml::table& in, std::string_view key) const {
    const auto* node = in.get(key);
    if (node != nullptr && !node->is_table()) {
        fail(*node, concat({key, " must be a table: [", key, "], or { … }"}));
    }
    return node == nullptr ? nullptr : node->as_table();
}

std::vector<const toml::table*> ScenarioReader::tables(const toml::table& in, std::string_view key) const {
    std::vector<const toml::table*> all;
    const auto* node = in.get(key);
    if (node == nullptr) {
        return all;
    }
    const auto* array = node->as_array();
    if (array == nullptr) {
        fail(*node, concat({key, " must be several tables: write [[…", key, "]] with two brackets"}));
    }
    for (const auto& each : *array) {
        if (!each.is_table()) {
            fail(each, concat({"each ", key, " must be a table"}));
        }
        all.push_back(each.as_table());
    }
    return all;
}

std::optional<Wait> ScenarioReader::wait(const toml::table& table, std::string_view key) const {
    const auto given = text(table, key);
    if (!given) {
        return std::nullopt;
    }
    const auto wait = parse_wait(*given);
    if (!wait) {
        fail(*table.get(key), concat({key, ": ", wait.error()}));
    }
    return *wait;
}

Template ScenarioReader::make_template(const toml::node& node, std::string_view text, Template::As as) const {
    Template made;
    append_template(made, node, text, as);
    return made;
}

// ${name} is a variable, $${ stands for ${ itself.
void ScenarioReader::append_template(Template& into, const toml::node& node, std::string_view text,
                                     Template::As as) const {
    const auto literal = [&](std::string_view part) {
        if (as == Template::As::in_string) {
            const auto quoted = json::to_string(std::string(part));
            into.append(std::string_view(quoted).substr(1, quoted.size() - 2));
        } else if (as == Template::As::form) {
            Buffer encoded;
            http::percent_encode(part, encoded);
            into.append(encoded.view());
        } else {
            into.append(part);
        }
    };
    while (!text.empty()) {
        const auto at = text.find("${");
        if (at == std::string_view::npos) {
            literal(text);
            return;
        }
        if (at > 0 && text[at - 1] == '$') {
            literal(concat({text.substr(0, at - 1), "${"}));
            text.remove_prefix(at + 2);
            continue;
        }
        const auto end = text.find('}', at);
        if (end == std::string_view::npos) {
            fail(node, "\"${\" has no \"}\": write $${ for the characters themselves");
        }
        const auto name = text.substr(at + 2, end - at - 2);
        const auto variable = variables_.find(name);
        if (variable == variables_.end()) {
            std::vector<std::string_view> names;
            std::ranges::transform(variables_, std::back_inserter(names),
                                   [](const auto& each) -> std::string_view { return each.first; });
            fail(node, concat({"there is no variable \"", name, "\"; there are ", listed(names)}));
        }
        literal(text.substr(0, at));
        into.append(variable->second, as);
        text.remove_prefix(end + 1);
    }
}

// A text that is one variable and nothing else is the variable's value as it came, a number as a number.
void ScenarioReader::append_json(Template& into, const toml::node& node) const {
    if (const auto* table = node.as_table()) {
        std::string_view before = "{";
        for (const auto& [key, value] : *table) {
            into.append(concat({before, json::to_string(std::string(key.str())), ":"}));
            append_json(into, value);
            before = ",";
        }
        into.append(table->empty() ? "{}" : "}");
    } else if (const auto* array = node.as_array()) {
        std::string_view before = "[";
        for (const auto& value : *array) {
            into.append(before);
            append_json(into, value);
            before = ",";
        }
        into.append(array->empty() ? "[]" : "]");
    } else if (const auto* text = node.as_string()) {
        const std::string_view whole = text->get();
        if (whole.starts_with("${") && whole.find('}') + 1 == whole.size()) {
            append_template(into, node, whole, Template::As::json);
            return;
        }
        into.append("\"");
        append_template(into, node, whole, Template::As::in_string);
        into.append("\"");
    } else if (const auto* number = node.as_floating_point()) {
        into.append(json::to_string(number->get()));
    } else {
        std::ostringstream written;
        node.visit([&](const auto& value) { written << value; });
        const bool is_plain = node.is_integer() || node.is_boolean();
        into.append(is_plain ? std::move(written).str() : json::to_string(std::move(written).str()));
    }
}

}  // namespace brio::load::detail
