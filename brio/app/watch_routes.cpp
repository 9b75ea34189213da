#include <brio/app/watch_routes.hpp>

#include <optional>
#include <string>

#include <brio/app/goal_keeper.hpp>
#include <brio/app/goals_command.hpp>
#include <brio/http/parameters.hpp>
#include <brio/http/problem.hpp>

namespace brio::app {

namespace {

template <class Value>
http::Response json_of(const Value& value) {
    http::Response response;
    response.json(json::to_string(value)).cache_control("no-store");
    return response;
}

struct SendGoals {
    const GoalKeeper* keeper;

    http::Response operator()() const { return json_of(GoalList{keeper->watch().report()}); }
};

struct SendUsage {
    const GoalKeeper* keeper;

    http::Response operator()() const { return json_of(keeper->monitor().now()); }
};

struct HistoryQuery {
    std::string span = "10m";
    std::optional<std::string> of;
    std::optional<std::string> name;
    std::optional<std::string> figure;
};

struct SendHistory {
    const GoalKeeper* keeper;

    http::Response operator()(http::Query<HistoryQuery> query) const {
        const auto span = watch::span_named(query->span);
        if (!span) {
            throw http::invalid(http::In::query, "span", "must be 10m, 6h, 24h or 14d");
        }
        return json_of(keeper->history().report({.span = *span,
                                                 .of = query->of.value_or(""),
                                                 .name = query->name.value_or(""),
                                                 .figure = query->figure.value_or("")}));
    }
};

}  // namespace

void add_watch_routes(http::Router& router, const GoalKeeper& keeper) {
    router.get<"/goals">(SendGoals{&keeper});
    router.get<"/api/usage">(SendUsage{&keeper});
    router.get<"/api/history">(SendHistory{&keeper});
}

}  // namespace brio::app
