// How the columns of a row become JSON: for each column the bytes that stand before its value and the form of the value.
//
// An engine walks the plan over its own column functions, so a row becomes JSON without a struct in between. Made once per type.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace brio::sql {

enum class JsonForm : std::uint8_t {
    integer,
    real,
    boolean,
    text,
    timestamp,  // RFC 3339
    json,       // as it is stored
    base64,     // bytes
    group,      // no column: the object of the next `count` columns, or null when the first of them is NULL
};

struct JsonColumn {
    JsonForm form = JsonForm::text;
    bool nullable = false;
    std::uint16_t count = 0;  // of a group
    std::string before;       // `{"id":` or `,"name":`
    std::string after = {};   // of a group's last column: its closing brace
};

struct JsonPlan {
    std::vector<JsonColumn> columns;
    int first = 0;                // the result column of the first of them
    std::string close = "}";      // after the last column
    int id = -1;                  // the result column, an integer, that JsonRows::ids collects; -1: none
    bool ends = false;            // JsonRows::ends is wanted
};

}  // namespace brio::sql
