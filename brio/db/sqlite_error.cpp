#include <sqlite3.h>

#include <algorithm>
#include <string>
#include <vector>

#include <brio/base/text.hpp>
#include <brio/db/error.hpp>
#include <brio/db/sqlite_connection.hpp>

namespace brio::db::sqlite {

namespace {

std::vector<std::string> strings(sqlite3* handle, const std::string& text, int column) {
    std::vector<std::string> found;
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(handle, text.c_str(), static_cast<int>(text.size()), &statement, nullptr) ==
        SQLITE_OK) {
        while (sqlite3_step(statement) == SQLITE_ROW) {
            const auto* value = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
            found.emplace_back(value != nullptr ? value : "");
        }
    }
    sqlite3_finalize(statement);
    return found;
}

std::string identifier(std::string_view name) {
    std::string out = "\"";
    for (const char c : name) {
        out += c;
        if (c == '"') {
            out += c;
        }
    }
    return out + '"';
}

// SQLite's message names the columns ("users.email, users.name"), not the index that they belong to.
[[noreturn]] void throw_unique(sqlite3* handle, std::string_view message) {
    constexpr std::string_view start = "UNIQUE constraint failed: ";
    std::string_view rest = message.starts_with(start) ? message.substr(start.size()) : message;
    if (constexpr std::string_view by_index = "index '"; rest.starts_with(by_index)) {
        rest.remove_prefix(by_index.size());
        const std::string name(rest.substr(0, rest.find('\'')));
        throw UniqueViolation(name, name);
    }
    std::string table;
    std::vector<std::string> columns;
    std::string words;
    while (!rest.empty()) {
        const auto end = std::min(rest.find(", "), rest.size());
        const auto part = rest.substr(0, end);
        const auto dot = part.find('.');
        table = part.substr(0, dot);
        columns.emplace_back(dot == part.npos ? part : part.substr(dot + 1));
        words += (words.empty() ? "" : ", ") + columns.back();
        rest.remove_prefix(std::min(end + 2, rest.size()));
    }
    for (const std::string& index : strings(handle, "PRAGMA index_list(" + identifier(table) + ")", 1)) {
        if (strings(handle, "PRAGMA index_info(" + identifier(index) + ")", 2) == columns) {
            throw UniqueViolation(index, words);
        }
    }
    throw UniqueViolation("primary key", words);
}

}  // namespace

void throw_error(sqlite3* handle, int code, std::string_view statement) {
    const std::string message = sqlite3_errmsg(handle);
    switch (code) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID: throw_unique(handle, message);
        case SQLITE_CONSTRAINT_FOREIGNKEY:
            throw ForeignKeyViolation(sql::type_of(statement) == sql::StatementType::erase
                                          ? ForeignKeyViolation::Cause::still_referenced
                                          : ForeignKeyViolation::Cause::missing);
        default: break;
    }
    switch (code & 0xff) {
        case SQLITE_CONSTRAINT: throw CheckViolation(message);
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_FULL:
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_PROTOCOL:
        case SQLITE_NOMEM: throw Unavailable(concat({"SQLite: ", message, ", in: ", statement}));
        case SQLITE_INTERRUPT: throw QueryTimeout(statement);
        default: throw StatementError(concat({"SQLite: ", message, ", in: ", statement}));
    }
}

}  // namespace brio::db::sqlite
