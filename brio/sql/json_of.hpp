// JSON plans of rows and of rows with their to-one relations, made once per type.
#pragma once
#include <string>

#include <brio/base/text.hpp>
#include <brio/sql/column.hpp>
#include <brio/sql/json_plan.hpp>
#include <brio/sql/relation.hpp>

namespace brio::sql {

namespace detail {

template <class Row>
void add_json_columns(JsonPlan& plan) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (plan.columns.push_back(
             {.form = json_form_of<unwrapped<reflect::field_t<Row, I>>>(),
              .nullable = unwrap<reflect::field_t<Row, I>>::optional,
              .before = concat({I == 0 ? "{\"" : ",\"", reflect::field_names<Row>[I], "\":"})}),
         ...);
    }(std::make_index_sequence<reflect::field_count<Row>>{});
}

}  // namespace detail

/// The columns as write_select() gives them: the row's, then those of each to-one relation as an object under
/// the relation's name. With to-many relations the plan also collects ids and ends, for what is put in
/// afterwards.
template <class Row, auto const&... Relations>
const JsonPlan& json_plan_of() {
    static const JsonPlan made = [] {
        JsonPlan plan;
        detail::add_json_columns<Row>(plan);
        auto add = [&]<class R>(const R& relation) {
            if constexpr (R::many) {
                plan.id = static_cast<int>(reflect::field_index<Row>("id"));
                plan.ends = true;
            } else {
                plan.columns.push_back(
                    {.form = JsonForm::group,
                     .nullable = R::optional,
                     .count = static_cast<std::uint16_t>(reflect::field_count<typename R::row>),
                     .before = concat({",\"", relation.name, "\":"})});
                detail::add_json_columns<typename R::row>(plan);
                plan.columns.back().after = JsonBytes("}");
            }
        };
        (add(Relations), ...);
        return plan;
    }();
    return made;
}

/// For children_statement(): the key first, then the row.
template <class Row>
const JsonPlan& json_plan_of_children() {
    static const JsonPlan made = [] {
        JsonPlan plan;
        plan.first = 1;
        plan.id = 0;
        plan.ends = true;
        detail::add_json_columns<Row>(plan);
        return plan;
    }();
    return made;
}

}  // namespace brio::sql
