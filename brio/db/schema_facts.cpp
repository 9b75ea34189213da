#include <brio/db/schema_facts.hpp>

#include <brio/db/rows.hpp>

namespace brio::db {

namespace {

struct KeyRow {
    std::string table_name;
    std::string column_name;
    std::string refers_to;
};
struct IndexRow {
    std::string name;
    std::string table_name;
    std::string column_name;
    bool is_unique;
    std::int64_t scans;
};

const sql::Statement& keys_statement() {
    static const sql::Statement made({.name = "foreign keys"}, [](sql::Dialect dialect) -> std::string {
        if (dialect == sql::Dialect::sqlite) {
            return "SELECT m.name AS table_name, f.\"from\" AS column_name, f.\"table\" AS refers_to "
                   "FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' "
                   "ORDER BY 1, 2";
        }
        return "SELECT t.relname::text AS table_name, a.attname::text AS column_name, "
               "r.relname::text AS refers_to FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid "
               "JOIN pg_class r ON r.oid = c.confrelid "
               "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
               "WHERE c.contype = 'f' AND t.relnamespace = current_schema()::regnamespace ORDER BY 1, 2";
    });
    return made;
}

const sql::Statement& indexes_statement() {
    static const sql::Statement made({.name = "indexes"}, [](sql::Dialect dialect) -> std::string {
        if (dialect == sql::Dialect::sqlite) {
            return "SELECT i.name AS name, m.name AS table_name, coalesce(c.name, '') AS column_name, "
                   "i.\"unique\" AS is_unique, -1 AS scans "
                   "FROM sqlite_schema m JOIN pragma_index_list(m.name) i JOIN pragma_index_info(i.name) c "
                   "WHERE m.type = 'table' AND i.origin = 'c' ORDER BY i.name, c.seqno";
        }
        return "SELECT i.relname::text AS name, t.relname::text AS table_name, "
               "coalesce(a.attname::text, '') AS column_name, x.indisunique AS is_unique, "
               "coalesce(s.idx_scan, 0) AS scans FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid "
               "JOIN pg_class t ON t.oid = x.indrelid "
               "CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY AS k(attnum, place) "
               "LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum AND k.attnum > 0 "
               "LEFT JOIN pg_stat_user_indexes s ON s.indexrelid = i.oid "
               "WHERE t.relnamespace = current_schema()::regnamespace AND NOT x.indisprimary "
               "ORDER BY i.relname, k.place";
    });
    return made;
}

}  // namespace

Async<SchemaFacts> read_schema_facts(Engine& engine) {
    NamedRowsSink<KeyRow> keys;
    NamedRowsSink<IndexRow> indexes;
    std::array<Query, 2> batch{Query{.statement = &keys_statement(), .sink = &keys},
                               Query{.statement = &indexes_statement(), .sink = &indexes}};
    co_await engine.read(batch);
    SchemaFacts facts;
    for (KeyRow& row : keys.values) {
        facts.keys.push_back(
            {std::move(row.table_name), std::move(row.column_name), std::move(row.refers_to)});
    }
    for (IndexRow& row : indexes.values) {
        if (facts.indexes.empty() || facts.indexes.back().name != row.name) {
            SchemaIndex& made = facts.indexes.emplace_back();
            made.name = std::move(row.name);
            made.table = std::move(row.table_name);
            made.is_unique = row.is_unique;
            if (row.scans >= 0) {
                made.scans = static_cast<std::uint64_t>(row.scans);
            }
        }
        facts.indexes.back().columns.push_back(std::move(row.column_name));
    }
    co_return facts;
}

}  // namespace brio::db
