#include <brio/db/sqlite_rows.hpp>

#include <sqlite3.h>

#include <algorithm>

#include <brio/json/write.hpp>
#include <brio/reflect/bytes.hpp>
#include <brio/reflect/decimal.hpp>
#include <brio/reflect/timestamp.hpp>

namespace brio::db::sqlite {

namespace {

// The column is looked up once for both: sqlite3_column_text() and sqlite3_column_bytes() each do it again.
std::string_view text_of(sqlite3_stmt* statement, int column) {
    sqlite3_value* const value = sqlite3_column_value(statement, column);
    // Text first: it is what fixes the number of bytes.
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    return {text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}
// What a page's buffer has room for from the start; it grows for more.
constexpr std::size_t usual_row = 320;
constexpr std::uint64_t most_reserved_rows = 100;

std::string_view blob_of(sqlite3_stmt* statement, int column) {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

void write_timestamp(Buffer& out, std::int64_t microseconds) {
    char* to = out.prepare(Timestamp::text_size + 2);
    *to = '"';
    *Timestamp(microseconds).format(to + 1) = '"';
    out.commit(Timestamp::text_size + 2);
}

void write_base64(Buffer& out, std::string_view bytes) {
    const Bytes value{std::string(bytes)};
    const std::size_t size = value.text_size();
    char* to = out.prepare(size + 2);
    *to = '"';
    *value.format(to + 1) = '"';
    out.commit(size + 2);
}

void write_decimal(Buffer& out, std::int64_t units, unsigned scale) {
    char* to = out.prepare(24);
    *to = '"';
    char* const end = reflect::detail::format_decimal(to + 1, units, scale);
    *end = '"';
    out.commit(static_cast<std::size_t>(end + 1 - to));
}

void write_value(sqlite3_stmt* statement, int column, const sql::JsonColumn& plan, Buffer& out) {
    if (plan.nullable && sqlite3_column_type(statement, column) == SQLITE_NULL) {
        out.append("null");
        return;
    }
    switch (plan.form) {
        case sql::JsonForm::integer: json::write_integer(out, sqlite3_column_int64(statement, column)); break;
        case sql::JsonForm::real: json::write_number(out, sqlite3_column_double(statement, column)); break;
        case sql::JsonForm::boolean:
            out.append(sqlite3_column_int64(statement, column) != 0 ? "true" : "false");
            break;
        case sql::JsonForm::text: json::write_string(out, text_of(statement, column)); break;
        case sql::JsonForm::timestamp: write_timestamp(out, sqlite3_column_int64(statement, column)); break;
        case sql::JsonForm::json: out.append(text_of(statement, column)); break;
        case sql::JsonForm::base64: write_base64(out, blob_of(statement, column)); break;
        case sql::JsonForm::decimal:
            write_decimal(out, sqlite3_column_int64(statement, column), plan.count);
            break;
        case sql::JsonForm::group:
        case sql::JsonForm::splice: break;
    }
}

void write_row(sqlite3_stmt* statement, const sql::JsonPlan& plan, JsonRows& rows) {
    Buffer& out = rows.out;
    int column = plan.first;
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
        const sql::JsonColumn& each = plan.columns[i];
        each.before.append_to(out);
        if (each.form == sql::JsonForm::group) {
            if (each.nullable && sqlite3_column_type(statement, column) == SQLITE_NULL) {
                out.append("null");
                each.after.append_to(out);
                i += each.entries;
                column += each.count;
            }
            continue;
        }
        if (each.form == sql::JsonForm::splice) {
            rows.splices.push_back({each.entries, sqlite3_column_int64(statement, each.count), out.size()});
            each.after.append_to(out);
            continue;
        }
        write_value(statement, column++, each, out);
        if (!each.after.empty()) {
            each.after.append_to(out);
        }
    }
}

void keep_key(sqlite3_stmt* statement, int column, sql::Values& key) {
    key.clear();
    switch (sqlite3_column_type(statement, column)) {
        case SQLITE_INTEGER: key.add_integer(sqlite3_column_int64(statement, column)); break;
        case SQLITE_FLOAT: key.add_real(sqlite3_column_double(statement, column)); break;
        case SQLITE_NULL: key.add_null(); break;
        default: key.add_bytes(text_of(statement, column)); break;
    }
}

}  // namespace

bool StatementColumns::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
std::int64_t StatementColumns::integer(int column) const { return sqlite3_column_int64(statement_, column); }
double StatementColumns::real(int column) const { return sqlite3_column_double(statement_, column); }
std::string_view StatementColumns::text(int column) const { return blob_of(statement_, column); }
std::int64_t StatementColumns::timestamp(int column) const {
    return sqlite3_column_int64(statement_, column);
}
int StatementColumns::count() const { return sqlite3_column_count(statement_); }
std::string_view StatementColumns::name(int column) const { return sqlite3_column_name(statement_, column); }

int encode_rows(sqlite3_stmt* statement, JsonRows& rows) {
    rows.clear();
    const sql::JsonPlan& plan = *rows.plan;
    rows.out.reserve(std::min(rows.most, most_reserved_rows) * usual_row);
    int code = SQLITE_DONE;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        if (rows.rows == rows.most) {
            rows.more = true;
            return SQLITE_DONE;
        }
        if (rows.rows++ != 0) {
            rows.out.push_back(',');
        }
        write_row(statement, plan, rows);
        if (plan.id >= 0) {
            rows.ids.push_back(sqlite3_column_int64(statement, plan.id));
        }
        if (plan.ends) {
            rows.ends.push_back(rows.out.size());
        }
        plan.close.append_to(rows.out);
        if (rows.key >= 0 && rows.rows == rows.most) {
            keep_key(statement, rows.key, rows.last_key);
            rows.last_id = sqlite3_column_int64(statement, 0);
        }
    }
    return code;
}

}  // namespace brio::db::sqlite
