// Relations as constants, and a row together with what it is related to.
//
//     inline constexpr auto owner = belongs_to<&Resource::owner_id>(users, "owner");        // one join
//     inline constexpr auto owned = has_many<&Resource::owner_id>(resources, "resources");  // one select-in
//     inline constexpr auto teams_of =                                                      // one select-in
//         through<&Membership::user_id, &Membership::team_id>(memberships, teams, "teams");
//
// With<Resource, owner> is a Resource and its User. In JSON it is the row's object with one more member for
// each relation, of the name given here: an object (null without one, where the key is optional) or an array.
// Relations of what is related: With<Resource, nested<owner, teams_of>>, to any depth.
#pragma once
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <brio/sql/column.hpp>
#include <brio/sql/table.hpp>

namespace brio::sql {

template <auto const& R>
using relation_type = std::remove_cvref_t<decltype(R)>;
template <auto const&... Relations>
struct RelationList {
    static constexpr std::size_t size = sizeof...(Relations);
};

namespace detail {
template <class>
struct IdRow;
template <class Row>
struct IdRow<Id<Row>> {
    using row = Row;
};
}  // namespace detail

/// The row that the foreign key points at.
template <auto Key, class T>
struct BelongsTo {
    static constexpr auto key = Key;
    static constexpr bool many = false;
    static constexpr bool optional = unwrap<column_type<Key>>::optional;
    using table_type = T;
    using row = typename T::row;     // what it gives
    using parent = column_row<Key>;  // what it belongs to
    using item = row;
    using related = std::conditional_t<optional, std::optional<item>, item>;
    using inner = RelationList<>;
    T table;
    std::string_view name;
};

/// The rows whose foreign key points here, in the order of their ids.
template <auto Key, class T>
struct HasMany {
    static constexpr auto key = Key;
    static constexpr bool many = true;
    using table_type = T;
    using row = typename T::row;
    using parent = typename detail::IdRow<unwrapped<column_type<Key>>>::row;
    using item = row;
    using related = std::vector<item>;
    using inner = RelationList<>;
    T table;
    std::string_view name;
};

/// The rows of `table` that rows of the table `link` connect with: From points here, To there. In the order
/// of their ids; as often as they are connected.
template <auto From, auto To, class Link, class T>
struct Through {
    static constexpr auto key = From;
    static constexpr bool many = true;
    using table_type = T;
    using row = typename T::row;
    using parent = typename detail::IdRow<unwrapped<column_type<From>>>::row;
    using item = row;
    using related = std::vector<item>;
    using inner = RelationList<>;
    static constexpr auto link_to = To;
    Link link;
    T table;
    std::string_view name;
};

template <auto Key, class T>
constexpr BelongsTo<Key, T> belongs_to(T table, std::string_view name) {
    static_assert(std::is_same_v<unwrapped<column_type<Key>>, Id<typename T::row>>,
                  "belongs_to: the key is no Id of the table's rows");
    return {table, name};
}
template <auto Key, class T>
constexpr HasMany<Key, T> has_many(T table, std::string_view name) {
    static_assert(std::is_same_v<column_row<Key>, typename T::row>,
                  "has_many: the key is a field of another table's rows");
    static_assert(is_id<unwrapped<column_type<Key>>>, "has_many: the key is no Id");
    static_assert(is_indexed<Key, T>,
                  "has_many needs an index that starts with the foreign key: add it to the table");
    return {table, name};
}

template <auto From, auto To, class Link, class T>
constexpr Through<From, To, Link, T> through(Link link, T table, std::string_view name) {
    static_assert(std::is_same_v<column_row<From>, typename Link::row> &&
                      std::is_same_v<column_row<To>, typename Link::row>,
                  "through: the keys are fields of the linking table's rows");
    static_assert(is_id<unwrapped<column_type<From>>>, "through: the first key is no Id");
    static_assert(std::is_same_v<unwrapped<column_type<To>>, Id<typename T::row>>,
                  "through: the second key is no Id of the table's rows");
    static_assert(is_indexed<From, Link>,
                  "through needs an index of the linking table that starts with the first key");
    return {link, table, name};
}

template <class Row, auto const&... Relations>
struct With;

/// A relation together with relations of the rows that it gives.
template <auto const& R, auto const&... Inner>
struct Nested {
    using base = relation_type<R>;
    static_assert(base::inner::size == 0, "nested<…> begins with a plain relation");
    static constexpr const base& of = R;
    static constexpr auto key = base::key;
    static constexpr bool many = base::many;
    static constexpr bool optional = [] {
        if constexpr (base::many) {
            return false;
        } else {
            return base::optional;
        }
    }();
    using table_type = typename base::table_type;
    using row = typename base::row;
    using parent = typename base::parent;
    using item = With<row, Inner...>;
    using related =
        std::conditional_t<many, std::vector<item>, std::conditional_t<optional, std::optional<item>, item>>;
    using inner = RelationList<Inner...>;
    table_type table = R.table;
    std::string_view name = R.name;
};
/// One of them, or one within them, takes a statement of its own.
template <auto const&... Relations>
consteval bool has_to_many(RelationList<Relations...>) {
    return ((relation_type<Relations>::many || has_to_many(typename relation_type<Relations>::inner{})) ||
            ...);
}

/// `page_with<nested<owner, team>>`: each with its owner, and the owner with its team.
template <auto const& R, auto const&... Inner>
inline constexpr Nested<R, Inner...> nested{};

namespace detail {
/// The relation that a nested<…> begins with; else itself.
template <auto const& R>
consteval const auto& plain() {
    if constexpr (requires { relation_type<R>::of; }) {
        return relation_type<R>::of;
    } else {
        return R;
    }
}
template <auto const& Wanted, auto const&... All>
consteval std::size_t relation_index() {
    constexpr std::array same{static_cast<const void*>(&plain<All>()) ==
                              static_cast<const void*>(&plain<Wanted>())...};
    std::size_t index = 0;
    while (index < same.size() && !same[index]) {
        ++index;
    }
    return index;
}
}  // namespace detail

template <class Row, auto const&... Relations>
struct With {
    static_assert((std::is_same_v<Row, typename relation_type<Relations>::parent> && ...),
                  "the relation starts at another table's rows");
    Row row;
    std::tuple<typename relation_type<Relations>::related...> related;

    const Row* operator->() const noexcept { return &row; }
    const Row& operator*() const noexcept { return row; }
    template <auto const& Relation>
    const auto& get() const noexcept {
        constexpr std::size_t index = detail::relation_index<Relation, Relations...>();
        static_assert(index < sizeof...(Relations), "the relation was not asked for");
        return std::get<index>(related);
    }
};

}  // namespace brio::sql

namespace brio {
using sql::belongs_to;
using sql::has_many;
using sql::nested;
using sql::through;
using sql::With;
}  // namespace brio
