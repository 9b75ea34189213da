// Values of plain structs as bytes and back, for a cache that is shared with other processes.
//
// The bytes hold no types, no code and no addresses: reading them makes values of the one type that was asked
// for, or nothing. What the type was when they were written is in its fingerprint (names and types of fields,
// enumerators, in their order), which the envelope carries: a struct that was changed does not read what its
// former self wrote.
//
// Knows what json and db know: integers, bool, floating point, enums, strings, Text, Bytes, Id, Version,
// Timestamp, Date, Decimal, Uuid, Raw, optional, vector, array, map, set, pair, tuple, variant, With, types
// with a json::Codec that has a Wire, and structs of these.
#pragma once
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <brio/base/buffer.hpp>
#include <brio/reflect/enums.hpp>
#include <brio/reflect/fields.hpp>

namespace brio::cache {

/// Takes values off the front of bytes. After the first that is not there or is wrong, nothing more is given.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) noexcept : rest_(bytes) {}

    std::string_view rest() const noexcept { return rest_; }
    bool failed() const noexcept { return failed_; }
    bool fail() noexcept {
        failed_ = true;
        rest_ = {};
        return false;
    }
    bool take(std::size_t count, std::string_view& into) noexcept {
        if (count > rest_.size()) {
            return fail();
        }
        into = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return true;
    }
    /// Eight bytes, the least first.
    bool word(std::uint64_t& into) noexcept;
    /// Seven bits a byte, the least first; in the shortest form alone.
    bool number(std::uint64_t& into) noexcept;
    /// A length and so many bytes.
    bool text(std::string_view& into) noexcept;
    /// A number of elements of at least `least` bytes each, which are there.
    bool count(std::size_t least, std::size_t& into) noexcept;

    static constexpr int most_depth = 32;  // of lists, optionals and structs within each other
    bool enter() noexcept { return ++depth_ <= most_depth || fail(); }
    void leave() noexcept { --depth_; }

private:
    std::string_view rest_;
    int depth_ = 0;
    bool failed_ = false;
};

void write_word(Buffer& out, std::uint64_t value);
void write_number(Buffer& out, std::uint64_t value);
void write_text(Buffer& out, std::string_view text);

/// What codec_types.hpp and codec_containers.hpp have for each type; specialise it for one of your own:
/// `least` bytes that a value takes, 1 or more; describe() what a fingerprint is made of.
template <class T>
struct Coder;

template <class T>
concept Coded = requires(Buffer& out, ByteReader& in, T& value) {
    Coder<T>::describe(out, 0);
    Coder<T>::write(out, std::as_const(value));
    { Coder<T>::read(in, value) } -> std::same_as<bool>;
};

namespace detail {
std::uint64_t hash_of_description(std::string_view description) noexcept;
}

/// The same in every process whose T has the same shape.
template <class T>
std::uint64_t type_fingerprint() {
    static const std::uint64_t made = [] {
        Buffer description;
        Coder<T>::describe(description, 0);
        return detail::hash_of_description(description.view());
    }();
    return made;
}

template <class T>
void encode(Buffer& out, const T& value) {
    Coder<T>::write(out, value);
}

/// Nothing when the bytes are not exactly one T. Allocates in proportion to the bytes.
template <class T>
std::optional<T> decode(std::string_view bytes) {
    ByteReader in(bytes);
    std::optional<T> value(std::in_place);
    if (!Coder<T>::read(in, *value) || !in.rest().empty()) {
        value.reset();
    }
    return value;
}

}  // namespace brio::cache

#include <brio/cache/codec_containers.hpp>
#include <brio/cache/codec_types.hpp>
