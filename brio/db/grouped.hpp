// Selects that give plain structs: of groups of rows with their aggregates, of one row of aggregates, or of
// some of the columns.
#pragma once
#include <optional>
#include <vector>

#include <brio/db/db.hpp>
#include <brio/db/rows_limit.hpp>
#include <brio/sql/into.hpp>

namespace brio::db {

/// What select(…) is of: its table and condition.
template <class T, class Where>
struct Source {
    Db db;
    T table;
    Where where;
};

/// Structs S. `Groups` is an Index<…> of columns, Having a condition on aggregates.
template <class S, class T, class Where, class Groups, class Having, class Order, class... Aggregates>
class StructSelect {
public:
    using Item = S;
    using Fields = sql::Into<S, typename T::row, Groups, Aggregates...>;
    static_assert(Fields::check());

    StructSelect(Source<T, Where> source, Having having)
        : source_(std::move(source)),
          having_(std::move(having)) {}

    /// By fields of the struct: `order_by(desc<&StateSales::amount>)`.
    template <class... Orderings>
    auto order_by(Orderings...) && {
        static_assert((std::is_same_v<typename Orderings::row, S> && ...),
                      "order_by: a field of another struct than into<…> names");
        using Next = StructSelect<S, T, Where, Groups, Having, sql::Index<Orderings{}...>, Aggregates...>;
        Next next(std::move(source_), std::move(having_));
        next.limit_ = limit_;
        next.offset_ = offset_;
        return next;
    }
    StructSelect limit(std::int64_t rows) && {
        limit_ = rows;
        return std::move(*this);
    }
    StructSelect offset(std::int64_t rows) && {
        offset_ = rows;
        return std::move(*this);
    }

    /// Throws StatementError beyond most_rows, unless limit() was said.
    Async<std::vector<S>> all() && { return fetch(std::move(*this)); }
    Async<std::optional<S>> first() && {
        limit_ = 1;
        return fetch_first(std::move(*this));
    }
    /// Of aggregates without groups: the one row that there always is.
    Async<S> one() && {
        static_assert(Fields::aggregated && !Fields::grouped,
                      "one() is for aggregates without group_by: say first() or all()");
        return fetch_one(std::move(*this));
    }

    // For whoever keeps results: of which database, and what all() asks it.

    const Db& db() const noexcept { return source_.db; }
    Query query() const {
        Query query{.statement = &statement(source_.table)};
        source_.where.bind_to(query.values);
        having_.bind_to(query.values);
        query.values.add_integer(rows_to_ask_for(limit_));
        query.values.add_integer(offset_);
        return query;
    }

private:
    template <class, class, class, class, class, class, class...>
    friend class StructSelect;

    static Async<std::vector<S>> fetch(StructSelect self) {
        RowsSink<S> sink;
        Query query = self.query();
        query.sink = &sink;
        co_await self.source_.db.read({&query, 1});
        check_rows(sink.values.size(), self.limit_, query.statement->name());
        co_return std::move(sink.values);
    }
    static Async<std::optional<S>> fetch_first(StructSelect self) {
        auto rows = co_await fetch(std::move(self));
        std::optional<S> found;
        if (!rows.empty()) {
            found = std::move(rows.front());
        }
        co_return found;
    }
    static Async<S> fetch_one(StructSelect self) {
        auto rows = co_await fetch(std::move(self));
        co_return std::move(rows.front());
    }

    static const sql::Statement& statement(const T& table) {
        static const sql::Statement made = sql::make_statement(
            {.type = sql::StatementType::select,
             .name = sql::statement_name(table.name, Fields::grouped ? "groups" : "into"),
             .reads = {std::string(table.name)}},
            [&](sql::StatementText& text) { write(text, table.name, Groups{}, Order{}); });
        sql::expect_one_table(table);
        return made;
    }
    template <auto... Columns, auto... Orderings>
    static void write(sql::StatementText& text, std::string_view table, sql::Index<Columns...>,
                      sql::Index<Orderings...>) {
        text << "SELECT ";
        Fields::write(text);
        (text << " FROM ").name(table) << " AS t";
        sql::write_where<Where>(text);
        std::string_view word = " GROUP BY ";
        ((text << std::exchange(word, ", ")).column("t", sql::column_name<Columns>), ...);
        if constexpr (!std::is_same_v<Having, sql::Everything<typename T::row>>) {
            text << " HAVING ";
            Having::write(text);
        }
        word = " ORDER BY ";
        ((text << std::exchange(word, ", "), sql::write_field_order<decltype(Orderings)>(text)), ...);
        text << " LIMIT ";
        text.parameter() << " OFFSET ";
        text.parameter();
    }

    Source<T, Where> source_;
    Having having_;
    std::optional<std::int64_t> limit_;
    std::int64_t offset_ = 0;
};

/// Groups of rows that have the same values in these columns: .having(…).into<S>(…) goes on.
template <class T, class Where, class Groups, class Having>
class Grouped {
public:
    using Row = typename T::row;

    Grouped(Source<T, Where> source, Having having)
        : source_(std::move(source)),
          having_(std::move(having)) {}

    /// Only groups for which the condition on their aggregates holds: `having(count() > 10)`.
    template <sql::ConditionType C>
    auto having(C condition) && {
        static_assert(sql::detail::same_row<typename C::row, Row>,
                      "having: the condition speaks of another table");
        static_assert(std::is_same_v<Having, sql::Everything<Row>>,
                      "having is said once: join conditions with &&");
        return Grouped<T, Where, Groups, C>(std::move(source_), std::move(condition));
    }
    /// A struct for each group. Its fields are columns of group_by by their names, and the aggregates'.
    template <class S, class... Aggregates>
    auto into(Aggregates...) && {
        return StructSelect<S, T, Where, Groups, Having, sql::Index<>, Aggregates...>(std::move(source_),
                                                                                      std::move(having_));
    }

private:
    Source<T, Where> source_;
    Having having_;
};

}  // namespace brio::db
