// What a client asked of a list, read from name/value pairs. Pure.
//
// page (from 1) and page_size (clamped at the listing's most), or skip and limit (0 and 100) instead;
// sort_by, sort_order (asc, desc); filters by column name, or as one JSON object
// `filters={"status":"active"}`; cursor; total (exact, estimated, none). Whatever else is given, given twice,
// or of a wrong type is a fault; so is going deeper than 100,000 rows by number (code page_too_deep).
#pragma once
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <brio/sql/value.hpp>

namespace brio::sql {

inline constexpr std::uint64_t most_skipped_rows = 100'000;
inline constexpr std::size_t most_filters = 8;
inline constexpr std::size_t most_sorts = 16;

enum class Total : std::uint8_t { exact, estimated, none };

struct ListRequest {
    std::uint64_t page = 1;
    std::uint32_t page_size = 20;  // rows at most; the `limit` where skip was used
    std::uint64_t skip = 0;        // rows before the page
    bool by_skip = false;          // skip and limit were used instead of page and page_size
    std::uint32_t filters = 0;     // a bit for each filter that is given, in the listing's order
    Values filter_values;          // their values, in that order
    std::size_t sort = 0;          // index of the sort column; the number of them: by id
    bool descending = false;
    Total total = Total::exact;
    std::string cursor;  // as given; empty: none
};

struct ListCast;

enum class FilterKind : std::uint8_t {
    equal,
    from,    // at least
    to,      // at most
    any_of,  // one of a list
    search,  // a text within one of `columns`
};

/// One parameter to filter by: reads its value from text, false with what it must be.
struct FilterColumn {
    std::string_view name;
    bool (*parse)(std::string_view text, Values& into, std::string& message);
    std::string_view column = {};  // where it is not the name
    FilterKind kind = FilterKind::equal;
    ListCast (*cast)() = nullptr;                    // of any_of
    std::span<const std::string_view> columns = {};  // of search
};

/// The listing as this needs it.
struct ListShape {
    std::span<const FilterColumn> filters;
    std::span<const std::string_view> sorts;
    std::uint32_t page_size;
    std::uint32_t most_page_size;
};

struct ListFault {
    std::string name;     // of the parameter
    std::string message;  // what it must be
    bool too_deep = false;
};

using NamedValue = std::pair<std::string_view, std::string_view>;

std::expected<ListRequest, std::vector<ListFault>> parse_list(const ListShape& shape,
                                                              std::span<const NamedValue> given);

}  // namespace brio::sql
