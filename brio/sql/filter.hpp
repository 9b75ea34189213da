// What clients may filter a list by, beyond equality: ranges, any of several values, words.
//
//     list_of(resources)
//         .filter<&Resource::owner_id, any_of<&Resource::status>, range<&Resource::created_at>>()
//         .search<&Resource::name>(unindexed("a few thousand names"))
//
// is owner_id=7, status=draft,active, created_at_from= and created_at_to= (both included), and search=, the
// words of which stand anywhere in a column named, whatever their case (ASCII).
#pragma once
#include <array>
#include <span>
#include <string>
#include <string_view>

#include <brio/reflect/parse_text.hpp>
#include <brio/sql/list_request.hpp>
#include <brio/sql/statement_text.hpp>
#include <brio/sql/table.hpp>
#include <brio/sql/value_list.hpp>

namespace brio::sql {

template <auto Column>
struct Range {};
/// Two parameters, `column_from` and `column_to`; each may be given alone.
template <auto Column>
inline constexpr Range<Column> range{};

template <auto Column>
struct AnyOf {};
/// One parameter of one or more values with commas between.
template <auto Column>
inline constexpr AnyOf<Column> any_of{};

template <auto... Columns>
struct Search {};

/// Writes the wanted filters, from ` WHERE ` on.
void write_filters(StatementText& text, std::span<const FilterColumn> filters, std::uint32_t wanted);

namespace detail {

/// Elements between commas, as a list; false with what each must be.
bool parse_elements(std::string_view text, Values& into, std::string& message,
                    bool (*add)(std::string_view text, ValueList& into, std::string& message));
bool parse_search(std::string_view text, Values& into, std::string& message);

template <auto Column>
using filter_value = unwrapped<column_type<Column>>;

template <auto Column>
bool parse_filter(std::string_view text, Values& into, std::string& message) {
    auto value = reflect::parse_text<filter_value<Column>>(text);
    if (!value) {
        message = std::move(value.error());
        return false;
    }
    bind(into, *value);
    return true;
}

template <auto Column>
bool parse_any_of(std::string_view text, Values& into, std::string& message) {
    return parse_elements(text, into, message,
                          [](std::string_view element, ValueList& list, std::string& wrong) {
                              auto value = reflect::parse_text<filter_value<Column>>(element);
                              if (!value) {
                                  wrong = std::move(value.error());
                                  return false;
                              }
                              list.add(*value);
                              return true;
                          });
}

template <auto Column>
ListCast filter_cast() {
    return list_cast<filter_value<Column>>();
}

/// `created_at_from` as constant text.
template <auto Column, bool From>
struct RangeName {
    static constexpr auto text = [] {
        constexpr std::string_view column = column_name<Column>;
        constexpr std::string_view ending = From ? "_from" : "_to";
        std::array<char, column.size() + ending.size()> made{};
        for (std::size_t i = 0; i < made.size(); ++i) {
            made[i] = i < column.size() ? column[i] : ending[i - column.size()];
        }
        return made;
    }();
    static constexpr std::string_view name{text.data(), text.size()};
};

/// A filter as filter<…>() takes it: the columns that it is by, and its parameters.
template <class F, F Filter>
struct FilterOf;
template <class Type, class Row, Type Row::* Column>
struct FilterOf<Type Row::*, Column> {
    template <class R>
    static constexpr bool is_of = std::is_same_v<R, Row>;
    template <class T>
    static constexpr bool indexed = is_indexed<Column, T>;
    static constexpr std::array parameters{
        FilterColumn{.name = column_name<Column>, .parse = &parse_filter<Column>}};
};
template <auto Column, Range<Column> Filter>
struct FilterOf<Range<Column>, Filter> {
    static_assert(kind_of<filter_value<Column>>() != ValueKind::boolean &&
                      !std::is_enum_v<filter_value<Column>>,
                  "a range is of numbers, texts or times");
    template <class R>
    static constexpr bool is_of = std::is_same_v<R, column_row<Column>>;
    template <class T>
    static constexpr bool indexed = is_indexed<Column, T>;
    static constexpr std::array parameters{FilterColumn{.name = RangeName<Column, true>::name,
                                                        .parse = &parse_filter<Column>,
                                                        .column = column_name<Column>,
                                                        .kind = FilterKind::from},
                                           FilterColumn{.name = RangeName<Column, false>::name,
                                                        .parse = &parse_filter<Column>,
                                                        .column = column_name<Column>,
                                                        .kind = FilterKind::to}};
};
template <auto Column, AnyOf<Column> Filter>
struct FilterOf<AnyOf<Column>, Filter> {
    static_assert(!is_text<filter_value<Column>>, "any_of divides at commas, which a text may have");
    template <class R>
    static constexpr bool is_of = std::is_same_v<R, column_row<Column>>;
    template <class T>
    static constexpr bool indexed = is_indexed<Column, T>;
    static constexpr std::array parameters{FilterColumn{.name = column_name<Column>,
                                                        .parse = &parse_any_of<Column>,
                                                        .kind = FilterKind::any_of,
                                                        .cast = &filter_cast<Column>}};
};
template <auto... Columns, Search<Columns...> Filter>
struct FilterOf<Search<Columns...>, Filter> {
    static_assert((is_text<filter_value<Columns>> && ...), "search looks into texts");
    template <class R>
    static constexpr bool is_of = (std::is_same_v<R, column_row<Columns>> && ...);
    template <class T>
    static constexpr bool indexed = false;
    static constexpr std::array<std::string_view, sizeof...(Columns)> columns{column_name<Columns>...};
    static constexpr std::array parameters{FilterColumn{
        .name = "search", .parse = &parse_search, .kind = FilterKind::search, .columns = columns}};
};

template <auto Filter>
using filter_of = FilterOf<std::remove_cv_t<decltype(Filter)>, Filter>;

template <auto... Filters>
inline constexpr auto filter_parameters = [] {
    std::array<FilterColumn, (std::size_t{0} + ... + filter_of<Filters>::parameters.size())> all{};
    std::size_t at = 0;
    auto add = [&](const auto& some) {
        for (const FilterColumn& each : some) {
            all[at++] = each;
        }
    };
    (add(filter_of<Filters>::parameters), ...);
    return all;
}();

}  // namespace detail
}  // namespace brio::sql

namespace brio {
using sql::any_of;
using sql::range;
}  // namespace brio
