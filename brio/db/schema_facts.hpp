// What the database itself knows of its tables: indexes and references. Read where statements are explained,
// not where requests are served.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <brio/db/engine.hpp>

namespace brio::db {

struct ForeignKey {
    std::string table;
    std::string column;
    std::string refers_to;
};

struct SchemaIndex {
    std::string name;
    std::string table;
    std::vector<std::string> columns;  // an expression is an empty name
    bool is_unique = false;
    std::optional<std::uint64_t> scans;  // since the server counts; not known on SQLite
};

struct SchemaFacts {
    std::vector<ForeignKey> keys;
    std::vector<SchemaIndex> indexes;  // without those that the engine made for itself
};

/// Throws error.hpp's exceptions.
Async<SchemaFacts> read_schema_facts(Engine& engine);

}  // namespace brio::db
