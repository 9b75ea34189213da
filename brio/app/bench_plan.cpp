#include <brio/app/bench_plan.hpp>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <brio/base/text.hpp>
#include <brio/http/operation.hpp>

namespace brio::app {

using bench::Case;

namespace {

constexpr std::string_view default_file = "bench.budgets";

std::string read_file(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) {
        throw BadBench(concat({"cannot read ", file}));
    }
    return text.str();
}

bench::Budgets read_budgets(const std::string& file) {
    auto read = bench::read_budgets(read_file(file));
    if (!read) {
        throw BadBench(concat({file, ": ", read.error()}));
    }
    return std::move(*read);
}

// Whose answer does not end.
bool is_of_events(const http::Route& route) {
    json::SchemaSet components;
    http::OperationSchema schema(components);
    if (route.endpoint.describe != nullptr) {
        route.endpoint.describe(schema);
    }
    return std::ranges::any_of(schema.answers,
                               [](auto const& each) { return each.content_type == "text/event-stream"; });
}

std::vector<Case> cases_of_routes(const http::Router& router) {
    std::vector<Case> cases;
    for (auto const& route : router.routes()) {
        if (route->method == http::Method::get && route->pattern.find('{') == std::string::npos &&
            !is_of_events(*route)) {
            cases.push_back({.request = concat({"GET ", route->pattern})});
        }
    }
    return cases;
}

// Those that were typed, with the budgets that the file has of them.
bench::Budgets chosen(const bench::Budgets& of, const std::vector<std::string>& requests) {
    bench::Budgets chosen;
    for (auto const& typed : requests) {
        auto const read = bench::read_case(typed);
        if (!read) {
            throw BadBench(read.error());
        }
        auto const known = std::ranges::find_if(of.cases, [&](const Case& each) {
            return each.request == read->request && (!read->body || each.body == read->body);
        });
        chosen.cases.push_back(known != of.cases.end() ? *known : *read);
    }
    return chosen;
}

}  // namespace

std::string budgets_file(const BenchWords& words) {
    return words.budgets.empty() ? std::string(default_file) : words.budgets;
}

bool names_cases(const BenchWords& words) {
    return !words.requests.empty() || std::filesystem::exists(budgets_file(words));
}

bench::Budgets asked_cases(const http::Router& router, const BenchWords& words) {
    bench::Budgets asked;
    auto const file = budgets_file(words);
    auto const is_there = std::filesystem::exists(file);
    if (is_there || (!words.budgets.empty() && !words.writes_budgets)) {
        asked = read_budgets(file);
    }
    if (!words.requests.empty()) {
        return chosen(asked, words.requests);
    }
    if (asked.cases.empty()) {
        asked.cases = cases_of_routes(router);
    }
    return asked;
}

void keep_budgets(const BenchWords& words, const bench::Budgets& measured) {
    auto const file = budgets_file(words);
    auto kept = std::filesystem::exists(file) ? read_budgets(file) : bench::Budgets();
    for (auto const& each : measured.cases) {
        auto const known = std::ranges::find_if(kept.cases, [&](const Case& one) {
            return one.request == each.request && one.body == each.body && one.fields == each.fields;
        });
        if (known != kept.cases.end()) {
            *known = each;
        } else {
            kept.cases.push_back(each);
        }
    }
    write_file(file, bench::write_budgets(kept));
}

Environment bench_environment(const BenchWords& words, const std::string& database) {
    return {{"BRIO_LOG", "off"}, {"DATABASE_URL", words.database.empty() ? database : words.database}};
}

Environment with(Environment environment, const BenchWords& words) {
    for (auto const& each : words.against_env) {
        auto const equals = each.find('=');
        if (equals == std::string::npos || equals == 0) {
            throw BadBench(concat({"--against-env ", each, ": write it as NAME=VALUE"}));
        }
        auto const name = each.substr(0, equals);
        if (words.database.empty() && (name.starts_with("REDIS_") || name.ends_with("BROKER_URL"))) {
            throw BadBench(concat({"--against-env ", name,
                                   " is of no effect: there is a Redis or a broker with --database only"}));
        }
        std::erase_if(environment, [&](auto const& own) { return own.first == name; });
        environment.emplace_back(name, each.substr(equals + 1));
    }
    return environment;
}

std::string this_file() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

std::string other_file(const BenchWords& words) {
    auto const file = words.against.empty() ? this_file() : std::filesystem::absolute(words.against).string();
    if (::access(file.c_str(), X_OK) != 0) {
        throw BadBench(concat({"--against ", words.against, ": there is no such program"}));
    }
    return file;
}

void write_file(const std::string& file, const std::string& text) {
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out) {
        throw std::runtime_error(concat({"cannot write ", file}));
    }
}

}  // namespace brio::app
