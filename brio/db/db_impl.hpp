// The typed half of Db: statements of types, values and sinks around Db::read() and Db::write().
#pragma once
#include <algorithm>
#include <span>
#include <unordered_map>

#include <brio/base/clock.hpp>
#include <brio/db/db.hpp>
#include <brio/db/json_children.hpp>

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
    RowsSink<sql::With<typename T::row, Relations...>> sink;
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

template <class Item>
Async<void> load_related(Db db, std::vector<Item*> items);

/// To-many: one statement for each 500 keys, and what belongs to their rows. To-one: what belongs to the row.
template <auto const& Relation, std::size_t At, class Item>
Async<void> load_relation(Db db, const std::vector<Item*>& items) {
    using R = sql::relation_type<Relation>;
    using Child = typename R::item;
    std::vector<Child*> children;
    if constexpr (R::many) {
        std::unordered_multimap<std::int64_t, Item*> holders;
        std::vector<std::int64_t> keys;
        for (Item* item : items) {
            if (!holders.contains(item->row.id.value)) {
                keys.push_back(item->row.id.value);
            }
            holders.emplace(item->row.id.value, item);
        }
        for (std::size_t first = 0; first < keys.size(); first += most_keys) {
            ChildrenSink<Child> sink;
            const auto some = std::span(keys).subspan(first, std::min(most_keys, keys.size() - first));
            Query query{
                .statement = &sql::children_statement<Relation>(), .values = key_list(some), .sink = &sink};
            co_await db.read({&query, 1});
            for (const auto& [key, child] : sink.values) {
                for (auto [at, end] = holders.equal_range(key); at != end; ++at) {
                    std::get<At>(at->second->related).push_back(child);
                }
            }
        }
        if constexpr (R::inner::size != 0) {
            for (Item* item : items) {
                for (Child& child : std::get<At>(item->related)) {
                    children.push_back(&child);
                }
            }
        }
    } else if constexpr (R::inner::size != 0) {
        for (Item* item : items) {
            auto& related = std::get<At>(item->related);
            if constexpr (!R::optional) {
                children.push_back(&related);
            } else if (related) {
                children.push_back(&*related);
            }
        }
    }
    if constexpr (R::inner::size != 0) {
        if (!children.empty()) {
            co_await load_related(db, std::move(children));
        }
    }
}

template <class Item>
struct RelationLoads;
template <class Row, auto const&... Relations>
struct RelationLoads<sql::With<Row, Relations...>> {
    using Item = sql::With<Row, Relations...>;
    static Async<void> run(Db db, std::vector<Item*> items) {
        return run(db, std::move(items), std::index_sequence_for<decltype(Relations)...>{});
    }

private:
    template <auto const& Relation>
    static constexpr bool has_statements =
        sql::relation_type<Relation>::many || sql::relation_type<Relation>::inner::size != 0;

    template <std::size_t... I>
    static Async<void> run(Db db, std::vector<Item*> items, std::index_sequence<I...>) {
        // One after the other: a Db is used by one coroutine at a time.
        static_cast<void>(items);
        auto each = [&]<auto const & Relation, std::size_t At>() -> Async<void> {
            if constexpr (has_statements<Relation>) {
                return load_relation<Relation, At>(db, items);
            } else {
                return {};
            }
        };
        std::array<Async<void>, sizeof...(Relations)> loads { each.template operator()<Relations, I>()... };
        for (auto& load : loads) {
            if (load) {
                co_await std::move(load);
            }
        }
    }
};

template <class Item>
Async<void> load_related(Db db, std::vector<Item*> items) {
    return RelationLoads<Item>::run(std::move(db), std::move(items));
}

}  // namespace detail

template <class Row, auto const&... Relations>
Async<void> Db::load_children(this Db self, std::vector<sql::With<Row, Relations...>>& rows) {
    std::vector<sql::With<Row, Relations...>*> items;
    items.reserve(rows.size());
    for (auto& row : rows) {
        items.push_back(&row);
    }
    if (!items.empty()) {
        co_await detail::load_related(self, std::move(items));
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
