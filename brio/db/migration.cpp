#include <brio/db/migration.hpp>

#include <brio/base/expect.hpp>
#include <brio/base/text.hpp>
#include <brio/db/migration_text.hpp>

namespace brio::db {

ColumnType ColumnType::optional() const {
    ColumnType changed = *this;
    changed.is_optional = true;
    return changed;
}
ColumnType ColumnType::on_delete_cascade() const {
    ColumnType changed = *this;
    changed.cascades = true;
    return changed;
}
ColumnType ColumnType::by_default(std::string constant) const {
    ColumnType changed = *this;
    changed.otherwise = std::move(constant);
    return changed;
}

std::string_view name_of(Direction direction) noexcept { return direction == Direction::up ? "up" : "down"; }

IndexKey expression(std::string text) {
    IndexKey key(std::move(text));
    key.is_expression = true;
    return key;
}
IndexKey descending(IndexKey key) {
    key.is_descending = true;
    return key;
}

using Kind = Operation::Kind;

Operation Operation::where(std::string rows) const {
    expect(kind == Kind::create_index, "where() is of create_index()");
    Operation changed = *this;
    changed.condition = std::move(rows);
    return changed;
}

Operation create_table(std::string name, std::vector<ColumnDefinition> columns) {
    return {.kind = Kind::create_table, .table = std::move(name), .columns = std::move(columns)};
}
Operation drop_table(std::string name) { return {.kind = Kind::drop_table, .table = std::move(name)}; }
Operation rename_table(std::string from, std::string to) {
    return {.kind = Kind::rename_table, .table = std::move(from), .new_name = std::move(to)};
}
Operation add_column(std::string table, std::string name, ColumnType type) {
    return {.kind = Kind::add_column,
            .table = std::move(table),
            .name = name,
            .columns = {{std::move(name), std::move(type)}}};
}
Operation drop_column(std::string table, std::string name) {
    return {.kind = Kind::drop_column, .table = std::move(table), .name = std::move(name)};
}
Operation rename_column(std::string table, std::string from, std::string to) {
    return {.kind = Kind::rename_column,
            .table = std::move(table),
            .name = std::move(from),
            .new_name = std::move(to)};
}
Operation alter_column(std::string table, std::string name, ColumnChange change) {
    return {.kind = Kind::alter_column,
            .table = std::move(table),
            .name = name,
            .columns = {{name, std::move(change.from)}, {name, std::move(change.to)}},
            .conversion = std::move(change.conversion)};
}
Operation add_foreign_key(std::string table, std::string column, ColumnType reference) {
    ColumnType plain = reference;
    plain.kind = ColumnType::Kind::integer;
    return alter_column(std::move(table), std::move(column),
                        {.from = std::move(plain), .to = std::move(reference)});
}
Operation drop_foreign_key(std::string table, std::string column, ColumnType reference) {
    ColumnType plain = reference;
    plain.kind = ColumnType::Kind::integer;
    return alter_column(std::move(table), std::move(column),
                        {.from = std::move(reference), .to = std::move(plain)});
}
Operation create_index(std::string name, std::string table, std::vector<IndexKey> keys,
                       Uniqueness uniqueness) {
    return {.kind = Kind::create_index,
            .table = std::move(table),
            .name = std::move(name),
            .keys = std::move(keys),
            .is_unique = uniqueness == Uniqueness::unique};
}
Operation drop_index(std::string name) { return {.kind = Kind::drop_index, .name = std::move(name)}; }
Operation raw(std::string text) {
    std::string other = text;
    return raw(std::move(text), std::move(other));
}
Operation raw(std::string sqlite, std::string postgresql) {
    return {.kind = Kind::raw, .texts = {std::move(sqlite), std::move(postgresql)}};
}
Operation dangerous(std::string why, Operation operation) {
    expect(!why.empty(), "a dangerous operation says why it may be done");
    operation.accepted = std::move(why);
    return operation;
}

namespace {

/// Texts had no collation of their own when the first checksums were made.
std::string without_collation(std::string text) {
    constexpr std::string_view collation = " COLLATE \"C\"";
    for (auto at = text.find(collation); at != text.npos; at = text.find(collation, at)) {
        text.erase(at, collation.size());
    }
    return text;
}

// Frozen: what it gives for an operation stands in databases, as a part of a checksum. One dialect stands for
// all, since it is made from everything that an operation holds; why a danger was accepted may be reworded.
std::string stable_text(const Operation& operation) {
    constexpr auto dialect = sql::Dialect::postgresql;
    if (operation.kind == Kind::raw && operation.texts[0] != operation.texts[1]) {
        return concat({operation.texts[0], "\n", operation.texts[1]});
    }
    if (operation.kind == Kind::alter_column) {
        return without_collation(
            concat({"alter ", operation.table, ": ", column_text(operation.columns.at(0), dialect), " -> ",
                    column_text(operation.columns.at(1), dialect), " by ", operation.conversion}));
    }
    const std::string text = render(operation, dialect);
    return operation.kind == Kind::raw ? text : without_collation(text);
}

}  // namespace

std::uint64_t Migration::checksum() const {
    std::string text = revision;
    for (const Operation& operation : upgrade) {
        text += '\n' + stable_text(operation);
    }
    return sql::stable_hash(text);
}

}  // namespace brio::db
