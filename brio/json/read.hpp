// JSON to plain structs: parse, don't validate.
//
// Either every field was there, of its type and within its limits, or the answer lists every one that was
// not, each with its path. What is read: bool; integers (integer syntax only, exact over 64 bits, range of
// the type); floating point (finite); std::string, Text, Timestamp, Date, Uuid, Decimal, Bytes (from
// strings); enumerators by name; Id and Version (> 0); std::optional (null is nothing); std::vector,
// std::array, std::tuple (arrays); std::map with std::string keys; structs that brio::reflect describes;
// std::variant of alternatives that differ in their kind of JSON; Raw (any JSON); types with a Codec.
//
// RFC 8259, strictly: well-formed UTF-8, no lone surrogates, nothing before or behind the value but white
// space, no byte order mark. Keys given twice and keys that a struct does not have are errors; a struct with
// `static constexpr bool open_object = true;` ignores the latter. required.hpp says which fields may be left
// out.
//
// Thread-safe. Needs no padding behind the text and copies none of it. One pass of a strict scanner, which
// checks what it skips as well; simdjson judges it in the tests and the fuzzer.
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/json/shape.hpp>

namespace brio::json {

struct ReadLimits {
    std::size_t bytes = std::size_t{16} << 20;  // of the text
    std::size_t depth = 32;                     // arrays and objects within each other; at most 1024
    std::size_t elements = 1'000'000;           // of all arrays and maps together
};

struct FieldError {
    std::string path;     // "items[3].name"; empty for the whole text
    std::string message;  // what it must be: "must be an integer"
    bool operator==(const FieldError&) const = default;
};

struct ReadError {
    enum class Kind : std::uint8_t {
        unparsable,  // no JSON
        invalid,     // JSON, but not of this type: `fields` says where
        too_deep,
        too_large,  // in bytes or elements
    };
    static constexpr std::size_t most_fields = 32;  // errors beyond it are not listed

    Kind kind;
    std::vector<FieldError> fields;     // not empty when invalid
    std::optional<std::size_t> offset;  // of the first wrong byte when unparsable or too_deep
};

/// What is wrong, for a log or a command line: "is not JSON (at byte 17)", "items[3].name: must have 1 to 120
/// characters".
std::string describe(const ReadError& error);

namespace detail {
/// Reads into the default-made value at `target`, which afterwards is only good for destruction when this is
/// an error.
std::optional<ReadError> read_shape(std::string_view text, const ReadLimits& limits, const Shape& shape,
                                    void* target);
}  // namespace detail

/// `text` as a T. Requires that T can be default-made. Time is linear in the text; memory beyond the value is
/// bounded.
template <class T>
std::expected<T, ReadError> read(std::string_view text, const ReadLimits& limits = {}) {
    std::expected<T, ReadError> result;
    if (auto error = detail::read_shape(text, limits, detail::shape<T>, &*result)) {
        result = std::unexpected(std::move(*error));
    }
    return result;
}

}  // namespace brio::json
