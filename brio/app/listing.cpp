#include <brio/app/listing.hpp>

#include <algorithm>
#include <cmath>

#include <brio/base/text.hpp>
#include <brio/base/text_table.hpp>

#include <web/assets.hpp>

namespace brio::app {
namespace {

std::string percent(int value) { return concat({integer_text(value), " %"}); }

std::string share_text(double share) {
    Buffer percent_of_work;
    append_number(percent_of_work, std::round(share * 1e8) / 1e6);
    return concat({percent_of_work.view(), " % within"});
}

std::string milliseconds_or(const std::optional<std::chrono::nanoseconds>& time, std::string otherwise) {
    return time ? duration_text(*time) : otherwise;
}

// A path to paste: the pattern with 1 for each parameter.
std::string example_path(std::string_view pattern) {
    std::string path;
    bool inside = false;
    for (char const c : pattern) {
        if (c == '{') {
            path += '1';
            inside = true;
        } else if (c == '}') {
            inside = false;
        } else if (!inside) {
            path += c;
        }
    }
    return path;
}

}  // namespace

std::string list_routes(const http::Router& router, const std::vector<http::Middleware>& middlewares) {
    std::vector<std::vector<std::string>> rows;
    for (auto const& route : router.routes()) {
        auto const& options = route->options;
        std::string rules;
        if (options.goal || options.deadline) {
            rules = concat({"goal ", milliseconds_or(options.goal, "default"), ", deadline ",
                            milliseconds_or(options.deadline, "default")});
        }
        rows.push_back(
            {std::string(http::method_name(route->method)), route->pattern, rules, options.summary});
    }
    auto text = table_text(rows);
    std::string names;
    for (auto const& middleware : middlewares) {
        names.append(names.empty() ? "" : ", ").append(middleware.name);
    }
    return names.empty() ? text : concat({text, "around each: ", names, "\n"});
}

std::string list_goals(const Settings& settings, const watch::GoalRules& rules) {
    auto const& goals = settings.goals;
    auto const request = settings.api_deadline.value_or(
        std::chrono::duration_cast<std::chrono::milliseconds>(goals.request_deadline()));
    auto const share = share_text(goals.share);
    auto const readings = concat({share_text(goals.resource_share), " what it may use"});
    std::vector<std::vector<std::string>> rows{
        {"request", duration_text(goals.api), share, concat({"ended after ", duration_text(request)})},
        {"query", duration_text(goals.query), share,
         concat({"ended after ", duration_text(settings.query_limit())})},
        {"task", duration_text(goals.task), share,
         concat({"asked to stop after ", duration_text(goals.task_soft_deadline()), ", stopped after ",
                 duration_text(goals.task_hard_deadline())})},
        {"cpu", percent(goals.cpu_percent), readings},
        {"memory", percent(goals.memory_percent), readings},
        {"connections", percent(goals.connections_percent), readings},
    };
    for (auto const scope : watch::all_scopes) {
        for (auto const& [name, own] : rules.own(scope)) {
            rows.push_back({concat({scope == watch::Scope::request ? "" : watch::name_of(scope),
                                    scope == watch::Scope::request ? "" : " ", name}),
                            duration_text(rules.limit_of(scope, name)),
                            share_text(rules.share_of(scope, name))});
        }
    }
    return table_text(rows);
}

std::string list_settings(const Configuration& configuration) {
    std::vector<std::vector<std::string>> rows;
    for (auto const& line : configuration.lines) {
        rows.push_back({line.name, line.value.empty() ? "-" : line.value, std::string(words_of(line.origin)),
                        line.help});
    }
    return table_text(rows);
}

std::string url_of(const std::string& host, std::uint16_t port, Scheme scheme) {
    auto const reachable = host == "0.0.0.0" ? "127.0.0.1" : host == "::" ? "::1" : host;
    auto const shown = reachable.find(':') != std::string::npos ? concat({"[", reachable, "]"}) : reachable;
    return concat({scheme == Scheme::https ? "https://" : "http://", shown, ":", integer_text(port)});
}

std::string url_of_api(const Settings& settings, std::uint16_t port) {
    return url_of(settings.host, port, settings.has_tls() ? Scheme::https : Scheme::http);
}

std::string greet(const Greeting& greeting, const http::Router& router) {
    std::vector<std::vector<std::string>> rows{{"  API", greeting.api_url},
                                               {"  docs", greeting.api_url + "/docs"}};
    if (!greeting.admin_url.empty()) {
        rows.push_back({web::dashboard().empty() ? "  admin" : "  dashboard", greeting.admin_url});
        rows.push_back({"  metrics", greeting.admin_url + "/metrics"});
    }
    auto text = concat({greeting.program, " ", greeting.version, "\n\n", table_text(rows), "\n"});
    std::vector<std::string> urls;
    for (auto const& route : router.routes()) {
        if (route->method == http::Method::get && route->options.in_openapi && urls.size() < 2 &&
            route->pattern.starts_with("/api")) {
            urls.push_back(greeting.api_url + example_path(route->pattern));
        }
    }
    urls.push_back(greeting.api_url + "/healthz");
    if (urls.size() < 3 && !greeting.admin_url.empty()) {
        urls.push_back(greeting.admin_url + "/metrics");
    }
    if (urls.size() < 3) {
        urls.push_back(greeting.api_url + "/openapi.json");
    }
    for (auto const& url : urls) {
        text.append("  curl -i '").append(url).append("'\n");
    }
    return text.append("\n");
}

}  // namespace brio::app
