// JSON plans of rows and of rows with their relations, made once per type.
#pragma once
#include <span>
#include <string>

#include <brio/sql/column.hpp>
#include <brio/sql/json_plan.hpp>
#include <brio/sql/relation.hpp>

namespace brio::sql {

namespace detail {

/// Builds a plan entry by entry, in the order of the result's columns.
class JsonPlanner {
public:
    explicit JsonPlanner(int first) : column_(first) { plan_.first = first; }

    int column() const noexcept { return column_; }
    void add_column(JsonColumn entry);
    /// A to-one relation: what is added until close_group() of the number returned.
    std::size_t open_group(std::string_view name, bool nullable);
    void close_group(std::size_t group);
    /// A to-many relation of the row whose id is that result column.
    void add_splice(std::string_view name, int id_column);
    JsonPlan take() && { return std::move(plan_); }

private:
    JsonPlan plan_;
    int column_;
    std::uint16_t splices_ = 0;
};

template <class Row>
void add_json_columns(JsonPlanner& planner) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (planner.add_column(
             {.form = json_form_of<unwrapped<reflect::field_t<Row, I>>>(),
              .nullable = unwrap<reflect::field_t<Row, I>>::optional,
              .count = digits_behind_point<unwrapped<reflect::field_t<Row, I>>>,
              .before = concat({I == 0 ? "{\"" : ",\"", reflect::field_names<Row>[I], "\":"})}),
         ...);
    }(std::make_index_sequence<reflect::field_count<Row>>{});
}

template <class Row, auto const&... Relations>
void add_json_item(JsonPlanner& planner, RelationList<Relations...>) {
    const int id = planner.column() + static_cast<int>(reflect::field_index<Row>("id"));
    add_json_columns<Row>(planner);
    auto each = [&]<class R>(const R& relation) {
        if constexpr (R::many) {
            planner.add_splice(relation.name, id);
        } else {
            const std::size_t group = planner.open_group(relation.name, R::optional);
            add_json_item<typename R::row>(planner, typename R::inner{});
            planner.close_group(group);
        }
    };
    (each(Relations), ...);
}

}  // namespace detail

/// The columns as write_select() gives them: the row's, then those of each to-one relation as an object under
/// the relation's name. To-many relations are splices, numbered in the order in which they stand.
template <class Row, auto const&... Relations>
const JsonPlan& json_plan_of() {
    static const JsonPlan made = [] {
        detail::JsonPlanner planner(0);
        detail::add_json_item<Row>(planner, RelationList<Relations...>{});
        return std::move(planner).take();
    }();
    return made;
}

/// For children_statement(): the key first, then the row with what it joins.
template <class Relation>
const JsonPlan& json_plan_of_children() {
    static const JsonPlan made = [] {
        detail::JsonPlanner planner(1);
        detail::add_json_item<typename Relation::row>(planner, typename Relation::inner{});
        JsonPlan plan = std::move(planner).take();
        plan.id = 0;
        plan.ends = true;
        return plan;
    }();
    return made;
}

}  // namespace brio::sql
