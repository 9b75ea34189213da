// Which fields of a struct a client must give.
//
// A field may be left out when
//   - its type has a natural "nothing": std::optional, std::vector, std::map, std::unordered_map, Text<Max>
//   (with Min 0);
//   - it is a number, bool or enumerator with a default in the struct, whichever that is (`Status status =
//   Status::draft;`,
//     `int page = 1;`, `bool all = false;`);
//   - it is of another type and its default in the struct differs from what the type is by itself (`Id<User>
//   owner_id{1};`,
//     `std::string order = "name";`);
//   - the struct lists it: `static constexpr std::array<std::string_view, 1> optional_fields{"note"};`, for
//   defaults that
//     cannot be told from none (`std::string note = "";`).
// Every other field is required. The same rule holds for JSON bodies, query strings and the schemas in
// OpenAPI.
//
// C++ cannot ask whether a field has a default, so the struct is made once in memory that was filled with a
// pattern, and a field that still shows it was not initialised.
#pragma once
#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>

#include <brio/json/detail/traits.hpp>
#include <brio/reflect/fields.hpp>

namespace brio::json {

namespace detail {

struct Place {
    std::size_t offset;
    std::size_t size;  // 0: not looked at
};
/// The fields, as bits, that `make` initialises: tried in memory of two patterns. `make` and `destroy` have
/// an object of `size`.
std::uint64_t initialised_fields(std::size_t size, void (*make)(void*), void (*destroy)(void*),
                                 const Place* places, std::size_t count);

template <class T>
consteval bool lists_only_fields() {
    return std::ranges::all_of(T::optional_fields, [](std::string_view name) {
        return reflect::field_index<T>(name) < reflect::field_count<T>;
    });
}

template <class T, std::size_t I>
consteval bool is_optional_by_type() {
    bool listed = false;
    if constexpr (requires { T::optional_fields; }) {
        static_assert(lists_only_fields<T>(),
                      "optional_fields names something that is no field of the struct");
        listed =
            std::ranges::find(T::optional_fields, reflect::field_names<T>[I]) != T::optional_fields.end();
    }
    return listed || has_nothing<reflect::field_t<T, I>>;
}

template <class Field>
bool differs_from_fresh(const Field& field) {
    constexpr bool looks_at_parts =
        is_array<Field> || is_tuple<Field> || is_variant<Field>;  // which may not compare
    if constexpr (!std::is_scalar_v<Field> && !has_nothing<Field> && !looks_at_parts &&
                  std::default_initializable<Field> && std::equality_comparable<Field>) {
        return !(field == Field());
    } else {
        return false;
    }
}

template <class T>
std::uint64_t find_optional_fields() {
    T fresh{};
    Place places[reflect::field_count<T> + 1]{};
    std::uint64_t optional = 0;
    const auto* start = reinterpret_cast<const std::byte*>(&fresh);
    reflect::for_each_field(fresh, [&](auto index, std::string_view, const auto& field) {
        using Field = std::remove_cvref_t<decltype(field)>;
        const auto offset = static_cast<std::size_t>(reinterpret_cast<const std::byte*>(&field) - start);
        places[index] = {.offset = offset, .size = std::is_scalar_v<Field> ? sizeof(Field) : 0};
        const bool known = is_optional_by_type<T, index>() || differs_from_fresh(field);
        optional |= static_cast<std::uint64_t>(known) << index;
    });
    return optional | initialised_fields(
                          sizeof(T), [](void* memory) { ::new (memory) T; },
                          [](void* object) { std::destroy_at(static_cast<T*>(object)); }, places,
                          reflect::field_count<T>);
}

/// The fields that may be left out, as bits. Thread-safe; found at the first call.
template <class T>
std::uint64_t optional_fields() {
    static const std::uint64_t fields = find_optional_fields<T>();
    return fields;
}

template <class T, std::size_t I>
struct Required {
    operator bool() const { return (optional_fields<T>() >> I & 1U) == 0; }
};

}  // namespace detail

/// Converts to bool.
template <class T, std::size_t I>
inline constexpr detail::Required<T, I> is_required{};

}  // namespace brio::json
