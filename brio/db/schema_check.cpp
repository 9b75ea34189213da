#include <brio/db/schema_check.hpp>

#include <algorithm>

#include <brio/base/text.hpp>
#include <brio/db/migration_text.hpp>
#include <brio/sql/statement_text.hpp>

namespace brio::db {

namespace {

using Kind = ColumnType::Kind;
constexpr const char* is_lost = "what it holds is lost; the migration has to say why it may go";

/// The engine's words for the model's type, as StoredColumn::engine_type has them.
std::string stored_words(const ColumnType& type, sql::Dialect dialect) {
    std::string words = lower(type_text(type, dialect));
    if (const auto at = words.find(" collate "); at != words.npos) {
        words.resize(at);
    }
    std::erase_if(words, [&](char c) { return c == ' ' && words.contains('('); });
    return words == "timestamptz" ? "timestamp with time zone" : words;
}

std::string list_text(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += concat({text.empty() ? "" : ", ", word});
    }
    return text;
}

std::string index_words(const std::vector<std::string>& columns, bool is_unique) {
    return concat({is_unique ? "unique" : "not unique", " on ", list_text(columns)});
}

Operation index_operation(std::string name, std::string table, const std::vector<std::string>& columns,
                          bool is_unique) {
    return create_index(std::move(name), std::move(table), {columns.begin(), columns.end()},
                        is_unique ? Uniqueness::unique : Uniqueness::any);
}

std::string limit_words(std::uint32_t most) {
    return most == 0 ? "any number of characters" : concat({integer_text(most), " characters"});
}

constexpr const char* is_rewritten =
    "every row is written anew while nobody can use the table; the migration has to say why it may be";

/// With rows in the table, a column comes with a value for them or without one.
ColumnType addable(ColumnType type) {
    type.is_optional = type.is_optional || type.otherwise.empty();
    return type;
}

/// A value for the rows that are there, where there is one that means nothing.
std::string neutral_value(Kind kind) {
    switch (kind) {
        case Kind::integer:
        case Kind::real:
        case Kind::decimal: return "0";
        case Kind::boolean: return "false";
        case Kind::text: return "''";
        case Kind::json: return "'null'";
        default: return {};
    }
}

ColumnDefinition definition_of(const ModelColumn& column) { return {column.name, column.type}; }
ColumnDefinition definition_of(const StoredColumn& column) {
    ColumnType type = column.type;
    if (column.is_key && column.name == "id") {
        type = column::id;
    }
    return {column.name, type};
}
template <class Columns>
std::vector<ColumnDefinition> definitions_of(const Columns& columns) {
    std::vector<ColumnDefinition> made;
    for (const auto& column : columns) {
        made.push_back(definition_of(column));
    }
    return made;
}

class Comparison {
public:
    explicit Comparison(sql::Dialect dialect) noexcept : dialect_(dialect) {}

    void compare(const ModelTable& model, const StoredTable& stored) {
        table_ = model.name;
        for (const ModelColumn& wanted : model.columns) {
            const auto found = std::ranges::find(stored.columns, wanted.name, &StoredColumn::name);
            found == stored.columns.end() ? miss(wanted) : compare(wanted, *found);
        }
        for (const StoredColumn& column : stored.columns) {
            if (std::ranges::find(model.columns, column.name, &ModelColumn::name) == model.columns.end()) {
                found_.push_back(
                    {.what = concat({table_, ".", column.name, ": the model has no such column"}),
                     .mend = {drop_column(table_, column.name)},
                     .undo = {add_column(table_, column.name, addable(column.type))},
                     .remark = is_lost});
            }
        }
        compare_indexes(model.indexes, stored.indexes);
    }
    void miss(const ModelTable& model) {
        Difference difference{.what = concat({"there is no table ", model.name}),
                              .mend = {create_table(model.name, definitions_of(model.columns))},
                              .undo = {drop_table(model.name)}};
        for (const ModelIndex& index : model.indexes) {
            difference.mend.push_back(
                index_operation(index.name, model.name, index.columns, index.is_unique));
        }
        found_.push_back(std::move(difference));
    }
    void exceed(const StoredTable& stored) {
        found_.push_back({.what = concat({"the table ", stored.name, " is not in the model"}),
                          .mend = {drop_table(stored.name)},
                          .undo = {create_table(stored.name, definitions_of(stored.columns))},
                          .remark = is_lost});
    }
    std::vector<Difference> take() && { return std::move(found_); }

private:
    void miss(const ModelColumn& wanted) {
        Difference difference{.what = concat({table_, ".", wanted.name, ": there is no such column"}),
                              .undo = {drop_column(table_, wanted.name)}};
        ColumnType type = wanted.type;
        if (!type.is_optional && type.otherwise.empty()) {
            type.otherwise = neutral_value(type.kind);
            type.is_optional = type.otherwise.empty();
            difference.remark = type.is_optional
                                    ? "fill it then, and alter_column() it to the model's type"
                                    : "see whether the rows that are there should have this value";
        }
        difference.mend.push_back(add_column(table_, wanted.name, std::move(type)));
        found_.push_back(std::move(difference));
    }

    void compare(const ModelColumn& wanted, const StoredColumn& stored) {
        if (wanted.type.kind == Kind::id) {
            if (!stored.is_key) {
                found_.push_back({.what = concat({table_, ".", wanted.name, ": is not the primary key"})});
            }
            return;
        }
        std::vector<std::string> said;
        ColumnType to = wanted.type;
        const ColumnType& from = stored.type;
        to.otherwise = from.otherwise;
        to.cascades = from.cascades;
        const std::string type = stored_words(wanted.type, dialect_);
        const bool is_other_type = type != stored.engine_type;
        if (is_other_type) {
            said.push_back(concat({"is ", stored.engine_type, ", the model says ", type}));
        }
        if (to.is_optional != from.is_optional) {
            said.emplace_back(from.is_optional ? "may be NULL, which the model excludes"
                                               : "must not be NULL, which the model allows");
        }
        if (to.kind == Kind::text && !is_other_type) {
            const bool is_enough = from.most == 0 || from.most >= to.most;
            if (wanted.is_least_limit ? !is_enough : from.most != to.most) {
                said.push_back(concat({"holds ", limit_words(from.most), ", the model says ",
                                       wanted.is_least_limit ? "at least " : "", limit_words(to.most)}));
            } else {
                to.most = from.most;
            }
        }
        if (to.kind == Kind::reference && to.target.empty()) {
            to.target = from.target;
            to.kind = from.kind == Kind::reference ? Kind::reference : Kind::integer;
        } else if (to.target != from.target) {
            said.push_back(from.target.empty() ? concat({"does not refer to ", to.target})
                           : to.target.empty()
                               ? concat({"refers to ", from.target, ", the model to nothing"})
                               : concat({"refers to ", from.target, ", the model to ", to.target}));
        }
        if (!said.empty()) {
            alter(stored, to, said, is_other_type);
        }
    }
    void alter(const StoredColumn& stored, const ColumnType& to, const std::vector<std::string>& said,
               bool is_other_type) {
        ColumnType from = stored.type;
        if (!is_other_type && from.kind != Kind::reference) {  // kinds that the engine keeps alike
            from.kind = to.kind == Kind::reference ? Kind::integer : to.kind;
        }
        Difference difference{.what = concat({table_, ".", stored.name, ": ", list_text(said)}),
                              .mend = {alter_column(table_, stored.name, {.from = from, .to = to})},
                              .undo = {alter_column(table_, stored.name, {.from = to, .to = from})},
                              .remark = is_other_type ? is_rewritten : ""};
        if (dialect_ == sql::Dialect::postgresql && stored_words(from, dialect_) != stored.engine_type) {
            // a type that columns of Brio do not have: what comes nearest to it is not what it is
            difference.mend.insert(difference.mend.begin(),
                                   type_change(stored.name, type_text(from, dialect_)));
            difference.undo.push_back(type_change(stored.name, stored.engine_type));
        }
        found_.push_back(std::move(difference));
    }
    Operation type_change(std::string_view column, std::string_view type) const {
        return raw("", concat({"ALTER TABLE ", sql::quoted_name(table_), " ALTER COLUMN ",
                               sql::quoted_name(column), " TYPE ", type}));
    }

    void compare_indexes(const std::vector<ModelIndex>& model, const std::vector<StoredIndex>& stored) {
        for (const ModelIndex& wanted : model) {
            const auto make = index_operation(wanted.name, table_, wanted.columns, wanted.is_unique);
            const auto found = std::ranges::find(stored, wanted.name, &StoredIndex::name);
            if (found == stored.end()) {
                found_.push_back(
                    {.what = concat({"there is no index ", wanted.name, ", ",
                                     index_words(wanted.columns, wanted.is_unique), " of ", table_}),
                     .mend = {make},
                     .undo = {drop_index(wanted.name)}});
            } else if (!found->is_valid) {
                found_.push_back({.what = concat({"the index ", wanted.name,
                                                  " is invalid: its building did not "
                                                  "come to an end"}),
                                  .mend = {drop_index(wanted.name), make},
                                  .undo = {}});
            } else if (found->is_plain &&
                       (found->columns != wanted.columns || found->is_unique != wanted.is_unique)) {
                found_.push_back(
                    {.what = concat({"the index ", wanted.name, " is ",
                                     index_words(found->columns, found->is_unique), ", the model says ",
                                     index_words(wanted.columns, wanted.is_unique)}),
                     .mend = {drop_index(wanted.name), make},
                     .undo = {drop_index(wanted.name),
                              index_operation(wanted.name, table_, found->columns, found->is_unique)}});
            }
        }
        for (const StoredIndex& index : stored) {
            // A model cannot speak of the others: of expressions, and of a part of the rows.
            if (index.is_plain && std::ranges::find(model, index.name, &ModelIndex::name) == model.end()) {
                found_.push_back(
                    {.what = concat({"the index ", index.name, " of ", table_, " is not in the model"}),
                     .mend = {drop_index(index.name)},
                     .undo = {index_operation(index.name, table_, index.columns, index.is_unique)}});
            }
        }
    }

    const sql::Dialect dialect_;
    std::string table_;
    std::vector<Difference> found_;
};

}  // namespace

std::vector<Difference> differences(const Model& model, const std::vector<StoredTable>& stored,
                                    sql::Dialect dialect) {
    Comparison comparison(dialect);
    for (const ModelTable& table : model) {
        const auto found = std::ranges::find(stored, table.name, &StoredTable::name);
        found == stored.end() ? comparison.miss(table) : comparison.compare(table, *found);
    }
    for (const StoredTable& table : stored) {
        if (std::ranges::find(model, table.name, &ModelTable::name) == model.end()) {
            comparison.exceed(table);
        }
    }
    return std::move(comparison).take();
}

}  // namespace brio::db
