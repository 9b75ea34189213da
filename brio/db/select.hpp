// A typed query: its shape is in its type, so its text is made once.
//
//     db.select(resources).where(…).order_by(desc<&Resource::created_at>).limit(100).all()
//     db.select(resources).with<owner>().where(…).each([](With<Resource, owner> row) -> Async<void> { … })
//     db.select(purchases).group_by<&Purchase::state>().into<Sold>(count().as<&Sold::many>()).all()
#pragma once
#include <brio/db/db.hpp>
#include <brio/db/grouped.hpp>
#include <brio/db/rows_limit.hpp>

namespace brio::db {

template <class... Orderings>
struct OrderBy {
    static void write(sql::StatementText& text) {
        std::string_view word = " ORDER BY ";
        ((text << std::exchange(word, ", "), Orderings::write(text)), ...);
    }
};

/// `Hint` is the Index<…> that hint<…>() named, or void.
template <class T, class Where, class Order, class Hint, auto const&... Relations>
class Select {
public:
    using Row = typename T::row;
    /// A Row, or a With<Row, …> after with<…>().
    using Item = std::conditional_t<sizeof...(Relations) == 0, Row, sql::With<Row, Relations...>>;

    Select(Db db, T table, Where where) : source_{std::move(db), table, std::move(where)} {}

    template <sql::ConditionType C>
    auto where(C condition) && {
        static_assert(std::is_same_v<typename C::row, Row>, "where: the condition speaks of another table");
        static_assert(C::template uses_index<T>,
                      "where: no index of the table helps with this condition: add one, or write "
                      "unindexed(\"why\", condition)");
        static_assert(std::is_same_v<Where, sql::Everything<Row>>,
                      "where is said once: join conditions with &&");
        Select<T, C, Order, Hint, Relations...> next(std::move(source_.db), source_.table,
                                                     std::move(condition));
        return std::move(*this).bounds_to(std::move(next));
    }
    /// In this order; equal rows in any.
    template <class... Orderings>
    auto order_by(Orderings...) && {
        static_assert((std::is_same_v<typename Orderings::row, Row> && ...),
                      "order_by: a column of another table");
        return std::move(*this).template become<OrderBy<Orderings...>, Hint, Relations...>();
    }
    template <auto const&... More>
    auto with() && {
        return std::move(*this).template become<Order, Hint, Relations..., More...>();
    }
    /// Reads the table by the index of these columns, which it has, whatever the planner thinks of it:
    /// SQLite's INDEXED BY. PostgreSQL has no hints: there it does nothing, and the log says so once.
    template <auto... Columns>
    auto hint() && {
        static_assert(sql::index_place<T, Columns...>() < T::parts,
                      "hint: the table has no index of exactly these columns in this order");
        return std::move(*this).template become<Order, sql::Index<Columns...>, Relations...>();
    }
    Select limit(std::int64_t rows) && {
        limit_ = rows;
        return std::move(*this);
    }
    Select offset(std::int64_t rows) && {
        offset_ = rows;
        return std::move(*this);
    }

    /// Throws StatementError beyond most_rows (10,000), unless limit() was said.
    Async<std::vector<Item>> all() && { return fetch(std::move(*this)); }
    Async<std::optional<Item>> first() && {
        limit_ = 1;
        return fetch_first(std::move(*this), false);
    }
    /// The only one, or nothing; throws StatementError when there are several.
    Async<std::optional<Item>> one() && {
        limit_ = 2;
        return fetch_first(std::move(*this), true);
    }
    /// Calls `body(Item)`, or `body(std::vector<Item>)` with up to `batch` at once, for all rows in the order
    /// of their ids, and gives how many there were. Each batch is a statement of its own, behind the last id
    /// of the one before: rows that are written meanwhile are seen or not, none is seen twice. `body` gives
    /// void or Async<void> and may have captures.
    template <class Body>
    Async<std::uint64_t> each(Body body, std::int64_t batch = 500) && {
        static_assert(std::is_void_v<Order>, "each goes in the order of the ids: leave order_by out");
        return go_through(std::move(*this), std::move(body), batch);
    }

    // Of all rows that the condition names, without regard to order, limit and offset.

    Async<std::uint64_t> count() && { return fetch_count(std::move(*this)); }
    Async<bool> exists() && { return fetch_exists(std::move(*this)); }
    template <auto Column>
    Async<std::uint64_t> count_distinct() && {
        return value_of<sql::CountDistinct<Column>, std::uint64_t>(std::move(source_));
    }
    template <auto Column>
    Async<typename sql::Sum<Column>::value> sum() && {
        return value_of<sql::Sum<Column>, typename sql::Sum<Column>::value>(std::move(source_));
    }
    template <auto Column>
    Async<std::optional<double>> avg() && {
        return value_of<sql::Avg<Column>, std::optional<double>>(std::move(source_));
    }
    template <auto Column>
    Async<std::optional<sql::unwrapped<sql::column_type<Column>>>> min() && {
        using Aggregate = sql::Extreme<Column, false>;
        return value_of<Aggregate, std::optional<typename Aggregate::value>>(std::move(source_));
    }
    template <auto Column>
    Async<std::optional<sql::unwrapped<sql::column_type<Column>>>> max() && {
        using Aggregate = sql::Extreme<Column, true>;
        return value_of<Aggregate, std::optional<typename Aggregate::value>>(std::move(source_));
    }

    /// The different values of a column, in their order.
    template <auto Column>
    Async<std::vector<sql::column_type<Column>>> distinct() && {
        static_assert(std::is_same_v<sql::column_row<Column>, Row>, "distinct: a column of another table");
        return fetch_distinct<Column>(std::move(source_));
    }
    /// Goes on with .having(…) and .into<S>(…).
    template <auto... Columns>
    auto group_by() && {
        static_assert(sizeof...(Columns) > 0, "group_by names columns");
        static_assert((std::is_same_v<sql::column_row<Columns>, Row> && ...),
                      "group_by: a column of another table");
        return Grouped<T, Where, sql::Index<Columns...>, sql::Everything<Row>>(std::move(source_), {});
    }
    /// With aggregates: one struct of them, for all rows. Without: a struct for each row, whose fields are
    /// columns by their names.
    template <class S, class... Aggregates>
    auto into(Aggregates...) && {
        return StructSelect<S, T, Where, sql::Index<>, sql::Everything<Row>, sql::Index<>, Aggregates...>(
            std::move(source_), {});
    }

    // For whoever keeps results: of which database, and what all() and count() ask it.

    const Db& db() const noexcept { return source_.db; }
    Query query() const {
        Query query{.statement = &statement(source_.table)};
        source_.where.bind_to(query.values);
        query.values.add_integer(rows_to_ask_for(limit_));
        query.values.add_integer(offset_);
        return query;
    }
    Query count_query() const {
        Query query{.statement = &count_statement(source_.table)};
        source_.where.bind_to(query.values);
        return query;
    }

private:
    template <class, class, class, class, auto const&...>
    friend class Select;

    template <class Next>
    Next bounds_to(Next next) && {
        next.limit_ = limit_;
        next.offset_ = offset_;
        return next;
    }
    template <class NextOrder, class NextHint, auto const&... NextRelations>
    auto become() && {
        Select<T, Where, NextOrder, NextHint, NextRelations...> next(std::move(source_.db), source_.table,
                                                                     std::move(source_.where));
        return std::move(*this).bounds_to(std::move(next));
    }

    // Coroutines that own what they work on.
    static Async<std::vector<Item>> fetch(Select self) {
        RowsSink<Item> sink;
        Query query = self.query();
        query.sink = &sink;
        self.note();
        co_await self.source_.db.read({&query, 1});
        check_rows(sink.values.size(), self.limit_, query.statement->name());
        if constexpr (sql::has_to_many(sql::RelationList<Relations...>{})) {
            co_await self.source_.db.template load_children<Row, Relations...>(sink.values);
        }
        co_return std::move(sink.values);
    }
    static Async<std::optional<Item>> fetch_first(Select self, bool only) {
        const auto& of = statement(self.source_.table);
        auto rows = co_await fetch(std::move(self));
        if (only && rows.size() > 1) {
            throw_several(of.name());
        }
        std::optional<Item> found;
        if (!rows.empty()) {
            found = std::move(rows.front());
        }
        co_return found;
    }
    template <class Body>
    static Async<std::uint64_t> go_through(Select self, Body body, std::int64_t batch) {
        std::uint64_t seen = 0;
        std::int64_t last = INT64_MIN;
        std::int64_t left = self.limit_.value_or(INT64_MAX);
        self.note();
        for (bool more = true; more;) {
            RowsSink<Item> sink;
            Query query{.statement = &batch_statement(self.source_.table), .sink = &sink};
            self.source_.where.bind_to(query.values);
            query.values.add_integer(last);
            query.values.add_integer(std::min(batch, left));
            co_await self.source_.db.read({&query, 1});
            auto& rows = sink.values;
            if (rows.empty()) {
                break;
            }
            last = id_of(rows.back());
            left -= static_cast<std::int64_t>(rows.size());
            seen += rows.size();
            more = rows.size() == static_cast<std::size_t>(batch) && left > 0;
            if constexpr (sql::has_to_many(sql::RelationList<Relations...>{})) {
                co_await self.source_.db.template load_children<Row, Relations...>(rows);
            }
            if constexpr (std::is_invocable_v<Body&, std::vector<Item>>) {
                co_await call(body, std::move(rows));
            } else {
                for (Item& row : rows) {
                    co_await call(body, std::move(row));
                }
            }
        }
        co_return seen;
    }
    template <class Body, class Argument>
    static Async<void> call(Body& body, Argument argument) {
        if constexpr (std::is_void_v<std::invoke_result_t<Body&, Argument>>) {
            body(std::move(argument));
            co_return;
        } else {
            co_await body(std::move(argument));
        }
    }
    static std::int64_t id_of(const Row& row) { return row.id.value; }
    template <auto const&... R>
    static std::int64_t id_of(const sql::With<Row, R...>& item) {
        return item.row.id.value;
    }
    static Async<std::uint64_t> fetch_count(Select self) {
        CountSink sink;
        Query query = self.count_query();
        query.sink = &sink;
        self.note();
        co_await self.source_.db.read({&query, 1});
        co_return static_cast<std::uint64_t>(sink.value);
    }
    static Async<bool> fetch_exists(Select self) {
        Query query{.statement = &exists_statement(self.source_.table)};
        self.source_.where.bind_to(query.values);
        co_await self.source_.db.read({&query, 1});
        co_return query.rows != 0;
    }
    template <class Aggregate, class Value>
    static Async<Value> value_of(Source<T, Where> source) {
        static_assert(sql::detail::same_row<typename Aggregate::row, Row>, "a column of another table");
        ValueSink<Value> sink;
        static const sql::Statement of =
            sql::make_statement({.type = sql::StatementType::select,
                                 .name = sql::statement_name(source.table.name, "aggregate"),
                                 .reads = {std::string(source.table.name)}},
                                [&](sql::StatementText& text) {
                                    Aggregate::write(text << "SELECT ");
                                    (text << " FROM ").name(source.table.name) << " AS t";
                                    sql::write_where<Where>(text);
                                });
        Query query{.statement = &of, .sink = &sink};
        source.where.bind_to(query.values);
        co_await source.db.read({&query, 1});
        co_return std::move(sink.values.front());
    }
    template <auto Column>
    static Async<std::vector<sql::column_type<Column>>> fetch_distinct(Source<T, Where> source) {
        ValueSink<sql::column_type<Column>> sink;
        static const sql::Statement of =
            sql::make_statement({.type = sql::StatementType::select,
                                 .name = sql::statement_name(source.table.name, "distinct"),
                                 .reads = {std::string(source.table.name)}},
                                [&](sql::StatementText& text) {
                                    (text << "SELECT DISTINCT ").column("t", sql::column_name<Column>);
                                    (text << " FROM ").name(source.table.name) << " AS t";
                                    sql::write_where<Where>(text);
                                    text << " ORDER BY ";
                                    sql::Ordering<Column, false>::write(text);
                                    text << " LIMIT ";
                                    text.parameter();
                                });
        Query query{.statement = &of, .sink = &sink};
        source.where.bind_to(query.values);
        query.values.add_integer(rows_to_ask_for(std::nullopt));
        co_await source.db.read({&query, 1});
        check_rows(sink.values.size(), std::nullopt, of.name());
        co_return std::move(sink.values);
    }

    static void write_rows(sql::StatementText& text, const T& table) {
        sql::write_select<T, Relations...>(text, table, hinted(table));
        sql::write_where<Where>(text);
    }
    static std::string_view hinted(const T& table) {
        if constexpr (std::is_void_v<Hint>) {
            return {};
        } else {
            return []<auto... Columns>(const T& its_table, sql::Index<Columns...>) {
                return its_table.part_names[sql::index_place<T, Columns...>()];
            }(table, Hint{});
        }
    }
    void note() const {
        if constexpr (!std::is_void_v<Hint>) {
            if (source_.db.dialect() == sql::Dialect::postgresql) {
                [[maybe_unused]] static const bool said = (note_hint(hinted(source_.table)), true);
            }
        }
    }
    static const sql::Statement& statement(const T& table) {
        static const sql::Statement made =
            sql::make_statement({.type = sql::StatementType::select,
                                 .name = sql::statement_name(table.name, "select"),
                                 .reads = sql::tables_read<T, Relations...>(table)},
                                [&](sql::StatementText& text) {
                                    write_rows(text, table);
                                    if constexpr (!std::is_void_v<Order>) {
                                        Order::write(text);
                                    }
                                    (text << " LIMIT ").parameter() << " OFFSET ";
                                    text.parameter();
                                });
        sql::expect_one_table(table);
        return made;
    }
    static const sql::Statement& batch_statement(const T& table) {
        static const sql::Statement made = sql::make_statement(
            {.type = sql::StatementType::select,
             .name = sql::statement_name(table.name, "batch"),
             .reads = sql::tables_read<T, Relations...>(table)},
            [&](sql::StatementText& text) {
                write_rows(text, table);
                text << (std::is_same_v<Where, sql::Everything<Row>> ? " WHERE " : " AND ");
                (text << "t.\"id\" > ").parameter() << " ORDER BY t.\"id\" LIMIT ";
                text.parameter();
            });
        sql::expect_one_table(table);
        return made;
    }
    static const sql::Statement& count_statement(const T& table) {
        static const sql::Statement made =
            sql::make_statement({.type = sql::StatementType::select,
                                 .name = sql::statement_name(table.name, "count"),
                                 .reads = {std::string(table.name)}},
                                [&](sql::StatementText& text) {
                                    text << "SELECT count(*)";
                                    sql::write_from(text, table.name, hinted(table));
                                    sql::write_where<Where>(text);
                                });
        sql::expect_one_table(table);
        return made;
    }
    static const sql::Statement& exists_statement(const T& table) {
        static const sql::Statement made =
            sql::make_statement({.type = sql::StatementType::select,
                                 .name = sql::statement_name(table.name, "exists"),
                                 .reads = {std::string(table.name)}},
                                [&](sql::StatementText& text) {
                                    text << "SELECT 1";
                                    sql::write_from(text, table.name, {});
                                    sql::write_where<Where>(text);
                                    text << " LIMIT 1";
                                });
        sql::expect_one_table(table);
        return made;
    }

    Source<T, Where> source_;
    std::optional<std::int64_t> limit_;
    std::int64_t offset_ = 0;
};

template <class T>
Select<T, sql::Everything<typename T::row>, void, void> Db::select(T table) const {
    return {*this, table, sql::Everything<typename T::row>{}};
}

}  // namespace brio::db
