// The typed half of Db: statements of types, values and sinks around Db::read() and Db::write().
#pragma once
#include <algorithm>
#include <unordered_map>

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

template <class T>
Async<std::optional<typename T::row>> Db::find(this Db self, T table, Id<typename T::row> id) {
    RowSink<typename T::row> sink;
    Query query{.statement = &sql::find_statement(table), .sink = &sink};
    query.values.add_integer(id.value);
    co_await self.read({&query, 1});
    co_return std::move(sink.value);
}

template <auto const&... Relations, class T>
Async<std::optional<sql::With<typename T::row, Relations...>>> Db::find_with(this Db self, T table,
                                                                             Id<typename T::row> id) {
    WithSink<typename T::row, Relations...> sink;
    Query query{.statement = &sql::find_statement<T, Relations...>(table), .sink = &sink};
    query.values.add_integer(id.value);
    co_await self.read({&query, 1});
    co_await self.template load_children<typename T::row, Relations...>(sink.values);
    std::optional<sql::With<typename T::row, Relations...>> found;
    if (!sink.values.empty()) {
        found = std::move(sink.values.front());
    }
    co_return found;
}

namespace detail {

/// Keys in one statement at most.
inline constexpr std::size_t most_keys = 500;

template <auto const& Relation, class Row, auto const&... Relations>
Async<void> load_one_relation(Db db, std::vector<sql::With<Row, Relations...>>& rows) {
    using R = sql::relation_type<Relation>;
    constexpr std::size_t at = sql::detail::relation_index<Relation, Relations...>();
    for (std::size_t first = 0; first < rows.size(); first += most_keys) {
        const std::size_t count = std::min(most_keys, rows.size() - first);
        std::unordered_map<std::int64_t, std::size_t> places;
        Buffer keys;
        keys.push_back('[');
        for (std::size_t i = first; i < first + count; ++i) {
            places.emplace(rows[i].row.id.value, i);
            keys.append(i == first ? "" : ",");
            append_integer(keys, rows[i].row.id.value);
        }
        keys.push_back(']');
        ChildrenSink<typename R::row> sink;
        Query query{.statement = &sql::children_statement<Relation>(), .sink = &sink};
        query.values.add_bytes(keys.view(), sql::ValueKind::list);
        co_await db.read({&query, 1});
        for (auto& [key, child] : sink.values) {
            std::get<at>(rows[places.at(key)].related).push_back(std::move(child));
        }
    }
}

}  // namespace detail

template <class Row, auto const&... Relations>
Async<void> Db::load_children(this Db self, std::vector<sql::With<Row, Relations...>>& rows) {
    auto load = [&]<auto const & Relation>() -> Async<void> {
        if constexpr (sql::relation_type<Relation>::many) {
            return detail::load_one_relation<Relation, Row, Relations...>(self, rows);
        } else {
            return {};
        }
    };
    std::array<Async<void>, sizeof...(Relations)> loads { load.template operator()<Relations>()... };
    for (auto& each : loads) {
        if (each && !rows.empty()) {
            co_await std::move(each);
        }
    }
}

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

template <class T, class New>
Async<std::uint64_t> Db::insert_many(this Db self, T table, std::vector<New> given) {
    auto job = std::make_shared<WriteJob>();
    job->queries.reserve(given.size());
    for (const New& each : given) {
        const auto row = sql::make_row<T>(each, detail::now());
        Query& query = job->queries.emplace_back(Query{.statement = &sql::insert_statement(table)});
        detail::bind_all_but_id(query.values, row);
    }
    if (!given.empty()) {
        co_await self.write(job);
    }
    co_return given.size();
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

template <class T>
Async<bool> Db::exists(this Db self, T table, Id<typename T::row> id) {
    const auto found = co_await self.find(table, id);
    co_return found.has_value();
}

template <auto const& Spec>
Async<Page<typename List<Spec>::row>> Db::page(this Db self, List<Spec> request) {
    PageQuery query = make_page_query<Spec>(request);
    co_await self.read_page(query);
    co_return Page<typename List<Spec>::row>(std::move(query.result));
}

template <auto const&... Relations, auto const& Spec>
Async<Page<sql::With<typename List<Spec>::row, Relations...>>> Db::page_with(this Db self,
                                                                             List<Spec> request) {
    PageQuery query = make_page_query<Spec, Relations...>(request);
    co_await self.read_page(query);
    co_return Page<sql::With<typename List<Spec>::row, Relations...>>(std::move(query.result));
}

template <class Body>
auto Db::transaction(this Db self, Body body, TransactionOptions options) -> std::invoke_result_t<Body&, Db> {
    using Result = typename std::invoke_result_t<Body&, Db>::value_type;
    const auto own = self.transaction_ == nullptr ? co_await self.begin(options) : nullptr;
    const Db inside(*self.database_, own != nullptr ? own : self.transaction_);
    if constexpr (std::is_void_v<Result>) {
        co_await body(inside);
        if (own != nullptr) {
            co_await own->commit();
        }
    } else {
        auto result = co_await body(inside);
        if (own != nullptr) {
            co_await own->commit();
        }
        co_return result;
    }
}

template <class Row, class... Arguments>
Async<std::vector<Row>> Db::query(this Db self, Reads tables, std::string_view text, Arguments... arguments) {
    NamedRowsSink<Row> sink;
    Query query{.statement = &self.raw(text, tables.tables, {}), .sink = &sink};
    (sql::bind(query.values, arguments), ...);
    co_await self.read({&query, 1});
    co_return std::move(sink.values);
}

template <class... Arguments>
Async<std::uint64_t> Db::execute(this Db self, Writes tables, std::string_view text, Arguments... arguments) {
    auto job = std::make_shared<WriteJob>();
    Query& query = job->queries.emplace_back(Query{.statement = &self.raw(text, {}, tables.tables)});
    (sql::bind(query.values, arguments), ...);
    co_await self.write(job);
    co_return job->queries.front().changes;
}

}  // namespace brio::db
