// What a list of rows offers to its clients: the columns to filter and to sort by, and the size of its pages.
//
//     inline constexpr auto listing = list_of(resources)
//         .filter<&Resource::status, &Resource::owner_id>()
//         .sort<&Resource::created_at, &Resource::id>()
//         .page_size(20, 100);
//
// A column that no index leads with does not compile, unless its line says `unindexed("why")`. The order is
// by id when the client gives none, and id always decides between equal rows.
#pragma once
#include <array>
#include <atomic>
#include <memory>

#include <brio/reflect/parse_text.hpp>
#include <brio/sql/list_request.hpp>
#include <brio/sql/statements.hpp>

namespace brio::sql {

struct UnindexedReason {
    std::string_view why;
};
/// `why` is for the reader of the code.
constexpr UnindexedReason unindexed(std::string_view why) { return {why}; }

template <class T, class Filters = Index<>, class Sorts = Index<>>
struct Listing {
    using table_type = T;
    using row = typename T::row;
    using filter_columns = Filters;
    using sort_columns = Sorts;

    T table;
    std::uint32_t default_page_size = 20;
    std::uint32_t most_page_size = 100;

    template <auto... Columns>
    constexpr auto filter() const {
        static_assert((is_indexed<Columns, T> && ...),
                      "a filter column leads no index of the table: add the index, or say "
                      "filter<…>(unindexed(\"why\"))");
        return filter<Columns...>(UnindexedReason{});
    }
    template <auto... Columns>
    constexpr auto filter(UnindexedReason) const {
        static_assert((std::is_same_v<column_row<Columns>, row> && ...),
                      "a filter column belongs to another table");
        static_assert(sizeof...(Columns) <= most_filters, "a listing has at most 8 filters");
        return Listing<T, Index<Columns...>, Sorts>{table, default_page_size, most_page_size};
    }
    template <auto... Columns>
    constexpr auto sort() const {
        static_assert(
            (is_indexed<Columns, T> && ...),
            "a sort column leads no index of the table: add the index, or say sort<…>(unindexed(\"why\"))");
        return sort<Columns...>(UnindexedReason{});
    }
    template <auto... Columns>
    constexpr auto sort(UnindexedReason) const {
        static_assert((std::is_same_v<column_row<Columns>, row> && ...),
                      "a sort column belongs to another table");
        static_assert((!unwrap<column_type<Columns>>::optional && ...),
                      "a sort column is never null: no std::optional");
        static_assert(sizeof...(Columns) <= most_sorts, "a listing has at most 16 sort columns");
        return Listing<T, Filters, Index<Columns...>>{table, default_page_size, most_page_size};
    }
    /// The number of rows when the client names none, and the most that it gets.
    constexpr auto page_size(std::uint32_t usual, std::uint32_t most) const {
        auto changed = *this;
        changed.default_page_size = usual;
        changed.most_page_size = most;
        return changed;
    }
};

template <class T>
constexpr Listing<T> list_of(T table) {
    return {table};
}

/// A client's request of one listing: a handler's parameter.
template <auto const& Spec>
struct List : ListRequest {
    using listing = std::remove_cvref_t<decltype(Spec)>;
    using row = typename listing::row;
    static constexpr const auto& spec = Spec;
};

namespace detail {

template <auto Column>
bool parse_filter(std::string_view text, Values& into, std::string& message) {
    auto value = reflect::parse_text<unwrapped<column_type<Column>>>(text);
    if (!value) {
        message = std::move(value.error());
        return false;
    }
    bind(into, *value);
    return true;
}

template <class Columns>
struct ListColumns;
template <auto... Columns>
struct ListColumns<Index<Columns...>> {
    static constexpr std::size_t count = sizeof...(Columns);
    static constexpr std::array<FilterColumn, count> filters{
        FilterColumn{column_name<Columns>, &parse_filter<Columns>}...};
    static constexpr std::array<std::string_view, count> names{column_name<Columns>...};
    /// The result column of each; the id's for `count`.
    template <class Row>
    static constexpr std::array<int, count + 1> places{static_cast<int>(reflect::member_index<Columns>())...,
                                                       static_cast<int>(id_index<Row>)};
};

}  // namespace detail

template <auto const& Spec>
std::expected<List<Spec>, std::vector<ListFault>> parse_list(std::span<const NamedValue> given) {
    using L = typename List<Spec>::listing;
    static constexpr ListShape shape{.filters = detail::ListColumns<typename L::filter_columns>::filters,
                                     .sorts = detail::ListColumns<typename L::sort_columns>::names,
                                     .page_size = Spec.default_page_size,
                                     .most_page_size = Spec.most_page_size};
    auto request = parse_list(shape, given);
    if (!request) {
        return std::unexpected(std::move(request.error()));
    }
    return List<Spec>{std::move(*request)};
}

}  // namespace brio::sql

namespace brio {
using sql::List;
using sql::list_of;
}  // namespace brio
