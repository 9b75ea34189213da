// Migrations as the C++ that makes them: what a program prints for its author to paste. Pure.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <brio/db/migration.hpp>

namespace brio::db {

/// `create_index("i", "t", {"a", "b"}, unique)`
std::string code_of(const Operation& operation);

/// `column::text(120).optional()`
std::string code_of(const ColumnType& type);

/// The element of an array of migrations, with a comma behind it. Without operations: a skeleton.
std::string code_of(const Migration& migration);

/// The name of the next revision: `0004_more_notes` after `0003_…` for the words "More notes".
std::string next_revision(std::span<const Migration> migrations, std::string_view words);

/// The source with the code at the end of its array `const Migration …[] = {…};`. Nothing when there is not
/// exactly one.
std::optional<std::string> with_migration(std::string_view source, std::string_view code);

}  // namespace brio::db
