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

/// Reads an Item, a row or a With<Row, …>, from the columns as write_select() gives them, and moves `at`
/// behind them.
template <class Item>
struct ItemReader {
    static constexpr int columns = static_cast<int>(reflect::field_count<Item>);
    static Item read(const sql::Columns& from, int& at) {
        Item item = sql::read_row<Item>(from, at);
        at += columns;
        return item;
    }
};
template <class Row, auto const&... Relations>
struct ItemReader<sql::With<Row, Relations...>> {
    using With = sql::With<Row, Relations...>;
    template <class Relation>
    static constexpr int joined = [] {
        if constexpr (Relation::many) {
            return 0;
        } else {
            return ItemReader<typename Relation::item>::columns;
        }
    }();
    static constexpr int columns =
        (static_cast<int>(reflect::field_count<Row>) + ... + joined<sql::relation_type<Relations>>);
    static With read(const sql::Columns& from, int& at) {
        With made{ItemReader<Row>::read(from, at), {}};
        std::apply([&](auto&... related) { (take<sql::relation_type<Relations>>(related, from, at), ...); },
                   made.related);
        return made;
    }

private:
    template <class Relation, class Related>
    static void take(Related& related, const sql::Columns& from, int& at) {
        if constexpr (!Relation::many) {
            if (Relation::optional && from.is_null(at)) {
                at += joined<Relation>;
            } else {
                related = ItemReader<typename Relation::item>::read(from, at);
            }
        }
    }
};

template <class Row>
class RowSink final : public Sink {
public:
    void row(const sql::Columns& columns) override { value = sql::read_row<Row>(columns); }
    void clear() override { value.reset(); }
    std::optional<Row> value;
};

/// Rows, alone or with their to-one relations.
template <class Item>
class RowsSink final : public Sink {
public:
    void row(const sql::Columns& columns) override {
        int at = 0;
        values.push_back(ItemReader<Item>::read(columns, at));
    }
    void clear() override { values.clear(); }
    std::vector<Item> values;
};

/// The first column of each row.
template <class Value>
class ValueSink final : public Sink {
public:
    void row(const sql::Columns& columns) override { values.push_back(sql::read<Value>(columns, 0)); }
    void clear() override { values.clear(); }
    std::vector<Value> values;
};

class CountSink final : public Sink {
public:
    void row(const sql::Columns& columns) override { value = columns.integer(0); }
    void clear() override { value = 0; }
    std::int64_t value = 0;
};

/// Rows of a to-many relation with the key that they belong to.
template <class Item>
class ChildrenSink final : public Sink {
public:
    void row(const sql::Columns& columns) override {
        int at = 1;
        values.emplace_back(columns.integer(0), ItemReader<Item>::read(columns, at));
    }
    void clear() override { values.clear(); }
    std::vector<std::pair<std::int64_t, Item>> values;
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
template <class Row>
struct RowsWrite final : WriteJob {
    RowsSink<Row> sink;
};

}  // namespace brio::db
