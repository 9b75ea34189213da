// What a list of rows offers to its clients: the columns to filter and to sort by, and the size of its pages.
//
//     inline constexpr auto listing = list_of(resources)
//         .filter<&Resource::status, &Resource::owner_id, range<&Resource::created_at>>()
//         .sort<&Resource::created_at, &Resource::id>()
//         .page_size(20, 100);
//
// A column that no index leads with does not compile, unless its line says `unindexed("why")`. The order is
// by id when the client gives none, and id always decides between equal rows.
#pragma once
#include <array>
#include <atomic>
#include <memory>

#include <brio/sql/filter.hpp>
#include <brio/sql/statements.hpp>

namespace brio::sql {

struct UnindexedReason {
    std::string_view why;
};
/// `why` is for the reader of the code.
constexpr UnindexedReason unindexed(std::string_view why) { return {why}; }

namespace detail {

template <auto... A, auto... B>
Index<A..., B...> joined(Index<A...>, Index<B...>);

template <class Filters>
struct ListFilters;
template <auto... Filters>
struct ListFilters<Index<Filters...>> {
    static constexpr const auto& filters = filter_parameters<Filters...>;
    static constexpr std::size_t count = filters.size();
};

template <class Columns>
struct ListSorts;
template <auto... Columns>
struct ListSorts<Index<Columns...>> {
    static constexpr std::size_t count = sizeof...(Columns);
    static constexpr std::array<std::string_view, count> names{column_name<Columns>...};
    /// The result column of each; the id's for `count`.
    template <class Row>
    static constexpr std::array<int, count + 1> places{static_cast<int>(reflect::member_index<Columns>())...,
                                                       static_cast<int>(id_index<Row>)};
};

}  // namespace detail

template <class T, class Filters = Index<>, class Sorts = Index<>>
struct Listing {
    using table_type = T;
    using row = typename T::row;
    using filter_columns = Filters;
    using sort_columns = Sorts;

    T table;
    std::uint32_t default_page_size = 20;
    std::uint32_t most_page_size = 100;

    /// Columns (equality), range<…> and any_of<…> (filter.hpp); more with each call.
    template <auto... More>
    constexpr auto filter() const {
        static_assert((detail::filter_of<More>::template indexed<T> && ...),
                      "a filter column leads no index of the table: add the index, or say "
                      "filter<…>(unindexed(\"why\"))");
        return filter<More...>(UnindexedReason{});
    }
    template <auto... More>
    constexpr auto filter(UnindexedReason) const {
        static_assert((detail::filter_of<More>::template is_of<row> && ...),
                      "a filter column belongs to another table");
        using Next = Listing<T, decltype(detail::joined(Filters{}, Index<More...>{})), Sorts>;
        static_assert(detail::ListFilters<typename Next::filter_columns>::count <= most_filters,
                      "a listing has at most 8 parameters to filter by");
        return Next{table, default_page_size, most_page_size};
    }
    /// `search=words` looks for them within these texts. No index helps with that, so it says why it may be.
    template <auto... Columns>
    constexpr auto search(UnindexedReason why) const {
        static_assert(sizeof...(Columns) > 0, "search names columns");
        return filter<Search<Columns...>{}>(why);
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

template <auto const& Spec>
std::expected<List<Spec>, std::vector<ListFault>> parse_list(std::span<const NamedValue> given) {
    using L = typename List<Spec>::listing;
    static constexpr ListShape shape{.filters = detail::ListFilters<typename L::filter_columns>::filters,
                                     .sorts = detail::ListSorts<typename L::sort_columns>::names,
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
using sql::unindexed;
}  // namespace brio
