// What rows are related to, loaded into their With<…>. Internal.
//
// To-one relations came with the rows. Each to-many relation is one statement for all rows (one more for each
// 500 keys beyond 500), and so on for the rows that it gives.
#pragma once
#include <algorithm>
#include <array>
#include <span>
#include <unordered_map>
#include <vector>

#include <brio/db/db.hpp>
#include <brio/db/json_children.hpp>
#include <brio/ledger/ledger.hpp>

namespace brio::db {

namespace detail {

template <class Item>
Async<void> load_related(Db db, std::vector<Item*> items);

/// To-many: one statement for each 500 keys, and what belongs to their rows. To-one: what belongs to the row.
template <auto const& Relation, std::size_t At, class Item>
Async<void> load_relation(Db db, const std::vector<Item*>& items) {
    using R = sql::relation_type<Relation>;
    using Child = typename R::item;
    std::vector<Child*> children;
    auto& work = co_await runtime::current_work;
    const ledger::PhaseScope decoding(work.ledger, ledger::Phase::decode);
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
        if constexpr (sql::has_to_many(typename R::inner{})) {
            for (Item* item : items) {
                for (Child& child : std::get<At>(item->related)) {
                    children.push_back(&child);
                }
            }
        }
    } else if constexpr (sql::has_to_many(typename R::inner{})) {
        for (Item* item : items) {
            auto& related = std::get<At>(item->related);
            if constexpr (!R::optional) {
                children.push_back(&related);
            } else if (related) {
                children.push_back(&*related);
            }
        }
    }
    if constexpr (sql::has_to_many(typename R::inner{})) {
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
    template <std::size_t... I>
    static Async<void> run(Db db, std::vector<Item*> items, std::index_sequence<I...>) {
        static_cast<void>(items);
        auto each = [&]<auto const & Relation, std::size_t At>() -> Async<void> {
            if constexpr (sql::has_to_many(sql::RelationList<Relation>{})) {
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

}  // namespace brio::db
