#include <brio/sql/row_text.hpp>

#include <brio/base/expect.hpp>

namespace brio::sql {

namespace {

bool has(std::uint64_t bits, std::size_t at) noexcept { return (bits >> at & 1) != 0; }

/// `"a" = <value of a>` for each column of the bits, with a comma before all but the first.
template <class WriteValue>
void write_sets(StatementText& text, const RowText& row, std::uint64_t bits, std::string_view& comma,
                WriteValue write_value) {
    for (std::size_t i = 0; i < row.columns.size(); ++i) {
        if (has(bits, i)) {
            (text << std::exchange(comma, ", ")).name(row.columns[i]) << " = ";
            write_value(row.columns[i]);
        }
    }
}

}  // namespace

void write_insert(StatementText& text, const RowText& row, std::string_view alias) {
    (text << "INSERT INTO ").name(row.table) << (alias.empty() ? "" : " AS ") << alias << " (";
    std::string_view comma;
    for (std::size_t i = 0; i < row.columns.size(); ++i) {
        if (i != row.id) {
            (text << std::exchange(comma, ", ")).name(row.columns[i]);
        }
    }
    text << ") VALUES (";
    comma = {};
    for (std::size_t i = 1; i < row.columns.size(); ++i) {
        (text << std::exchange(comma, ", ")).parameter();
    }
    text << ")";
}

void write_on_conflict(StatementText& text, const RowText& row, std::span<const std::string_view> unique,
                       const RowChanges& changes) {
    text << " ON CONFLICT (";
    std::string_view comma;
    for (const std::string_view column : unique) {
        (text << std::exchange(comma, ", ")).name(column);
    }
    text << ") DO UPDATE SET ";
    comma = {};
    auto excluded = [&](std::string_view column) { text.column("excluded", column); };
    write_sets(text, row, changes.given | changes.now, comma, excluded);
    write_sets(text, row, changes.counted, comma,
               [&](std::string_view column) { text.column("t", column) << " + 1"; });
    if (comma.empty()) {
        // Something must be set for the row to be given.
        text.name(unique.front()) << " = ";
        text.column("t", unique.front());
    }
}

void write_update(StatementText& text, const RowText& row, const RowChanges& changes) {
    (text << "UPDATE ").name(row.table) << " AS t SET ";
    std::string_view comma;
    auto parameter = [&](std::string_view) { text.parameter(); };
    write_sets(text, row, changes.given, comma, parameter);
    write_sets(text, row, changes.now, comma, parameter);
    write_sets(text, row, changes.counted, comma,
               [&](std::string_view column) { text.column("t", column) << " + 1"; });
    if (comma.empty()) {
        text << "\"id\" = t.\"id\"";
    }
}

void write_returning(StatementText& text, const RowText& row) {
    std::string_view word = " RETURNING ";
    for (const std::string_view column : row.columns) {
        (text << std::exchange(word, ", ")).name(column);
    }
}

const Statement& ChangeStatements::find(std::uint64_t changed, unsigned kind,
                                        const std::function<Statement()>& make) {
    const std::scoped_lock lock(mutex_);
    auto& statement = made_[{changed, kind}];
    if (statement == nullptr) {
        expect(made_.size() <= 256, "the updates of one table have at most 256 combinations of columns");
        statement.reset(new const Statement(make()));
    }
    return *statement;
}

}  // namespace brio::sql
