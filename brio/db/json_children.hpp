// The rows of to-many relations, put into the JSON of the rows that they belong to. Internal.
#pragma once
#include <span>

#include <brio/db/page.hpp>

namespace brio::db {

class Db;

/// Keys in one statement at most.
inline constexpr std::size_t most_keys = 500;

/// One statement for each of `children` (one more for each 500 keys beyond 500), and for those within them.
/// `children` must last until it ends, and stand in the order of the plan's splices.
Async<void> load_json_children(Db db, std::span<const JsonChildren> children, JsonRows& rows);

/// `[1,2,3]` of the keys.
sql::Values key_list(std::span<const std::int64_t> keys);

}  // namespace brio::db
