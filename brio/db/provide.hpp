// Db and List as parameters of handlers. A program that takes a Db adds its Database to the services.
#pragma once
#include <brio/db/database.hpp>
#include <brio/http/exchange.hpp>
#include <brio/http/operation.hpp>
#include <brio/http/provide.hpp>
#include <brio/json/schema.hpp>

namespace brio::db {

/// The query string as name/value pairs; throws the 400 that it deserves when it is malformed. Views last
/// until the answer is made.
std::vector<sql::NamedValue> query_pairs(http::Exchange& exchange);
/// Adds the faults to the exchange's errors; throws 422 `page_too_deep` when one is that.
void report_faults(http::Exchange& exchange, const std::vector<sql::ListFault>& faults);
/// The parameters that every listing has, and its order.
void describe_list(http::OperationSchema& operation, std::span<const std::string_view> sorts,
                   std::uint32_t page_size, std::uint32_t most_page_size);

/// One parameter of a list to filter by.
void describe_filter(http::OperationSchema& operation, const sql::FilterColumn& filter, std::string schema);

template <class F, F Filter>
struct DescribeFilter {
    static void add(http::OperationSchema& operation) {
        for (const sql::FilterColumn& each : sql::detail::filter_of<Filter>::parameters) {
            describe_filter(operation, each, schema(operation, Filter));
        }
    }

private:
    template <class Type, class Row>
    static std::string schema(http::OperationSchema& operation, Type Row::*) {
        return json::schema_of<sql::unwrapped<Type>>(*operation.components);
    }
    template <auto Column>
    static std::string schema(http::OperationSchema& operation, sql::Range<Column>) {
        return json::schema_of<sql::detail::filter_value<Column>>(*operation.components);
    }
    template <auto Column>
    static std::string schema(http::OperationSchema& operation, sql::AnyOf<Column>) {
        return concat({R"({"type":"array","maxItems":100,"items":)",
                       json::schema_of<sql::detail::filter_value<Column>>(*operation.components), "}"});
    }
    template <auto... Columns>
    static std::string schema(http::OperationSchema&, sql::Search<Columns...>) {
        return R"({"type":"string","minLength":1,"maxLength":100})";
    }
};

}  // namespace brio::db

template <>
struct brio::http::Provide<brio::db::Db> {
    using Service = brio::db::Database;
    static std::optional<brio::db::Db> from(Exchange& exchange) {
        return exchange.services->get<brio::db::Database>().db();
    }
};

template <auto const& Spec>
struct brio::http::Provide<brio::sql::List<Spec>> {
    using List = brio::sql::List<Spec>;
    using Filters = typename List::listing::filter_columns;
    using Sorts = brio::sql::detail::ListSorts<typename List::listing::sort_columns>;

    static std::optional<List> from(Exchange& exchange) {
        auto list = sql::parse_list<Spec>(db::query_pairs(exchange));
        if (!list) {
            db::report_faults(exchange, list.error());
            return std::nullopt;
        }
        return std::move(*list);
    }
    static void describe(OperationSchema& operation) {
        db::describe_list(operation, Sorts::names, Spec.default_page_size, Spec.most_page_size);
        describe_filters(operation, Filters{});
    }

private:
    template <auto... All>
    static void describe_filters(OperationSchema& operation, sql::Index<All...>) {
        (db::DescribeFilter<std::remove_cv_t<decltype(All)>, All>::add(operation), ...);
    }
};
