// How the columns of a row become JSON: for each column the bytes that stand before its value and the form of
// the value.
//
// An engine walks the plan over its own column functions, so a row becomes JSON without a struct in between.
// Made once per type.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <brio/base/buffer.hpp>

namespace brio::sql {

enum class JsonForm : std::uint8_t {
    integer,
    real,
    boolean,
    text,
    timestamp,  // RFC 3339
    json,       // as it is stored
    base64,     // bytes
    decimal,    // a string of digits; `count` of them behind the point
    group,   // no column: the object of the next `entries` entries, or null when their first column is NULL
    splice,  // no column: where children of the row whose id is result column `count` will be put in
};

/// A few constant bytes, appended without a call.
class JsonBytes {
public:
    JsonBytes() = default;
    JsonBytes(std::string bytes) : bytes_(std::move(bytes)) {
        size_ = bytes_.size();
        bytes_.resize(std::max(size_, fixed));
    }
    void append_to(Buffer& out) const {
        if (size_ <= fixed) [[likely]] {
            std::memcpy(out.prepare(fixed), bytes_.data(), fixed);
            out.commit(size_);
        } else {
            out.append(view());
        }
    }
    bool empty() const noexcept { return size_ == 0; }
    std::string_view view() const noexcept { return std::string_view(bytes_).substr(0, size_); }

private:
    static constexpr std::size_t fixed = 32;  // copied always, however few of them count
    std::string bytes_ = std::string(fixed, ' ');
    std::size_t size_ = 0;
};

struct JsonColumn {
    JsonForm form = JsonForm::text;
    bool nullable = false;
    std::uint16_t count = 0;    // of a group: its columns; see also decimal and splice
    std::uint16_t entries = 0;  // of a group: the entries that it consists of; of a splice: its number
    JsonBytes before;           // `{"id":` or `,"name":`
    JsonBytes after = {};       // what closes here: groups at their last entry, those around one that is null
};

struct JsonPlan {
    std::vector<JsonColumn> columns;
    int first = 0;                     // the result column of the first of them
    JsonBytes close = JsonBytes("}");  // after the last column
    int id = -1;                       // the result column, an integer, that JsonRows::ids collects; -1: none
    bool ends = false;                 // JsonRows::ends is wanted
};

}  // namespace brio::sql
