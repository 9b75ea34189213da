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
// Within a transaction nothing is taken from the cache and nothing put there. Values are plain structs
// (codec.hpp) and are copied out. A Cache is a cheap handle, used on one loop; everything awaited here may
// throw what making the value throws, Cancelled, and Overloaded when too many wait.
#pragma once
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <brio/cache/codec.hpp>
#include <brio/cache/footprint.hpp>
#include <brio/cache/key.hpp>
#include <brio/cache/query_run.hpp>
#include <brio/cache/recorded.hpp>
#include <brio/db/database.hpp>

namespace brio::cache {

namespace detail {

template <class T>
inline constexpr char type_tag = 0;  // its address names the type

template <class T>
struct ValueItem final : Valued {
    T value;
};

template <class T>
const T& value_of(const Item& item) {
    return static_cast<const ValueItem<T>&>(item).value;
}

template <class T>
bool is_negative(const T&) {
    return false;
}
template <class T>
bool is_negative(const std::optional<T>& value) {
    return !value;
}

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

/// What other processes have made of it, if that is good.
template <class T>
Async<std::optional<T>> from_shared(QueryFill& filling) {
    auto found = co_await filling.ask_shared(type_fingerprint<T>());
    std::optional<T> value;
    if (found) {
        value = decode<T>(found->envelope.payload);
    }
    if (value) {
        auto item = std::make_shared<ValueItem<T>>();
        item->value = *value;
        const std::size_t heap = sizeof *item + heap_bytes(item->value);
        if (!filling.found(std::move(item), heap, std::move(*found))) {
            value.reset();
        }
    }
    co_return value;
}

/// Finds the value with other processes, or makes it; and keeps it.
template <class T, class Load>
Async<T> fill(QueryRun& run, std::optional<Flights::Lead> lead, Load& load) {
    QueryFill filling(run, std::move(lead));
    if (run.is_shared()) {
        if (auto value = co_await from_shared<T>(filling)) {
            co_return std::move(*value);
        }
    }
    run.miss();
    co_await filling.begin();
    std::optional<T> value;
    try {
        value.emplace(co_await recorded(filling.read(), load()));
    } catch (const runtime::Cancelled&) {
        throw;  // of this one's own work: another goes on
    } catch (...) {
        filling.failed();
        throw;
    }
    auto item = std::make_shared<ValueItem<T>>();
    item->value = *value;
    const std::size_t heap = sizeof *item + heap_bytes(item->value);
    filling.made(std::move(item), heap, is_negative(*value));
    if (filling.is_for_sharing()) {
        Buffer payload;
        encode(payload, *value);
        filling.share(type_fingerprint<T>(), payload.view());
    }
    co_return std::move(*value);
}

/// For nobody but the cache.
template <class T, class Load>
Async<void> renew(Asked asked, Load load) {
    QueryRun run(asked, co_await runtime::current_work, &type_tag<T>);
    run.only_renews();
    auto boarding = run.board();
    if (boarding.lead) {
        try {
            co_await fill<T>(run, std::move(boarding.lead), load);
        } catch (const std::exception&) {
            run.renewal_failed();
        }
    }
}

/// Waits for who makes it already, or makes it.
template <class T, class Load>
Async<T> make_or_wait(QueryRun& run, Load& load) {
    constexpr int most_waits = 3;  // a value that is always out of date when it arrives is made for this one
    std::optional<Flights::Lead> lead;
    for (int waits = 0; !lead && waits < most_waits; ++waits) {
        auto boarding = run.board();
        lead = std::move(boarding.lead);
        if (lead) {
            break;
        }
        auto landing = co_await run.wait(boarding);
        if (landing.error) {
            run.miss();
            std::rethrow_exception(landing.error);
        }
        if (const auto item = run.take(landing.item)) {
            co_return value_of<T>(*item);
        }
        lead = std::move(landing.lead);
        if (!lead && landing.item == nullptr) {
            break;  // not to be shared
        }
    }
    if (lead) {  // another may have landed before this one began
        if (const auto item = run.look_again()) {
            lead->land(item);
            co_return value_of<T>(*item);
        }
    }
    co_return co_await fill<T>(run, std::move(lead), load);
}

template <class T, class Load>
Async<T> cached_value(Asked asked, Load load) {
    runtime::Work& work = co_await runtime::current_work;
    QueryRun run(asked, work, &type_tag<T>);
    if (run.is_off()) {
        run.bypass();
        co_return co_await load();
    }
    if (const auto item = run.look_up()) {
        if constexpr (std::is_copy_constructible_v<Load>) {
            if (run.needs_renewal()) {
                auto& renewals = asked.caches->queries().renewals();
                renewals.start(*work.loop, asked.subject->name(), renew<T>(asked, load));
            }
        }
        co_return value_of<T>(*item);
    }
    QueryRun::Shared instead;
    std::exception_ptr error;
    try {
        co_return co_await make_or_wait<T>(run, load);
    } catch (...) {
        error = std::current_exception();
        instead = run.instead();
    }
    if (instead == nullptr) {
        std::rethrow_exception(error);
    }
    co_return value_of<T>(*instead);
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

private:
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
