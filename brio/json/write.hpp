// Plain structs to JSON, straight into a buffer.
//
// bool, integers, floating point (shortest text that reads back the same; NaN and infinities are null),
// strings, enumerators by name, Id, Version, Text, Timestamp, Date, Uuid, Decimal, Bytes (base64),
// std::optional (null when empty), std::vector, std::array, std::span, std::tuple and std::pair (arrays),
// maps with std::string keys, std::variant (the value itself), structs that brio::reflect describes (objects,
// keys in the order of the fields), Raw, and types with a Codec.
//
// What is written is always JSON in well-formed UTF-8: bytes of a std::string that are not become U+FFFD.
// Nothing allocates but the buffer when it grows. Throws std::bad_alloc only.
#pragma once
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include <brio/base/buffer.hpp>
#include <brio/json/codec.hpp>
#include <brio/json/detail/fixed.hpp>
#include <brio/json/detail/traits.hpp>
#include <brio/json/raw.hpp>
#include <brio/reflect/fields.hpp>

namespace brio::json {

/// `text` with its quotes and escapes. Cost: 16 bytes at a time where nothing is to be escaped; beyond ASCII
/// it is checked.
void write_string(Buffer& out, std::string_view text);
/// The same for text that is known to be well-formed UTF-8 (Text; columns that were checked when they were
/// stored).
void write_valid_string(Buffer& out, std::string_view text);
void write_integer(Buffer& out, std::int64_t value);
void write_unsigned(Buffer& out, std::uint64_t value);
void write_number(Buffer& out, double value);
/// `"key":`
void write_key(Buffer& out, std::string_view key);

template <class T>
void write(Buffer& out, const T& value);

/// For tests and places that are not hot.
template <class T>
std::string to_string(const T& value) {
    Buffer out;
    write(out, value);
    return std::string(out.view());
}

namespace detail {

template <class List>
void write_list(Buffer& out, const List& list) {
    char before = '[';
    for (const auto& item : list) {
        out.push_back(std::exchange(before, ','));
        write(out, item);
    }
    out.append(before == '[' ? "[]" : "]");
}

template <class Map>
void write_map(Buffer& out, const Map& map) {
    char before = '{';
    for (const auto& [key, item] : map) {
        out.push_back(std::exchange(before, ','));
        write_key(out, key);
        write(out, item);
    }
    out.append(before == '{' ? "{}" : "}");
}

template <class Tuple>
void write_tuple(Buffer& out, const Tuple& tuple) {
    std::apply(
        [&out](const auto&... items) {
            char before = '[';
            ((out.push_back(std::exchange(before, ',')), write(out, items)), ...);
            out.append(before == '[' ? "[]" : "]");
        },
        tuple);
}

/// `{"name":` for the first field, `,"name":` for the others.
template <class T, std::size_t I>
inline constexpr auto key_text = [] {
    constexpr auto name = reflect::field_names<T>[I];
    std::array<char, name.size() + 4> text{};
    text[0] = I == 0 ? '{' : ',';
    text[1] = '"';
    for (std::size_t i = 0; i < name.size(); ++i) {
        text[i + 2] = name[i];
    }
    text[name.size() + 2] = '"';
    text[name.size() + 3] = ':';
    return text;
}();

/// Bytes that keys and fields of bounded size take at most from field I on, with the bracket that closes the
/// object.
template <class T>
inline constexpr auto room_from = []<std::size_t... I>(std::index_sequence<I...>) {
    constexpr std::size_t count = sizeof...(I);
    const std::array<std::size_t, count + 1> each{
        (key_text<T, I>.size() + fixed_size<reflect::field_t<T, I>>)..., 2};
    std::array<std::size_t, count + 1> rooms{};
    std::size_t room = 0;
    for (std::size_t i = count + 1; i-- > 0;) {
        room += each[i];
        rooms[i] = room;
    }
    return rooms;
}(std::make_index_sequence<reflect::field_count<T>>{});

template <class T, std::size_t I, class Field>
inline char* put_field(Buffer& out, char* to, const Field& field) {
    constexpr auto& key = key_text<T, I>;
    std::memcpy(to, key.data(), key.size());
    to += key.size();
    if constexpr (fixed_size<Field> != 0) {
        return put_fixed(to, field);
    } else {
        out.commit(static_cast<std::size_t>(to - (out.data() + out.size())));
        write(out, field);
        return out.prepare(room_from<T>[I + 1]);
    }
}

/// The keys and the fields of bounded size go into room reserved ahead, so that each is a copy and no check.
template <class T>
void write_object(Buffer& out, const T& value) {
    if constexpr (reflect::field_count<T> == 0) {
        out.append("{}");
    } else {
        char* to = out.prepare(room_from<T>[0]);
        reflect::for_each_field(value, [&](auto index, std::string_view, const auto& field) {
            to = put_field<T, index>(out, to, field);
        });
        *to++ = '}';
        out.commit(static_cast<std::size_t>(to - (out.data() + out.size())));
    }
}

template <class T>
void write_other(Buffer& out, const T& value) {
    if constexpr (std::same_as<T, Bytes>) {
        char* to = out.prepare(value.text_size() + 2);
        *to = '"';
        *value.format(to + 1) = '"';
        out.commit(value.text_size() + 2);
    } else if constexpr (is_vector<T> || is_array<T> || is_span<T>) {
        write_list(out, value);
    } else if constexpr (is_map<T>) {
        write_map(out, value);
    } else if constexpr (is_tuple<T>) {
        write_tuple(out, value);
    } else if constexpr (is_variant<T>) {
        std::visit([&out](const auto& alternative) { write(out, alternative); }, value);
    } else {
        static_assert(
            reflect::Described<T>,
            "json does not know this type: make it an aggregate, or specialise brio::json::Codec for it");
        write_object(out, value);
    }
}

}  // namespace detail

/// Appends `value` to `out`.
template <class T>
void write(Buffer& out, const T& value) {
    if constexpr (WritesItself<T>) {
        Codec<T>::write(out, value);
    } else if constexpr (HasWire<T>) {
        write(out, Codec<T>::to_wire(value));
    } else if constexpr (detail::fixed_size<T> != 0) {
        char* to = out.prepare(detail::fixed_size<T>);
        out.commit(static_cast<std::size_t>(detail::put_fixed(to, value) - to));
    } else if constexpr (detail::is_optional<T>) {
        if (value) {
            write(out, *value);
        } else {
            out.append("null");
        }
    } else if constexpr (std::same_as<T, Raw>) {
        out.append(value.text);
    } else if constexpr (detail::is_text<T>) {
        write_valid_string(out, value.view());
    } else if constexpr (!std::is_pointer_v<T> && std::convertible_to<const T&, std::string_view>) {
        write_string(out, value);
    } else if constexpr (std::same_as<T, const char*> || std::same_as<T, char*>) {
        write_string(out, value);
    } else {
        detail::write_other(out, value);
    }
}

}  // namespace brio::json
