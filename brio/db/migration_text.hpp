// The text of one operation in one dialect. Internal: pure, for the engines' parts of the migrator.
#pragma once
#include <string>
#include <string_view>

#include <brio/db/migration.hpp>

namespace brio::db {

/// What the engine calls it: "bigint", "TEXT". Of an id: without its key.
std::string_view engine_type(ColumnType::Kind kind, sql::Dialect dialect);

/// engine_type() with the digits of a decimal.
std::string type_text(const ColumnType& type, sql::Dialect dialect);

/// `"name" text NOT NULL DEFAULT 'x' CHECK (…)`, as within CREATE TABLE.
std::string column_text(const ColumnDefinition& definition, sql::Dialect dialect);

/// `length("name") <= 120`; empty for what has no limit.
std::string limit_text(const ColumnDefinition& definition);

/// ` REFERENCES "users" ("id") ON DELETE CASCADE`
std::string reference_text(const ColumnType& type);

/// The statement without a final semicolon. alter_column is several statements, which differ by engine: see
/// postgres_steps.hpp and sqlite_migrate.cpp.
std::string render(const Operation& operation, sql::Dialect dialect);

}  // namespace brio::db
