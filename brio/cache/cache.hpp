// The cache as a handler or a task sees it: results of queries, and whatever else is made from them.
//
//     Async<Summary> show(Path<"id", Id<Resource>> id, Db db, Cache cache) {
//         auto resource = co_await cache.find(db, resources, id, 60s);
//         auto recent = co_await cache.all(db.select(resources).where(…).limit(10), {.ttl = 5min});
//         auto rates = co_await cache.get_or_set(Key::of("rates", day), {.ttl = 1h, .name = "rates"},
//                                                [outbound, day] { return fetch_rates(outbound, day); });
//
// A value is bound to the tables that making it read: a write to one of them ends it, before the write is
// acknowledged. What else it was made from only the time ends, a tag, or drop(). Of those who want the same
// at the same time one makes it, and the others wait. That there is none is remembered too, for a shorter
// time. What reads a cached value while it is cached itself is bound to the same tables.
//
// Within a transaction nothing is taken from the cache and nothing put there (get_or_set() needs the Db to
// know of it). Values are plain structs (codec.hpp) and are copied out. A Cache is a cheap handle, used on
// one loop; everything awaited here may throw what making the value throws, Cancelled, and Overloaded when
// too many wait.
#pragma once
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <brio/cache/cached_value.hpp>
#include <brio/cache/key.hpp>
#include <brio/db/database.hpp>

namespace brio::cache {

namespace detail {

/// What a query's result depends on beside the tables: the database, the statement, its values, and what is
/// made of its rows.
void write_query(KeyWriter& key, const db::Db& db, const db::Query& query);

template <class T>
Asked ask(Caches& caches, const db::Db& db, const db::Query& query, QueryOptions options) {
    Buffer bytes;
    KeyWriter key(bytes);
    write_query(key, db, query);
    key.word('#', type_fingerprint<T>());
    return {&caches, &caches.queries().subject_of(*query.statement), Key(std::string(bytes.view())),
            std::move(options)};
}

}  // namespace detail

class Cache {
public:
    explicit Cache(Caches& caches) noexcept : caches_(&caches) {}

    template <class T>
    Async<std::optional<typename T::row>> find(db::Db db, T table, Id<typename T::row> id,
                                               QueryOptions options) const {
        db::Query query{.statement = &sql::find_statement(table)};
        query.values.add_integer(id.value);
        return cached<std::optional<typename T::row>>(db, query, std::move(options),
                                                      [db, table, id] { return db.find(table, id); });
    }
    /// The row with what it is related to.
    template <auto const&... Relations, class T>
    Async<std::optional<sql::With<typename T::row, Relations...>>> find_with(db::Db db, T table,
                                                                             Id<typename T::row> id,
                                                                             QueryOptions options) const {
        db::Query query{.statement = &sql::find_statement<T, Relations...>(table)};
        query.values.add_integer(id.value);
        return cached<std::optional<sql::With<typename T::row, Relations...>>>(
            db, query, std::move(options),
            [db, table, id] { return db.template find_with<Relations...>(table, id); });
    }
    /// `find_by<&User::email>(db, users, 60s, email)`: by the columns of a unique index.
    template <auto... Columns, class T, class... Values>
    Async<std::optional<typename T::row>> find_by(db::Db db, T table, QueryOptions options,
                                                  Values... values) const {
        const auto query = db.select(table).where((... && (sql::col<Columns> == values))).limit(2).query();
        return cached<std::optional<typename T::row>>(db, query, std::move(options), [db, table, values...] {
            return db.template find_by<Columns...>(table, values...);
        });
    }

    // Of any select, as .all(), .first() and .count() give it: `all(db.select(resources).where(…), 60s)`.

    template <class Select>
    Async<std::vector<typename Select::Item>> all(Select select, QueryOptions options) const {
        const auto query = select.query();
        return cached<std::vector<typename Select::Item>>(select.db(), query, std::move(options),
                                                          [select] { return Select(select).all(); });
    }
    template <class Select>
    Async<std::optional<typename Select::Item>> first(Select select, QueryOptions options) const {
        const auto query = Select(select).limit(1).query();
        return cached<std::optional<typename Select::Item>>(select.db(), query, std::move(options),
                                                            [select] { return Select(select).first(); });
    }
    template <class Select>
    Async<std::uint64_t> count(Select select, QueryOptions options) const {
        const auto query = select.count_query();
        return cached<std::uint64_t>(select.db(), query, std::move(options),
                                     [select] { return Select(select).count(); });
    }

    /// Anything else: `load()` gives an Async of the value, a plain struct, and is kept until then. What it
    /// reads by a Db binds the value too.
    template <class Load>
    std::invoke_result_t<Load&> get_or_set(Key key, QueryOptions options, Load load) const {
        using T = typename std::invoke_result_t<Load&>::value_type;
        static_assert(Coded<T>);
        const Subject& subject = caches_->queries().subject_of(options.name);
        return detail::cached_value<T>({caches_, &subject, own_key(key), std::move(options)},
                                       std::move(load));
    }
    /// The same where `db` may be a transaction's, which the cache cannot see otherwise: then it is not used.
    template <class Load>
    std::invoke_result_t<Load&> get_or_set(const db::Db& db, Key key, QueryOptions options, Load load) const {
        return db.in_transaction() ? directly(std::move(load))
                                   : get_or_set(std::move(key), std::move(options), std::move(load));
    }
    /// Ends the value of get_or_set() under that key, with the processes that share it too, which hear of it
    /// soon. False when there was none in this process.
    bool drop(const Key& key) const { return caches_->drop(own_key(key)) != 0; }
    /// The same for all that has the tag, cached answers too; gives how many items of this process went.
    std::uint64_t clear_tag(std::string_view tag) const { return caches_->clear_tag(tag); }

    Caches& caches() const noexcept { return *caches_; }
    /// How a key of the program's own is kept: never as that of a query or a route.
    static Key own_key(const Key& key);

    // With nothing but a time.

    template <class T>
    Async<std::optional<typename T::row>> find(db::Db db, T table, Id<typename T::row> id,
                                               std::chrono::nanoseconds ttl) const {
        return find(std::move(db), table, id, QueryOptions{.ttl = ttl});
    }
    template <auto const&... Relations, class T>
    Async<std::optional<sql::With<typename T::row, Relations...>>> find_with(
        db::Db db, T table, Id<typename T::row> id, std::chrono::nanoseconds ttl) const {
        return find_with<Relations...>(std::move(db), table, id, QueryOptions{.ttl = ttl});
    }
    template <auto... Columns, class T, class... Values>
    Async<std::optional<typename T::row>> find_by(db::Db db, T table, std::chrono::nanoseconds ttl,
                                                  Values... values) const {
        return find_by<Columns...>(std::move(db), table, QueryOptions{.ttl = ttl}, std::move(values)...);
    }
    template <class Select>
    Async<std::vector<typename Select::Item>> all(Select select, std::chrono::nanoseconds ttl) const {
        return all(std::move(select), QueryOptions{.ttl = ttl});
    }
    template <class Select>
    Async<std::optional<typename Select::Item>> first(Select select, std::chrono::nanoseconds ttl) const {
        return first(std::move(select), QueryOptions{.ttl = ttl});
    }
    template <class Select>
    Async<std::uint64_t> count(Select select, std::chrono::nanoseconds ttl) const {
        return count(std::move(select), QueryOptions{.ttl = ttl});
    }
    template <class Load>
    std::invoke_result_t<Load&> get_or_set(Key key, std::chrono::nanoseconds ttl, Load load) const {
        return get_or_set(std::move(key), QueryOptions{.ttl = ttl}, std::move(load));
    }
    template <class Load>
    std::invoke_result_t<Load&> get_or_set(const db::Db& db, Key key, std::chrono::nanoseconds ttl,
                                           Load load) const {
        return get_or_set(db, std::move(key), QueryOptions{.ttl = ttl}, std::move(load));
    }

private:
    /// A coroutine, so that `load` lives as long as what it has started.
    template <class Load>
    static std::invoke_result_t<Load&> directly(Load load) {
        co_return co_await load();
    }
    template <class T, class Load>
    Async<T> cached(const db::Db& db, const db::Query& query, QueryOptions options, Load load) const {
        static_assert(Coded<T>);
        return db.in_transaction()
                   ? load()
                   : detail::cached_value<T>(detail::ask<T>(*caches_, db, query, std::move(options)),
                                             std::move(load));
    }

    Caches* caches_;
};

}  // namespace brio::cache

namespace brio {
using cache::Cache;
using cache::Key;
using cache::QueryOptions;
}  // namespace brio
