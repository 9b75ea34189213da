#include <algorithm>

#include <brio/base/text.hpp>
#include <brio/db/postgres_session.hpp>
#include <brio/db/stored_schema.hpp>

namespace brio::db::postgres {

namespace {

constexpr const char* columns_text =
    "SELECT t.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, "
    "coalesce(pg_get_expr(d.adbin, d.adrelid), ''), "
    "coalesce((SELECT pg_get_constraintdef(c.oid) FROM pg_constraint c WHERE c.conrelid = t.oid AND "
    "c.contype = "
    "'c' AND c.conkey = ARRAY[a.attnum] AND pg_get_constraintdef(c.oid) LIKE 'CHECK ((length(%) <= %))' "
    "LIMIT 1), "
    "''), "
    "coalesce((SELECT f.confrelid::regclass::text || CASE f.confdeltype WHEN 'c' THEN '!' ELSE '' END FROM "
    "pg_constraint f WHERE f.conrelid = t.oid AND f.contype = 'f' AND f.conkey = ARRAY[a.attnum] LIMIT 1), "
    "''), "
    "EXISTS (SELECT 1 FROM pg_index k WHERE k.indrelid = t.oid AND k.indisprimary AND k.indnkeyatts = 1 AND "
    "k.indkey[0] = a.attnum) "
    "FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid LEFT JOIN pg_attrdef d ON d.adrelid = t.oid "
    "AND "
    "d.adnum = a.attnum WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind IN ('r', 'p') "
    "AND NOT "
    "starts_with(t.relname::text, 'brio_') AND a.attnum > 0 AND NOT a.attisdropped ORDER BY t.relname, "
    "a.attnum";

constexpr const char* indexes_text =
    "SELECT t.relname, i.relname, coalesce(a.attname, ''), x.indisunique, x.indpred IS NULL AND x.indexprs "
    "IS "
    "NULL, x.indisvalid FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = "
    "x.indrelid CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY AS k(attnum, place) LEFT JOIN "
    "pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum AND k.attnum > 0 WHERE t.relnamespace = "
    "current_schema()::regnamespace AND NOT x.indisprimary AND NOT starts_with(t.relname::text, 'brio_') "
    "ORDER BY "
    "t.relname, i.relname, k.place";

/// `'draft'::text` is `'draft'`.
std::string without_cast(std::string text) {
    const auto at = text.rfind("'::");
    return at == text.npos ? text : text.substr(0, at + 1);
}

StoredColumn column_of(const Session::Row& row) {
    StoredColumn column{.name = *row[1], .engine_type = *row[2], .type = nearest_type(*row[2], *row[5])};
    column.type.is_optional = *row[3] == "t";
    column.type.otherwise = without_cast(*row[4]);
    if (std::string target = *row[6]; !target.empty()) {
        column.type.kind = ColumnType::Kind::reference;
        column.type.cascades = target.ends_with('!');
        target.resize(target.size() - (column.type.cascades ? 1 : 0));
        column.type.target = std::move(target);
    }
    column.is_key = *row[7] == "t";
    return column;
}

}  // namespace

std::vector<StoredTable> read_stored_schema(const std::string& url) {
    Session session(url);
    std::vector<StoredTable> tables;
    for (const auto& row : session.query(columns_text)) {
        if (tables.empty() || tables.back().name != *row[0]) {
            tables.push_back({.name = *row[0]});
        }
        tables.back().columns.push_back(column_of(row));
    }
    for (const auto& row : session.query(indexes_text)) {
        const auto table = std::ranges::find(tables, *row[0], &StoredTable::name);
        if (table == tables.end()) {
            continue;
        }
        if (table->indexes.empty() || table->indexes.back().name != *row[1]) {
            table->indexes.push_back({.name = *row[1],
                                      .is_unique = *row[3] == "t",
                                      .is_plain = *row[4] == "t",
                                      .is_valid = *row[5] == "t"});
        }
        table->indexes.back().columns.push_back(*row[2]);
    }
    return tables;
}

}  // namespace brio::db::postgres
