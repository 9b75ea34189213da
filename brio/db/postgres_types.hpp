// PostgreSQL's binary formats of the types that columns have. Internal.
//
// Follows the server's *_send and *_recv functions: integers and IEEE doubles in network byte order,
// timestamps as microseconds and dates as days since 2000-01-01.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/sql/value.hpp>

namespace brio::db::postgres {

/// The number of a type in pg_type; the same as libpq's.
using Oid = unsigned int;

/// How a value of a type is read from its binary format.
enum class Form : std::uint8_t {
    boolean,
    int2,
    int4,
    int8,
    float4,
    float8,
    numeric,
    text,  // also json, names, enumerations and domains over text
    bytes,
    date,
    timestamp,  // with or without time zone: UTC
    uuid,
    jsonb,
};

/// Nothing for a type that is not read here (arrays, intervals, …). A type that was made in the database (an
/// enumeration, citext) is taken for text, which is what its binary format is.
std::optional<Form> form_of(Oid type) noexcept;

template <class Word>
Word load(const char* bytes) noexcept {
    Word word;
    std::memcpy(&word, bytes, sizeof word);
    if constexpr (std::endian::native == std::endian::little) {
        word = std::byteswap(word);
    }
    return word;
}

inline constexpr std::int64_t epoch_microseconds = 946'684'800'000'000;  // 2000-01-01 after 1970-01-01
inline constexpr std::int32_t epoch_days = 10'957;

/// The digits of a numeric: `-12.340`. NaN and infinities by these names.
std::string numeric_text(std::string_view binary);

/// The values of one execution in the form that libpq takes, encoded for the types that the server gave the
/// parameters. What it holds lasts until the next encode().
class Parameters {
public:
    /// Throws StatementError when a value cannot be one of its parameter's type, CheckViolation when it is
    /// out of the type's range.
    void encode(const sql::Values& values, const std::vector<Oid>& types);

    int count() const noexcept { return static_cast<int>(pointers_.size()); }
    const char* const* pointers() const noexcept { return pointers_.data(); }
    const int* lengths() const noexcept { return lengths_.data(); }
    const int* formats() const noexcept { return formats_.data(); }

private:
    struct Place {
        std::size_t offset;
        bool null;
    };
    void add(const sql::Value& value, Oid type);
    void add_integer(std::int64_t value, Oid type);
    void put(std::string_view bytes, bool binary);
    template <class Word>
    void put_word(Word word);

    std::string bytes_;
    std::vector<Place> places_;
    std::vector<const char*> pointers_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
};

/// A JSON array of integers or strings as PostgreSQL's array literal: `[1,2]` is `{1,2}`.
std::string array_literal(std::string_view json_array);

}  // namespace brio::db::postgres
