// What JSON looks like for a type, as a constant table: the one description that the reader and the schemas
// work from.
//
// One table and some small functions a type; everything that walks them is no template. Users of json do not
// need this header.
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <span>
#include <string>
#include <string_view>

#include <brio/json/codec.hpp>
#include <brio/json/detail/store.hpp>
#include <brio/json/detail/traits.hpp>
#include <brio/json/raw.hpp>
#include <brio/json/required.hpp>
#include <brio/reflect/bytes.hpp>
#include <brio/reflect/date.hpp>
#include <brio/reflect/decimal.hpp>
#include <brio/reflect/enums.hpp>
#include <brio/reflect/parse_text.hpp>
#include <brio/reflect/timestamp.hpp>
#include <brio/reflect/uuid.hpp>

namespace brio::json::detail {

enum class Kind : std::uint8_t {
    boolean,
    integer,   // within least and most
    number,    // floating point
    text,      // least to most characters; `format`, `names` of an enumeration
    nullable,  // null or an `item`
    list,      // array of `item`s
    array,     // array of exactly `most` `item`s
    map,       // object of `item`s
    object,    // object of `fields`
    tuple,     // array of `fields` by place
    variant,   // one of `fields`, told apart by the kind of JSON
    raw,       // any JSON
    wire,      // converted from an `item`
};

/// The kinds of JSON values as bits; see kinds_of().
enum JsonKind : std::uint8_t {
    json_null = 1,
    json_boolean = 2,
    json_integer = 4,
    json_number = 8,  // with a fraction or an exponent
    json_string = 16,
    json_array = 32,
    json_object = 64,
};

struct Shape;
struct Part {
    std::string_view name;
    const Shape* shape;
};

struct Shape {
    Kind kind;
    bool open = false;             // objects: unknown keys are ignored
    std::uint8_t json_kinds = 0;   // that it accepts
    std::string_view type_name{};  // the compiler's name of a struct or an enumeration
    std::string_view format{};
    std::int64_t least = 0;
    std::uint64_t most = 0;
    std::span<const std::string_view> names{};
    const Shape* item = nullptr;
    std::span<const Part> parts{};
    std::uint64_t (*optional_parts)() = nullptr;  // of an object, as bits
    Store store{};
};

template <class T>
consteval Shape make_shape();
template <class T>
inline constexpr Shape shape = make_shape<T>();

template <class T>
consteval std::string_view type_name() {
    std::string_view text = __PRETTY_FUNCTION__;
    text.remove_suffix(1);
    return text.substr(text.find("T = ") + 4);
}

template <class T, class Sequence>
inline constexpr int parts_of = 0;
template <class T, std::size_t... I>
inline constexpr std::array<Part, sizeof...(I)> parts_of<T, std::index_sequence<I...>> = {
    Part{reflect::field_names<T>[I], &shape<reflect::field_t<T, I>>}...};

template <class T, class Sequence>
inline constexpr int elements_of = 0;
template <class T, std::size_t... I>
inline constexpr std::array<Part, sizeof...(I)> elements_of<T, std::index_sequence<I...>> = {
    Part{{}, &shape<std::tuple_element_t<I, T>>}...};

template <class T>
inline constexpr int alternatives_of = 0;
template <class... T>
inline constexpr std::array<Part, sizeof...(T)> alternatives_of<std::variant<T...>> = {
    Part{{}, &shape<T>}...};

/// The kinds of JSON that a T is read from.
template <class T>
consteval std::uint8_t kinds_of() {
    if constexpr (HasWire<T>) {
        return kinds_of<typename Codec<T>::Wire>();
    } else if constexpr (std::same_as<T, bool>) {
        return json_boolean;
    } else if constexpr (Integer<T> || is_row_number<T>) {
        return json_integer;
    } else if constexpr (std::floating_point<T>) {
        return json_integer | json_number;
    } else if constexpr (is_optional<T>) {
        return json_null | kinds_of<typename T::value_type>();
    } else if constexpr (is_variant<T>) {
        return []<class... A>(std::type_identity<std::variant<A...>>) {
            return static_cast<std::uint8_t>((kinds_of<A>() | ...));
        }(std::type_identity<T>{});
    } else if constexpr (std::same_as<T, Raw>) {
        return 127;
    } else if constexpr (is_vector<T> || is_array<T> || is_tuple<T>) {
        return json_array;
    } else if constexpr (is_map<T> || reflect::Described<T>) {
        return json_object;
    } else {
        return json_string;
    }
}

/// No kind of JSON is taken by two alternatives, but that a floating point one leaves integers to an integer.
template <class... T>
consteval bool are_distinguishable(std::type_identity<std::variant<T...>>) {
    unsigned seen = 0;
    bool clash = false;
    for (const unsigned kinds : {static_cast<unsigned>(kinds_of<T>())...}) {
        const unsigned shared = seen & kinds;
        clash = clash || (shared != 0 && !(shared == json_integer && ((seen ^ kinds) & json_number) != 0));
        seen |= kinds;
    }
    return !clash;
}

template <class T>
consteval Shape make_text_shape() {
    Shape made{.kind = Kind::text, .store = text_store<T>()};
    made.most = std::numeric_limits<std::uint64_t>::max();
    if constexpr (std::is_enum_v<T>) {
        made.type_name = type_name<T>();
        made.names = reflect::enum_names<T>;
    } else if constexpr (is_text<T>) {
        made.least = static_cast<std::int64_t>(T::min_characters);
        made.most = T::max_characters;
    } else if constexpr (std::same_as<T, Timestamp>) {
        made.format = "date-time";
    } else if constexpr (std::same_as<T, Date>) {
        made.format = "date";
    } else if constexpr (std::same_as<T, Uuid>) {
        made.format = "uuid";
    } else if constexpr (reflect::is_decimal<T>) {
        made.format = "decimal";
    } else if constexpr (std::same_as<T, Bytes>) {
        made.format = "byte";
    }
    return made;
}

template <class T>
consteval Shape make_object_shape() {
    Shape made{.kind = Kind::object, .type_name = type_name<T>(), .store = object_store<T>()};
    made.parts = parts_of<T, std::make_index_sequence<reflect::field_count<T>>>;
    made.optional_parts = &optional_fields<T>;
    if constexpr (requires { T::open_object; }) {
        made.open = T::open_object;
    }
    return made;
}

template <class T>
consteval Shape make_array_shape() {
    if constexpr (is_vector<T>) {
        static_assert(!std::same_as<T, std::vector<bool>>, "std::vector<bool> has no elements to read into");
        return {.kind = Kind::list, .item = &shape<typename T::value_type>, .store = vector_store<T>()};
    } else if constexpr (is_array<T>) {
        const auto size = std::tuple_size_v<T>;
        return {.kind = Kind::array,
                .most = size,
                .item = &shape<typename T::value_type>,
                .store = array_store<T>()};
    } else {
        using Sequence = std::make_index_sequence<std::tuple_size_v<T>>;
        return {.kind = Kind::tuple, .parts = elements_of<T, Sequence>, .store = tuple_store<T>()};
    }
}

template <class T>
consteval Shape choose_shape() {
    if constexpr (HasWire<T>) {
        return {.kind = Kind::wire, .item = &shape<typename Codec<T>::Wire>, .store = wire_store<T>()};
    } else if constexpr (std::same_as<T, bool>) {
        return {.kind = Kind::boolean, .store = integer_store<T>()};
    } else if constexpr (is_row_number<T>) {
        constexpr auto most = std::numeric_limits<std::int64_t>::max();
        return {
            .kind = Kind::integer, .format = "int64", .least = 1, .most = most, .store = integer_store<T>()};
    } else if constexpr (Integer<T>) {
        using Limits = std::numeric_limits<T>;
        return {.kind = Kind::integer,
                .format = sizeof(T) == 8 ? "int64" : "int32",
                .least = static_cast<std::int64_t>(Limits::min()),
                .most = static_cast<std::uint64_t>(Limits::max()),
                .store = integer_store<T>()};
    } else if constexpr (std::floating_point<T>) {
        return {.kind = Kind::number,
                .format = std::same_as<T, float> ? "float" : "double",
                .store = number_store<T>()};
    } else if constexpr (is_optional<T>) {
        return {.kind = Kind::nullable, .item = &shape<typename T::value_type>, .store = optional_store<T>()};
    } else if constexpr (is_vector<T> || is_array<T> || is_tuple<T>) {
        return make_array_shape<T>();
    } else if constexpr (is_ordered_map<T>) {
        return {.kind = Kind::map, .item = &shape<typename T::mapped_type>, .store = map_store<T>()};
    } else if constexpr (is_variant<T>) {
        static_assert(are_distinguishable(std::type_identity<T>{}),
                      "two alternatives of a std::variant are the same kind of JSON");
        return {.kind = Kind::variant, .parts = alternatives_of<T>, .store = variant_store<T>()};
    } else if constexpr (std::same_as<T, Raw>) {
        return {.kind = Kind::raw, .store = text_store<T>()};
    } else if constexpr (std::is_enum_v<T> || std::same_as<T, std::string> || reflect::ParsesText<T>) {
        return make_text_shape<T>();
    } else if constexpr (is_map<T>) {
        static_assert(always_false<T>,
                      "clients choose the keys, and can choose them to collide: read into std::map");
    } else {
        static_assert(
            reflect::Described<T>,
            "json does not know this type: make it an aggregate, or specialise brio::json::Codec for it");
        return make_object_shape<T>();
    }
}

template <class T>
consteval Shape make_shape() {
    Shape made = choose_shape<T>();
    made.json_kinds = kinds_of<T>();
    return made;
}

}  // namespace brio::json::detail
