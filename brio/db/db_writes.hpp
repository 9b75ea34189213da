// The typed half of Db: rows inserted, changed and erased.
#pragma once
#include <brio/base/clock.hpp>
#include <brio/db/db.hpp>

namespace brio::db {

namespace detail {

inline Timestamp now() noexcept { return Timestamp(wall_now()); }

template <class Row>
void bind_all_but_id(sql::Values& values, const Row& row) {
    reflect::for_each_field(row, [&](auto index, std::string_view, const auto& field) {
        if constexpr (index != sql::id_index<Row>) {
            sql::bind(values, field);
        }
    });
}

}  // namespace detail

template <class T, class New>
Async<typename T::row> Db::insert(this Db self, T table, New given) {
    auto row = sql::make_row<T>(given, detail::now());
    auto job = std::make_shared<WriteJob>();
    Query& query = job->queries.emplace_back(Query{.statement = &sql::insert_statement(table)});
    detail::bind_all_but_id(query.values, row);
    co_await self.write(job);
    row.id = Id<typename T::row>(job->queries.front().inserted_id);
    co_return row;
}

namespace detail {

/// An insert for each; `keep(row)` sees what is stored.
template <class T, class New, class Keep>
std::shared_ptr<WriteJob> insert_job(const T& table, const std::vector<New>& given, Keep keep) {
    auto job = std::make_shared<WriteJob>();
    job->queries.reserve(given.size());
    const Timestamp at = now();
    for (const New& each : given) {
        auto row = sql::make_row<T>(each, at);
        Query& query = job->queries.emplace_back(Query{.statement = &sql::insert_statement(table)});
        bind_all_but_id(query.values, row);
        keep(std::move(row));
    }
    return job;
}

}  // namespace detail

template <class T, class New>
Async<std::uint64_t> Db::insert_many(this Db self, T table, std::vector<New> given) {
    if (!given.empty()) {
        co_await self.write(detail::insert_job(table, given, [](const auto&) {}));
    }
    co_return given.size();
}

template <class T, class New>
Async<std::vector<typename T::row>> Db::insert_rows(this Db self, T table, std::vector<New> given) {
    std::vector<typename T::row> rows;
    if (!given.empty()) {
        rows.reserve(given.size());
        const auto job =
            detail::insert_job(table, given, [&](auto&& row) { rows.push_back(std::move(row)); });
        co_await self.write(job);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            rows[i].id = Id<typename T::row>(job->queries[i].inserted_id);
        }
    }
    co_return rows;
}

template <auto... Unique, class T, class New, auto... Columns>
Async<typename T::row> Db::upsert(this Db self, T table, New given, sql::Changing<Columns...>) {
    using Row = typename T::row;
    static_assert(sql::is_unique<T, Unique...>,
                  "upsert: no unique index of the table has exactly these columns: add .unique<…>(…) to it");
    static_assert(((reflect::field_index<New>(sql::column_name<Unique>) < reflect::field_count<New>) && ...),
                  "upsert: the struct that is inserted lacks a column of the unique index");
    static_assert(((reflect::field_index<New>(sql::column_name<Columns>) < reflect::field_count<New>) && ...),
                  "upsert: changing<…> names a column that the struct does not give");
    auto changed = sql::changed_columns<Row>(given) & ~sql::detail::bits_of<Unique...>;
    if constexpr (sizeof...(Columns) != 0) {
        changed &= sql::detail::bits_of<Columns...>;
    }
    auto job = std::make_shared<RowWrite<Row>>();
    Query& query = job->queries.emplace_back(
        Query{.statement = &sql::upsert_statement<Unique...>(table, changed), .sink = &job->sink});
    detail::bind_all_but_id(query.values, sql::make_row<T>(given, detail::now()));
    co_await self.write(job);
    expect(job->sink.value.has_value(), "an upsert gives its row");
    co_return std::move(*job->sink.value);
}

template <auto... Unique, class T, class New>
Async<typename T::row> Db::upsert(this Db self, T table, New given) {
    return self.template upsert<Unique...>(table, std::move(given), sql::Changing<>{});
}

template <class T, class Patch>
Async<std::optional<typename T::row>> Db::update(this Db self, T table, Id<typename T::row> id, Patch patch) {
    auto updated = co_await self.update(table, id, std::move(patch), std::nullopt);
    std::optional<typename T::row> row;
    if (updated) {
        row = std::move(*updated);
    }
    co_return row;
}

template <class T, class Patch>
Async<std::expected<typename T::row, NotChanged>> Db::update(this Db self, T table, Id<typename T::row> id,
                                                             Patch patch, std::optional<Version> expected) {
    using Row = typename T::row;
    using Outcome = std::expected<Row, NotChanged>;
    const std::uint64_t changed = sql::changed_columns<Row>(patch);
    auto job = std::make_shared<RowWrite<Row>>();
    Query& query = job->queries.emplace_back(
        Query{.statement = &sql::update_statement(table, changed, expected.has_value()), .sink = &job->sink});
    sql::bind_patch<Row>(query.values, patch);
    sql::bind_updated_at<T>(query.values, changed, detail::now());
    query.values.add_integer(id.value);
    if (expected) {
        expect(sql::has_version<Row>, "a version is only expected of rows with a field of type Version");
        query.values.add_integer(expected->value);
    }
    co_await self.write(job);
    if (job->sink.value) {
        co_return Outcome(std::move(*job->sink.value));
    }
    const bool conflict = expected && co_await self.exists(table, id);
    co_return Outcome(std::unexpected(conflict ? NotChanged::conflict : NotChanged::absent));
}

template <class T>
Async<bool> Db::erase(this Db self, T table, Id<typename T::row> id) {
    const auto erased = co_await self.erase(table, id, std::nullopt);
    co_return erased.has_value();
}

template <class T>
Async<std::expected<void, NotChanged>> Db::erase(this Db self, T table, Id<typename T::row> id,
                                                 std::optional<Version> expected) {
    using Outcome = std::expected<void, NotChanged>;
    auto job = std::make_shared<WriteJob>();
    Query& query =
        job->queries.emplace_back(Query{.statement = &sql::erase_statement(table, expected.has_value())});
    query.values.add_integer(id.value);
    if (expected) {
        expect(sql::has_version<typename T::row>,
               "a version is only expected of rows with a field of type Version");
        query.values.add_integer(expected->value);
    }
    co_await self.write(job);
    if (job->queries.front().changes != 0) {
        co_return Outcome();
    }
    const bool conflict = expected && co_await self.exists(table, id);
    co_return Outcome(std::unexpected(conflict ? NotChanged::conflict : NotChanged::absent));
}

namespace detail {

template <class T, class C>
consteval void check_where() {
    static_assert(std::is_same_v<typename C::row, typename T::row>, "the condition speaks of another table");
    static_assert(C::template uses_index<T>,
                  "no index of the table helps with this condition: add one, or write "
                  "unindexed(\"why\", condition)");
}

template <class T, class C, class Patch>
Query update_where_query(const T& table, const C& condition, const Patch& patch, bool returning) {
    using Row = typename T::row;
    check_where<T, C>();
    const std::uint64_t changed = sql::changed_columns<Row>(patch);
    Query query{.statement = &sql::update_where_statement<T, C>(table, changed, returning)};
    sql::bind_patch<Row>(query.values, patch);
    sql::bind_updated_at<T>(query.values, changed, now());
    condition.bind_to(query.values);
    return query;
}

template <class T, class C>
Query erase_where_query(const T& table, const C& condition, bool returning) {
    check_where<T, C>();
    Query query{.statement = &sql::erase_where_statement<T, C>(table, returning)};
    condition.bind_to(query.values);
    return query;
}

/// How many rows the one statement changed.
inline Async<std::uint64_t> write_one(Db db, Query query) {
    auto job = std::make_shared<WriteJob>();
    job->queries.push_back(std::move(query));
    co_await db.write(job);
    co_return job->queries.front().changes;
}

/// The rows that it changed.
template <class Row>
Async<std::vector<Row>> write_giving(Db db, Query query) {
    auto job = std::make_shared<RowsWrite<Row>>();
    query.sink = &job->sink;
    job->queries.push_back(std::move(query));
    co_await db.write(job);
    co_return std::move(job->sink.values);
}

}  // namespace detail

template <class T, sql::ConditionType C, class Patch>
Async<std::uint64_t> Db::update_where(this Db self, T table, C condition, Patch patch) {
    return detail::write_one(self, detail::update_where_query(table, condition, patch, false));
}
template <class T, sql::ConditionType C, class Patch>
Async<std::vector<typename T::row>> Db::update_rows(this Db self, T table, C condition, Patch patch) {
    using Row = typename T::row;
    return detail::write_giving<Row>(self, detail::update_where_query(table, condition, patch, true));
}
template <class T, sql::ConditionType C>
Async<std::uint64_t> Db::erase_where(this Db self, T table, C condition) {
    return detail::write_one(self, detail::erase_where_query(table, condition, false));
}
template <class T, sql::ConditionType C>
Async<std::vector<typename T::row>> Db::erase_rows(this Db self, T table, C condition) {
    return detail::write_giving<typename T::row>(self, detail::erase_where_query(table, condition, true));
}

}  // namespace brio::db
