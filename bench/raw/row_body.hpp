// The body of a POST: one JSON object, read by simdjson into a row.
#pragma once
#include <brio/base/buffer.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bench {

struct NewRow {
    std::int64_t owner_id = 1;
    std::string name;  // 1 to 120 characters
    std::string description;
    std::string status = "draft";  // draft, active or archived
};

struct StoredRow {
    std::int64_t id = 0;  // 0: there is no such owner, nothing was stored
    std::int64_t created_at = 0;
};

/// Appends the row as a JSON object, with version 1.
void append_row(brio::Buffer& out, const NewRow& row, const StoredRow& stored);

/// Nothing when `body` is not one JSON object of known, valid members with a name among them. Not
/// thread-safe: it keeps one parser for the process.
std::optional<NewRow> parse_row(std::string_view body);

}  // namespace bench
