// Updates of the fields that a patch holds.
#pragma once
#include <map>
#include <memory>
#include <mutex>

#include <brio/sql/statements.hpp>

namespace brio::sql {

/// Which columns of the row a patch changes: those whose optional holds a value, and those that are no
/// optionals. A field of type optional<optional<X>> tells "make it null" from "leave it".
template <class Row, class Patch>
std::uint64_t changed_columns(const Patch& patch) {
    static_assert(projects<Patch, Row>,
                  "update: a field is no column of the table, or has another type than the column");
    static_assert(reflect::field_index<Patch>("id") == reflect::field_count<Patch>,
                  "update: an id does not change");
    std::uint64_t changed = 0;
    reflect::for_each_field(patch, [&](auto index, std::string_view, const auto& field) {
        constexpr std::size_t place = reflect::field_index<Row>(reflect::field_names<Patch>[index]);
        using Field = std::remove_cvref_t<decltype(field)>;
        bool given = true;
        if constexpr (unwrap<Field>::optional) {
            given = field.has_value();
        }
        changed |= std::uint64_t{given} << place;
    });
    return changed;
}

/// Binds what changed_columns() found, in the order of the row's columns.
template <class Row, class Patch>
void bind_patch(Values& values, const Patch& patch) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        auto each = [&]<std::size_t At>(std::integral_constant<std::size_t, At>) {
            constexpr std::size_t from = reflect::field_index<Patch>(reflect::field_names<Row>[At]);
            if constexpr (from < reflect::field_count<Patch>) {
                const auto& field = std::get<from>(reflect::tie(patch));
                if constexpr (unwrap<std::remove_cvref_t<decltype(field)>>::optional) {
                    if (field) {
                        bind(values, *field);
                    }
                } else {
                    bind(values, field);
                }
            }
        };
        (each(std::integral_constant<std::size_t, I>{}), ...);
    }(std::make_index_sequence<reflect::field_count<Row>>{});
}

/// Parameters: the changed values, now for each column of updated() that is not among them, the id, the
/// expected version when `versioned`. Gives the whole row. At most 256 combinations of columns are kept;
/// further ones stop the program.
template <class T>
const Statement& update_statement(const T& table, std::uint64_t changed, bool versioned) {
    using Row = typename T::row;
    static std::mutex mutex;
    static std::map<std::pair<std::uint64_t, bool>, std::unique_ptr<Statement>> made;
    expect_one_table(table);
    const std::scoped_lock lock(mutex);
    auto& statement = made[{changed, versioned}];
    if (statement != nullptr) {
        return *statement;
    }
    expect(made.size() <= 256, "the updates of one table have at most 256 combinations of columns");
    auto render = [&](Dialect dialect) {
        StatementText text(dialect);
        (text << "UPDATE ").name(table.name) << " SET ";
        std::string_view comma;
        for (std::size_t i = 0; i < reflect::field_count<Row>; ++i) {
            if ((changed >> i & 1) != 0) {
                (text << std::exchange(comma, ", ")).name(reflect::field_names<Row>[i]) << " = ";
                text.parameter();
            }
        }
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            auto each = [&]<std::size_t At>(std::integral_constant<std::size_t, At>) {
                if ((changed >> At & 1) != 0) {
                    return;
                }
                if constexpr (At == version_index<Row>) {
                    (text << std::exchange(comma, ", ")).name(reflect::field_names<Row>[At]) << " = ";
                    text.name(reflect::field_names<Row>[At]) << " + 1";
                } else if constexpr (is_updated_at<T, At>) {
                    (text << std::exchange(comma, ", ")).name(reflect::field_names<Row>[At]) << " = ";
                    text.parameter();
                }
            };
            (each(std::integral_constant<std::size_t, I>{}), ...);
        }(std::make_index_sequence<reflect::field_count<Row>>{});
        if (comma.empty()) {
            text << "\"id\" = \"id\"";
        }
        text << " WHERE \"id\" = ";
        text.parameter();
        if (versioned) {
            (text << " AND ")
                    .name(reflect::field_names<Row>[std::min(version_index<Row>,
                                                             reflect::field_count<Row> - 1)])
                << " = ";
            text.parameter();
        }
        text << " RETURNING ";
        for (std::size_t i = 0; i < reflect::field_count<Row>; ++i) {
            (i == 0 ? text : text << ", ").name(reflect::field_names<Row>[i]);
        }
        return std::move(text).take();
    };
    statement = std::make_unique<Statement>(StatementParts{.type = StatementType::update,
                                                           .name = statement_name(table.name, "update"),
                                                           .writes = {std::string(table.name)}},
                                            render);
    return *statement;
}

template <class T>
void bind_updated_at(Values& values, std::uint64_t changed, Timestamp now) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        ((is_updated_at<T, I> && (changed >> I & 1) == 0 ? bind(values, now) : void()), ...);
    }(std::make_index_sequence<reflect::field_count<typename T::row>>{});
}

}  // namespace brio::sql
