// Relations as constants, and a row together with what it is related to.
//
//     inline constexpr auto owner = belongs_to<&Resource::owner_id>(users, "owner");        // one join
//     inline constexpr auto owned = has_many<&Resource::owner_id>(resources, "resources");  // one select-in
//
// With<Resource, owner> is a Resource and its User. In JSON it is the row's object with one more member for
// each relation, of the name given here: an object (null without one, where the key is optional) or an array.
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

/// The row that the foreign key points at.
template <auto Key, class T>
struct BelongsTo {
    static constexpr auto key = Key;
    static constexpr bool many = false;
    static constexpr bool optional = unwrap<column_type<Key>>::optional;
    using table_type = T;
    using row = typename T::row;     // what it gives
    using parent = column_row<Key>;  // what it belongs to
    using related = std::conditional_t<optional, std::optional<row>, row>;
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
    using parent = typename decltype([] {
        return []<class Row>(Id<Row>) { return std::type_identity<Row>{}; }(unwrapped<column_type<Key>>{});
    }())::type;
    using related = std::vector<row>;
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

template <auto const& R>
using relation_type = std::remove_cvref_t<decltype(R)>;

namespace detail {
template <auto const& Wanted, auto const&... All>
consteval std::size_t relation_index() {
    constexpr std::array same{static_cast<const void*>(&All) == static_cast<const void*>(&Wanted)...};
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
using sql::With;
}  // namespace brio
