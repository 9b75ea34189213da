// A typed query: its shape is in its type, so its text is made once.
#pragma once
#include <brio/db/db.hpp>

namespace brio::db {

template <class... Orderings>
struct OrderBy {
    static void write(sql::StatementText& text) {
        std::string_view word = " ORDER BY ";
        ((text << std::exchange(word, ", "), Orderings::write(text)), ...);
    }
};

template <class T, class Where, class Order, auto const&... Relations>
class Select {
public:
    using Row = typename T::row;
    /// A Row, or a With<Row, …> after with<…>().
    using Item = std::conditional_t<sizeof...(Relations) == 0, Row, sql::With<Row, Relations...>>;

    Select(Db db, T table, Where where) : db_(std::move(db)), table_(table), where_(std::move(where)) {}

    template <sql::ConditionType C>
    auto where(C condition) && {
        static_assert(std::is_same_v<typename C::row, Row>, "where: the condition speaks of another table");
        static_assert(C::template uses_index<T>,
                      "where: no index of the table helps with this condition: add one, or write "
                      "unindexed(\"why\", condition)");
        static_assert(std::is_same_v<Where, sql::Everything<Row>>,
                      "where is said once: join conditions with &&");
        Select<T, C, Order, Relations...> next(std::move(db_), table_, std::move(condition));
        next.limit_ = limit_;
        next.offset_ = offset_;
        return next;
    }
    /// In this order; equal rows in any.
    template <class... Orderings>
    auto order_by(Orderings...) && {
        static_assert((std::is_same_v<typename Orderings::row, Row> && ...),
                      "order_by: a column of another table");
        Select<T, Where, OrderBy<Orderings...>, Relations...> next(std::move(db_), table_, std::move(where_));
        next.limit_ = limit_;
        next.offset_ = offset_;
        return next;
    }
    template <auto const&... More>
    auto with() && {
        Select<T, Where, Order, Relations..., More...> next(std::move(db_), table_, std::move(where_));
        next.limit_ = limit_;
        next.offset_ = offset_;
        return next;
    }
    Select limit(std::int64_t rows) && {
        limit_ = rows;
        return std::move(*this);
    }
    Select offset(std::int64_t rows) && {
        offset_ = rows;
        return std::move(*this);
    }

    Async<std::vector<Item>> all() && { return fetch(std::move(*this)); }
    Async<std::optional<Item>> first() && {
        limit_ = 1;
        return fetch_first(std::move(*this));
    }
    /// Without regard to limit and offset.
    Async<std::uint64_t> count() && { return fetch_count(std::move(*this)); }

private:
    template <class, class, class, auto const&...>
    friend class Select;

    // Coroutines that own what they work on.
    static Async<std::vector<Item>> fetch(Select self) {
        if constexpr (sizeof...(Relations) == 0) {
            RowsSink<Row> sink;
            Query query = self.make_query(&sink);
            co_await self.db_.read({&query, 1});
            co_return std::move(sink.values);
        } else {
            RowsSink<Item> sink;
            Query query = self.make_query(&sink);
            co_await self.db_.read({&query, 1});
            co_await self.db_.template load_children<Row, Relations...>(sink.values);
            co_return std::move(sink.values);
        }
    }
    static Async<std::optional<Item>> fetch_first(Select self) {
        auto rows = co_await fetch(std::move(self));
        std::optional<Item> found;
        if (!rows.empty()) {
            found = std::move(rows.front());
        }
        co_return found;
    }
    static Async<std::uint64_t> fetch_count(Select self) {
        CountSink sink;
        Query query{.statement = &count_statement(self.table_), .sink = &sink};
        self.where_.bind_to(query.values);
        co_await self.db_.read({&query, 1});
        co_return static_cast<std::uint64_t>(sink.value);
    }

    Query make_query(Sink* sink) const {
        Query query{.statement = &statement(table_), .sink = sink};
        where_.bind_to(query.values);
        query.values.add_integer(limit_);
        query.values.add_integer(offset_);
        return query;
    }
    static const sql::Statement& statement(const T& table) {
        static const sql::Statement made({.type = sql::StatementType::select,
                                          .name = sql::statement_name(table.name, "select"),
                                          .reads = sql::tables_read<T, Relations...>(table)},
                                         [&](sql::Dialect dialect) {
                                             sql::StatementText text(dialect);
                                             sql::write_select<T, Relations...>(text, table);
                                             sql::write_where<Where>(text);
                                             if constexpr (!std::is_void_v<Order>) {
                                                 Order::write(text);
                                             }
                                             text << " LIMIT ";
                                             text.parameter() << " OFFSET ";
                                             text.parameter();
                                             return std::move(text).take();
                                         });
        sql::expect_one_table(table);
        return made;
    }
    static const sql::Statement& count_statement(const T& table) {
        static const sql::Statement made({.type = sql::StatementType::select,
                                          .name = sql::statement_name(table.name, "count"),
                                          .reads = {std::string(table.name)}},
                                         [&](sql::Dialect dialect) {
                                             sql::StatementText text(dialect);
                                             (text << "SELECT count(*) FROM ").name(table.name) << " AS t";
                                             sql::write_where<Where>(text);
                                             return std::move(text).take();
                                         });
        sql::expect_one_table(table);
        return made;
    }

    Db db_;
    T table_;
    Where where_;
    std::int64_t limit_ = INT64_MAX;
    std::int64_t offset_ = 0;
};

template <class T>
Select<T, sql::Everything<typename T::row>, void> Db::select(T table) const {
    return {*this, table, sql::Everything<typename T::row>{}};
}

}  // namespace brio::db
