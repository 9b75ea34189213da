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
    std::string close = "}";      // after the last column
    std::vector<int> keys;        // result columns that JsonRows::last keeps of the last row
    int id = -1;                  // the result column that JsonRows::ids collects; -1: none
    bool ends = false;            // JsonRows::ends is wanted
    int result_columns = 0;
};

}  // namespace brio::sql
