// The body of a POST: one JSON object, read by simdjson into a row.
#pragma once
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

/// Nothing when `body` is not one JSON object of known, valid members with a name among them. Not
/// thread-safe: it keeps one parser for the process.
std::optional<NewRow> parse_row(std::string_view body);

}  // namespace bench
