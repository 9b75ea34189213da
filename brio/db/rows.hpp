// Sinks that make structs of rows. Internal to the typed layer.
#pragma once
#include <array>
#include <optional>
#include <vector>

#include <brio/db/engine.hpp>
#include <brio/db/error.hpp>
#include <brio/sql/column.hpp>
#include <brio/sql/relation.hpp>

namespace brio::db {

template <class Row>
class RowSink final : public Sink {
public:
    void row(const sql::Columns& columns) override { value = sql::read_row<Row>(columns); }
    void clear() override { value.reset(); }
    std::optional<Row> value;
};

template <class Row>
class RowsSink final : public Sink {
public:
    void row(const sql::Columns& columns) override { values.push_back(sql::read_row<Row>(columns)); }
    void clear() override { values.clear(); }
    std::vector<Row> values;
};

class CountSink final : public Sink {
public:
    void row(const sql::Columns& columns) override { value = columns.integer(0); }
    void clear() override { value = 0; }
    std::int64_t value = 0;
};

/// Rows with their to-one relations, in the order of write_select().
template <class Row, auto const&... Relations>
class WithSink final : public Sink {
public:
    void row(const sql::Columns& columns) override {
        auto& made = values.emplace_back(sql::With<Row, Relations...>{sql::read_row<Row>(columns), {}});
        int first = reflect::field_count<Row>;
        std::apply(
            [&](auto&... related) { (take<sql::relation_type<Relations>>(related, columns, first), ...); },
            made.related);
    }
    void clear() override { values.clear(); }
    std::vector<sql::With<Row, Relations...>> values;

private:
    template <class Relation, class Related>
    static void take(Related& related, const sql::Columns& columns, int& first) {
        if constexpr (!Relation::many) {
            if (!Relation::optional || !columns.is_null(first)) {
                related = sql::read_row<typename Relation::row>(columns, first);
            }
            first += reflect::field_count<typename Relation::row>;
        }
    }
};

/// Rows of a to-many relation with the key that they belong to.
template <class Row>
class ChildrenSink final : public Sink {
public:
    void row(const sql::Columns& columns) override {
        values.emplace_back(columns.integer(0), sql::read_row<Row>(columns, 1));
    }
    void clear() override { values.clear(); }
    std::vector<std::pair<std::int64_t, Row>> values;
};

/// Rows of a statement whose columns are found by name.
template <class Row>
class NamedRowsSink final : public Sink {
public:
    void row(const sql::Columns& columns) override {
        if (values.empty()) {
            find_columns(columns);
        }
        values.push_back([&]<std::size_t... I>(std::index_sequence<I...>) {
            return Row{sql::read<reflect::field_t<Row, I>>(columns, places_[I])...};
        }(std::make_index_sequence<reflect::field_count<Row>>{}));
    }
    void clear() override { values.clear(); }
    std::vector<Row> values;

private:
    void find_columns(const sql::Columns& columns) {
        for (std::size_t i = 0; i < places_.size(); ++i) {
            int at = 0;
            while (at < columns.count() && columns.name(at) != reflect::field_names<Row>[i]) {
                ++at;
            }
            if (at == columns.count()) {
                throw StatementError(
                    concat({"the statement gives no column named ", reflect::field_names<Row>[i]}));
            }
            places_[i] = at;
        }
    }
    std::array<int, reflect::field_count<Row>> places_{};
};

/// A write whose rows are wanted, kept alive by whoever still needs it.
template <class Row>
struct RowWrite final : WriteJob {
    RowSink<Row> sink;
};

}  // namespace brio::db
