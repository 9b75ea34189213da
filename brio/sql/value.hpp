// The values that are bound to a statement's parameters, owned, so that they may travel to another thread.
//
// Up to twelve values and their short texts cost at most one allocation.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <brio/base/buffer.hpp>

namespace brio::sql {

/// What an engine is given. It decides how each is stored: SQLite keeps a timestamp as integer microseconds
/// and booleans as 0 and 1.
enum class ValueKind : std::uint8_t {
    null,
    integer,
    real,
    boolean,
    text,
    blob,
    timestamp,  // microseconds since 1970 in `integer`
    json,       // encoded JSON
    list,       // a JSON array of integers or strings: what `in` compares with
    pattern,    // of LIKE, case-sensitive: SQLite takes it as the GLOB that means the same
    decimal,    // units in `integer` (SQLite), the digits in `bytes` (PostgreSQL)
};

struct Value {
    ValueKind kind = ValueKind::null;
    union {
        std::int64_t integer = 0;
        double real;
    };
    std::string_view bytes;  // text, blob, json, list, pattern, decimal
};

class Values {
public:
    void add_null() { push({.kind = ValueKind::null}); }
    void add_integer(std::int64_t value, ValueKind kind = ValueKind::integer) {
        push({.kind = kind, .integer = value});
    }
    void add_real(double value) {
        Entry entry{.kind = ValueKind::real};
        entry.real = value;
        push(entry);
    }
    /// Copies the bytes.
    void add_bytes(std::string_view value, ValueKind kind = ValueKind::text) {
        push({.kind = kind,
              .offset = static_cast<std::uint32_t>(bytes_.size()),
              .length = static_cast<std::uint32_t>(value.size())});
        bytes_.append(value);
    }
    void add_decimal(std::int64_t units, std::string_view digits) {
        push({.kind = ValueKind::decimal,
              .integer = units,
              .offset = static_cast<std::uint32_t>(bytes_.size()),
              .length = static_cast<std::uint32_t>(digits.size())});
        bytes_.append(digits);
    }
    void add(const Value& value);
    void append(const Values& others);

    std::size_t size() const noexcept { return count_; }
    /// Its bytes last until the next call that adds.
    Value operator[](std::size_t at) const noexcept {
        const Entry& entry = at < first_.size() ? first_[at] : more_[at - first_.size()];
        Value value{.kind = entry.kind};
        if (entry.kind == ValueKind::real) {
            value.real = entry.real;
        } else {
            value.integer = entry.integer;
        }
        value.bytes = std::string_view(bytes_).substr(entry.offset, entry.length);
        return value;
    }
    void clear() noexcept {
        count_ = 0;
        more_.clear();
        bytes_.clear();
    }
    /// Kinds and contents as bytes, equal for equal values: a key for look-ups.
    void append_key(Buffer& out) const;

private:
    struct Entry {
        ValueKind kind = ValueKind::null;
        union {
            std::int64_t integer = 0;
            double real;
        };
        std::uint32_t offset = 0;
        std::uint32_t length = 0;
    };
    void push(const Entry& entry) {
        if (count_ < first_.size()) [[likely]] {
            first_[count_] = entry;
        } else {
            more_.push_back(entry);
        }
        ++count_;
    }

    std::size_t count_ = 0;
    std::array<Entry, 12> first_;
    std::vector<Entry> more_;
    std::string bytes_;
};

/// The columns of one row that an engine has just read. Texts last until the next row.
class Columns {
public:
    virtual bool is_null(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;
    virtual double real(int column) const = 0;
    /// Also of a blob.
    virtual std::string_view text(int column) const = 0;
    /// Microseconds since 1970.
    virtual std::int64_t timestamp(int column) const = 0;
    /// Units of a Decimal with so many digits behind the point. As it stands, for engines that keep units.
    virtual std::int64_t decimal(int column, unsigned scale) const {
        static_cast<void>(scale);
        return integer(column);
    }
    virtual int count() const = 0;
    virtual std::string_view name(int column) const = 0;

protected:
    ~Columns() = default;
};

}  // namespace brio::sql
