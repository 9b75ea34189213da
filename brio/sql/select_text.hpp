// The part of a statement's text that says what is read: the columns of a row and of the rows that its to-one
// relations join, to any depth.
//
// The row's table is called t, those that are joined r0, r1, … in the order in which their columns stand:
// each relation before those within it. What reads the rows goes the same way (db/rows.hpp, sql/json_of.hpp).
#pragma once
#include <span>
#include <string>
#include <vector>

#include <brio/sql/relation.hpp>
#include <brio/sql/statement_text.hpp>

namespace brio::sql {

/// `t."id", t."name"`
void write_names(StatementText& text, std::string_view alias, std::span<const std::string_view> names);
template <class Row>
void write_columns(StatementText& text, std::string_view alias) {
    write_names(text, alias, reflect::field_names<Row>);
}

/// ` FROM "things" AS t`, on SQLite with INDEXED BY where there is a hint.
void write_from(StatementText& text, std::string_view table, std::string_view hint = {});

namespace detail {

struct JoinText {
    std::string_view table;
    std::string_view from;  // the alias of what has the key
    std::string_view key;
    bool left;
    bool by_lookup = false;
};
std::string join_alias(int number);
/// ` JOIN "users" AS r0 ON r0."id" = t."owner_id"`; by look-up, which the planner does not make a join again:
/// ` JOIN LATERAL (SELECT * FROM "users" AS r0 WHERE r0."id" = t."owner_id" OFFSET 0) AS r0 ON true`
void write_join(StatementText& text, std::string_view alias, const JoinText& join);

template <auto const&... Relations>
void write_joined_columns(StatementText& text, int& joined, RelationList<Relations...>) {
    auto each = [&]<class R>(const R&) {
        if constexpr (!R::many) {
            write_columns<typename R::row>(text << ", ", join_alias(joined++));
            write_joined_columns(text, joined, typename R::inner{});
        }
    };
    (each(Relations), ...);
}

template <auto const&... Relations>
void write_joins(StatementText& text, int& joined, std::string_view from, bool left,
                 RelationList<Relations...>, bool by_lookup = false) {
    auto each = [&]<class R>(const R& relation) {
        if constexpr (!R::many) {
            const std::string alias = join_alias(joined++);
            const bool may_lack = left || R::optional;
            write_join(text, alias,
                       {.table = relation.table.name,
                        .from = from,
                        .key = column_name<R::key>,
                        .left = may_lack,
                        .by_lookup = by_lookup});
            write_joins(text, joined, alias, may_lack, typename R::inner{}, by_lookup);
        }
    };
    (each(Relations), ...);
}

template <auto const&... Relations>
void add_joined_tables(std::vector<std::string>& names, RelationList<Relations...>) {
    auto each = [&]<class R>(const R& relation) {
        if constexpr (!R::many) {
            names.emplace_back(relation.table.name);
            add_joined_tables(names, typename R::inner{});
        }
    };
    (each(Relations), ...);
}

}  // namespace detail

/// `SELECT …` of the row and its to-one relations, up to FROM.
template <class T, auto const&... Relations>
void write_selected(StatementText& text) {
    static_assert(sizeof...(Relations) <= 8, "at most 8 relations at once");
    text << "SELECT ";
    write_columns<typename T::row>(text, "t");
    int joined = 0;
    detail::write_joined_columns(text, joined, RelationList<Relations...>{});
}

/// `SELECT … FROM … JOIN …` of the row and its to-one relations.
template <class T, auto const&... Relations>
void write_select(StatementText& text, const T& table, std::string_view hint = {}) {
    write_selected<T, Relations...>(text);
    write_from(text, table.name, hint);
    int joined = 0;
    detail::write_joins(text, joined, "t", false, RelationList<Relations...>{});
}

/// Whether there is something to join.
template <auto const&... Relations>
inline constexpr bool any_to_one = (!relation_type<Relations>::many || ...);

/// The tables of a row and its to-one relations.
template <class T, auto const&... Relations>
std::vector<std::string> tables_read(const T& table) {
    std::vector<std::string> names{std::string(table.name)};
    detail::add_joined_tables(names, RelationList<Relations...>{});
    return names;
}

/// What children_statement() reads: the key, then the row and its to-one relations.
template <auto const& Relation>
void write_children(StatementText& text) {
    using R = relation_type<Relation>;
    using Plain = std::remove_cvref_t<decltype(detail::plain<Relation>())>;
    constexpr bool linked = requires { Plain::link_to; };
    constexpr std::string_view holder = linked ? "l" : "t";
    (text << "SELECT ").column(holder, column_name<R::key>) << ", ";
    write_columns<typename R::row>(text, "t");
    int joined = 0;
    detail::write_joined_columns(text, joined, typename R::inner{});
    if constexpr (linked) {
        (text << " FROM ").name(detail::plain<Relation>().link.name) << " AS l";
        detail::write_join(
            text, "t",
            {.table = Relation.table.name, .from = "l", .key = column_name<Plain::link_to>, .left = false});
    } else {
        write_from(text, Relation.table.name);
    }
    joined = 0;
    detail::write_joins(text, joined, "t", false, typename R::inner{});
    (text << " WHERE ").column(holder, column_name<R::key>).in_list({"bigint"}) << " ORDER BY ";
    text.column(holder, column_name<R::key>) << ", t.\"id\"";
}

template <auto const& Relation>
std::vector<std::string> children_read() {
    using R = relation_type<Relation>;
    std::vector<std::string> names{std::string(Relation.table.name)};
    if constexpr (requires { detail::plain<Relation>().link; }) {
        names.emplace_back(detail::plain<Relation>().link.name);
    }
    detail::add_joined_tables(names, typename R::inner{});
    return names;
}

}  // namespace brio::sql
