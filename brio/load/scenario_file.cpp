#include <brio/load/scenario_file.hpp>

#include <algorithm>
#include <filesystem>

#include <brio/load/detail/scenario_reader.hpp>
#include <brio/load/output_file.hpp>
#include <brio/load/plan.hpp>

namespace brio::load {
namespace detail {

std::size_t ScenarioReader::declare(const std::string& name) {
    const auto [found, is_new] = variables_.try_emplace(name, script_.variables.size());
    if (is_new) {
        script_.variables.emplace_back();
    }
    return found->second;
}

ScenarioFile ScenarioReader::read(const toml::table& root) {
    static constexpr std::string_view keys[] = {"name",    "target", "users",     "rate",    "arrivals",
                                                "poisson", "stages", "for",       "warm_up", "goals",
                                                "headers", "feeds",  "variables", "user"};
    check_keys(root, "of a scenario", keys);
    ScenarioFile file;
    read_load(root, file);
    script_.name = text(root, "name").value_or(std::filesystem::path(file_).stem().string());
    read_variables(root);
    const auto users = tables(root, "user");
    if (users.empty()) {
        fail(root, "there is no [[user]]: who is to do something?");
    }
    for (const auto* each : users) {
        declare_takes(*each);
    }
    if (const auto* headers = table(root, "headers")) {
        for (const auto& [key, node] : *headers) {
            if (!node.is_string()) {
                fail(node, "a header must be text, in quotes");
            }
            headers_.emplace_back(key.str(),
                                  make_template(node, node.as_string()->get(), Template::As::text));
        }
    }
    for (const auto* each : users) {
        script_.users.push_back(user(*each));
    }
    file.script = std::make_shared<const Script>(std::move(script_));
    return file;
}

void ScenarioReader::read_load(const toml::table& root, ScenarioFile& into) const {
    into.target = text(root, "target").value_or("");
    into.users = number(root, "users", 1);
    into.rate = number(root, "rate", 0);
    into.arrivals = flag(root, "arrivals");
    into.poisson = flag(root, "poisson");
    into.stages = text(root, "stages").value_or("");
    into.duration = time(root, "for");
    into.warm_up = time(root, "warm_up");
    if (into.users && (into.rate || !into.stages.empty())) {
        fail(*root.get("users"), "users, rate and stages exclude each other: give one");
    }
    if (into.rate && (*into.rate == 0 || !into.stages.empty())) {
        fail(*root.get("rate"), *into.rate == 0 ? "rate must be above 0"
                                                : "users, rate and stages exclude each other: give one");
    }
    if (!into.stages.empty()) {
        if (const auto stages = parse_stages(into.stages); !stages) {
            fail(*root.get("stages"), stages.error());
        }
    }
    const auto* goals = root.get("goals");
    if (goals != nullptr && !goals->is_array()) {
        fail(*goals, "goals must be an array of texts: [\"p99<50ms\"]");
    }
    for (std::size_t i = 0; goals != nullptr && i < goals->as_array()->size(); ++i) {
        const auto& node = (*goals->as_array())[i];
        auto goal = node.is_string() ? parse_threshold(node.as_string()->get())
                                     : std::unexpected(std::string("a goal must be text: \"p99<50ms\""));
        if (!goal) {
            fail(node, goal.error());
        }
        into.goals.push_back(std::move(*goal));
    }
}

void ScenarioReader::read_variables(const toml::table& root) {
    script_.user_number = declare("user");
    script_.random_number = declare("random");
    script_.random_uuid = declare("uuid");
    if (const auto* variables = table(root, "variables")) {
        for (const auto& [key, node] : *variables) {
            const std::string name(key.str());
            if (variables_.contains(name)) {
                fail(key.source(), concat({"\"", name, "\" is a variable already"}));
            }
            if (!node.is_value()) {
                fail(node, "a variable is a text, a number, true or false");
            }
            const auto at = declare(name);
            Template value;
            if (node.is_string()) {
                script_.variables[at] = text_value(node.as_string()->get());
            } else {
                append_json(value, node);
                script_.variables[at] = json_value(value.fill({}).value_or(""));
            }
        }
    }
    if (const auto* feeds = table(root, "feeds")) {
        for (const auto& [key, node] : *feeds) {
            if (!node.is_table()) {
                fail(node, concat({"a feed is a table: [feeds.", key.str(), "]"}));
            }
            read_feed(std::string(key.str()), *node.as_table());
        }
    }
}

void ScenarioReader::read_feed(const std::string& name, const toml::table& feed) {
    static constexpr std::string_view keys[] = {"csv", "order", "per"};
    static constexpr std::string_view orders[] = {"sequential", "random", "unique"};
    check_keys(feed, "of a feed", keys);
    const auto csv = text(feed, "csv");
    if (!csv) {
        fail(feed, concat({"the feed ", name, " has no file: csv = \"rows.csv\""}));
    }
    const auto order = text(feed, "order").value_or("sequential");
    const auto* const found = std::ranges::find(orders, order);
    if (found == std::end(orders)) {
        fail(*feed.get("order"), concat({"order must be one of ", listed(orders)}));
    }
    const auto per = text(feed, "per").value_or("task");
    if (per != "task" && per != "user") {
        fail(*feed.get("per"), "per must be task or user");
    }
    ScriptFeed made{.name = name, .rows = nullptr, .variables = {}, .is_kept = per == "user"};
    try {
        const auto path = (std::filesystem::path(file_).parent_path() / *csv).string();
        auto lines = read_csv_lines(read_file(path), path);
        for (const auto& column : lines.front()) {
            made.variables.push_back(declare(concat({name, ".", column})));
        }
        lines.erase(lines.begin());
        made.rows = std::make_shared<ScriptFeed::Rows>(std::move(lines),
                                                       static_cast<Order>(found - std::begin(orders)));
    } catch (const std::exception& error) {
        fail(*feed.get("csv"), error.what());
    }
    script_.feeds.push_back(std::move(made));
}

void ScenarioReader::declare_takes(const toml::table& user) {
    for (const auto* key : {"start", "stop"}) {
        for (const auto* step : tables(user, key)) {
            declare_takes_of(*step);
        }
    }
    for (const auto* task : tables(user, "task")) {
        declare_takes_of(*task);
        for (const auto* step : tables(*task, "step")) {
            declare_takes_of(*step);
        }
    }
}

void ScenarioReader::declare_takes_of(const toml::table& step) {
    if (const auto* takes = table(step, "take")) {
        for (const auto& [key, node] : *takes) {
            const std::string name(key.str());
            const bool is_ours = name == "user" || name == "random" || name == "uuid" || name.contains('.');
            if (is_ours) {
                fail(key.source(),
                     concat({"\"", name, "\" is no name for what is taken: it means something else"}));
            }
            declare(name);
        }
    }
}

}  // namespace detail

namespace {

constexpr std::size_t most_bytes = 4 << 20;  // of the file

}  // namespace

std::expected<ScenarioFile, std::string> parse_scenario(std::string_view toml, const std::string& file) {
    const detail::ScenarioReader where(file);
    const auto parsed = toml::parse(toml, file);
    try {
        if (!parsed) {
            where.fail(parsed.error().source(), parsed.error().description());
        }
        return detail::ScenarioReader(file).read(parsed.table());
    } catch (const detail::ScenarioFault& fault) {
        return std::unexpected(std::string(fault.what()));
    }
}

std::expected<ScenarioFile, std::string> read_scenario_file(const std::string& file) {
    try {
        const auto text = read_file(file);
        if (text.size() > most_bytes) {
            return std::unexpected(concat({file, " is larger than a scenario may be (4 MiB)"}));
        }
        return parse_scenario(text, file);
    } catch (const std::runtime_error& error) {
        return std::unexpected(std::string(error.what()));
    }
}

}  // namespace brio::load
