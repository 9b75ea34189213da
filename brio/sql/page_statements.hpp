// The statements of a listing's pages: one for each combination of filters, order and way of walking, made
// when first asked for.
#pragma once
#include <algorithm>
#include <array>
#include <atomic>

#include <brio/sql/listing.hpp>

namespace brio::sql {

/// Statements by a small number, made at first use, never given back; any thread.
template <std::size_t Count>
class StatementShelf {
public:
    template <class Make>
    const Statement& at(std::size_t number, Make&& make) {
        auto& place = places_[number];
        if (const Statement* there = place.load(std::memory_order_acquire)) [[likely]] {
            return *there;
        }
        const Statement* made = make();
        const Statement* expected = nullptr;
        if (!place.compare_exchange_strong(expected, made, std::memory_order_acq_rel)) {
            delete made;
            return *expected;
        }
        return *made;
    }
    ~StatementShelf() {
        for (auto& place : places_) {
            delete place.load(std::memory_order_relaxed);
        }
    }

private:
    std::array<std::atomic<const Statement*>, Count> places_{};
};

namespace detail {

/// Behind the place of a cursor: by the sort column and the id, or by the id alone.
inline void write_behind(StatementText& text, std::string_view sort, const ListRequest& request) {
    text << (request.filters != 0 ? " AND " : " WHERE ");
    const std::string_view sign = request.descending ? " < " : " > ";
    if (sort == "id") {
        text << "t.\"id\"" << sign;
        text.parameter();
        return;
    }
    (text << "(").column("t", sort) << ", t.\"id\")" << sign << "(";
    text.parameter() << ", ";
    text.parameter() << ")";
}

inline void write_order(StatementText& text, std::string_view sort, bool descending) {
    const std::string_view direction = descending ? " DESC" : " ASC";
    text << " ORDER BY ";
    if (sort != "id") {
        text.column("t", sort) << direction << ", ";
    }
    text << "t.\"id\"" << direction;
}

inline void write_limit(StatementText& text) {
    (text << " LIMIT ").parameter() << " OFFSET ";
    text.parameter();
}

/// How far a page reaches into its order, in classes: rows up to each bound, and beyond them all.
///
/// PostgreSQL plans a statement whose LIMIT and OFFSET are parameters anew each time, because a plan for all
/// of them would have to reckon with a tenth of the table; planning costs several times what the page does.
/// The class as a constant LIMIT around the rows tells it how few there will be, and one plan is kept.
inline constexpr std::array<std::uint64_t, 4> depth_bounds{128, 1024, 8192, 131'072};
inline std::size_t depth_of(const ListRequest& request) noexcept {
    const std::uint64_t rows = request.skip + request.page_size + 1;
    return static_cast<std::size_t>(std::ranges::lower_bound(depth_bounds, rows) - depth_bounds.begin());
}

}  // namespace detail

/// The name of the column that the request sorts by.
template <class L>
std::string_view sort_name(const ListRequest& request) {
    using Sorts = detail::ListSorts<typename L::sort_columns>;
    return request.sort < Sorts::count ? Sorts::names[request.sort] : std::string_view("id");
}

/// Parameters: the filters' values, a cursor's place, the limit, the offset.
///
/// PostgreSQL takes the page's rows first and looks up what they refer to by key: a plain join also joins
/// every row that OFFSET passes. Pages 1 to 5 of 20, on one connection: 7,600 a second against 4,900.
template <auto const& Spec, auto const&... Relations>
const Statement& page_statement(const ListRequest& request) {
    using L = std::remove_cvref_t<decltype(Spec)>;
    using Filters = detail::ListFilters<typename L::filter_columns>;
    using Sorts = detail::ListSorts<typename L::sort_columns>;
    constexpr std::size_t depths = detail::depth_bounds.size() + 1;
    static StatementShelf<(std::size_t{1} << Filters::count) * (Sorts::count + 1) * 4 * depths> shelf;
    const bool by_cursor = !request.cursor.empty();
    const std::size_t depth = detail::depth_of(request);
    const std::size_t number =
        (((request.filters * (Sorts::count + 1) + request.sort) * 2 + (request.descending ? 1 : 0)) * 2 +
         (by_cursor ? 1 : 0)) *
            depths +
        depth;
    return shelf.at(number, [&] {
        const std::string_view sort = sort_name<L>(request);
        return new Statement(
            {.type = StatementType::select,
             .name = statement_name(Spec.table.name,
                                    concat({"page by ", sort, by_cursor ? " from a cursor" : ""})),
             .reads = tables_read<typename L::table_type, Relations...>(Spec.table)},
            [&](Dialect dialect) {
                StatementText text(dialect);
                using Table = typename L::table_type;
                const bool of_postgres = dialect == Dialect::postgresql;
                const bool bounded = of_postgres && depth < detail::depth_bounds.size();
                const bool rows_first = of_postgres && any_to_one<Relations...>;
                const std::string_view within = bounded ? "SELECT * FROM (" : "";
                if (rows_first) {
                    write_selected<Table, Relations...>(text);
                    (text << " FROM (" << within << "SELECT * FROM ").name(Spec.table.name) << " AS t";
                } else {
                    text << within;
                    write_select<Table, Relations...>(text, Spec.table);
                }
                write_filters(text, Filters::filters, request.filters);
                if (by_cursor) {
                    detail::write_behind(text, sort, request);
                }
                detail::write_order(text, sort, request.descending);
                if (bounded) {
                    text << " LIMIT " << integer_text(detail::depth_bounds[depth]) << ") AS p";
                }
                detail::write_limit(text);
                if (rows_first) {
                    text << ") AS t";
                    int joined = 0;
                    detail::write_joins(text, joined, "t", false, RelationList<Relations...>{}, true);
                    detail::write_order(text, sort, request.descending);
                }
                return std::move(text).take();
            });
    });
}

/// The number of rows, or an estimate of it. Parameters: the filters' values.
///
/// The estimate: SQLite counts to 100,000 and no further, PostgreSQL gives the planner's as the text of a
/// plan (db/page.cpp reads it).
template <auto const& Spec>
const Statement& total_statement(const ListRequest& request) {
    using L = std::remove_cvref_t<decltype(Spec)>;
    using Filters = detail::ListFilters<typename L::filter_columns>;
    static StatementShelf<(std::size_t{1} << Filters::count) * 2> shelf;
    const bool estimated = request.total == Total::estimated;
    return shelf.at(request.filters * 2 + (estimated ? 1 : 0), [&] {
        return new Statement(
            make_statement({.type = StatementType::select,
                            .name = statement_name(Spec.table.name, estimated ? "estimated total" : "total"),
                            .reads = {std::string(Spec.table.name)}},
                           [&](StatementText& text) {
                               const bool bounded = estimated && text.dialect() == Dialect::sqlite;
                               const bool explained = estimated && !bounded;
                               text << (bounded     ? "SELECT count(*) FROM (SELECT 1"
                                        : explained ? "EXPLAIN (FORMAT JSON) SELECT 1"
                                                    : "SELECT count(*)");
                               write_from(text, Spec.table.name);
                               write_filters(text, Filters::filters, request.filters);
                               text << (bounded ? " LIMIT 100000)" : "");
                           }));
    });
}

}  // namespace brio::sql
