// How the reader, which is no template, puts values into objects of any type: a table of small functions for
// each.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <brio/json/codec.hpp>
#include <brio/json/detail/traits.hpp>
#include <brio/json/raw.hpp>
#include <brio/reflect/enums.hpp>
#include <brio/reflect/fields.hpp>
#include <brio/reflect/parse_text.hpp>

namespace brio::json::detail {

/// Reads the value at hand into `wire`; false when that failed.
struct WireReader {
    bool (*read)(void* context, void* wire);
    void* context;
};

/// `target` is always the object that the shape stands for. Only what its kind uses is set.
struct Store {
    void (*integer)(void* target, std::uint64_t value) = nullptr;  // two's complement, already in range
    void (*number)(void* target, double value) = nullptr;
    /// False with what was expected.
    bool (*text)(void* target, std::string_view value, std::string& error) = nullptr;
    void (*clear)(void* target) = nullptr;
    /// A new element, to be read into; of a map null when the key is there.
    void* (*grow)(void* target, std::string_view key) = nullptr;
    /// The addresses of all fields, in order.
    void (*locate)(void* target, void** parts) = nullptr;
    /// The element, or the alternative of a variant after making it the one.
    void* (*select)(void* target, std::size_t index) = nullptr;
    bool (*wire)(void* target, WireReader reader, std::string& error) = nullptr;
};

template <class T>
consteval Store integer_store() {
    return {.integer = [](void* target, std::uint64_t value) {
        *static_cast<T*>(target) = [value] {
            if constexpr (is_row_number<T>) {
                return T(static_cast<std::int64_t>(value));
            } else {
                return static_cast<T>(value);
            }
        }();
    }};
}

template <class T>
consteval Store number_store() {
    return {.number = [](void* target, double value) { *static_cast<T*>(target) = static_cast<T>(value); }};
}

template <class T>
bool store_text(void* target, std::string_view value, std::string& error) {
    T& to = *static_cast<T*>(target);
    if constexpr (std::same_as<T, std::string>) {
        to.assign(value);
    } else if constexpr (std::same_as<T, Raw>) {
        to.text.assign(value);
    } else if constexpr (std::is_enum_v<T>) {
        const auto found = reflect::enum_from_name<T>(value);
        if (!found) {
            error = reflect::one_of_text(reflect::enum_names<T>);
            return false;
        }
        to = *found;
    } else {
        auto parsed = T::parse(value);
        if (!parsed) {
            error = std::move(parsed.error());
            return false;
        }
        to = std::move(*parsed);
    }
    return true;
}
template <class T>
consteval Store text_store() {
    return {.text = &store_text<T>};
}

template <class T>
consteval Store optional_store() {
    return {
        .clear = [](void* target) { static_cast<T*>(target)->reset(); },
        .grow = [](void* target, std::string_view) -> void* { return &static_cast<T*>(target)->emplace(); }};
}

template <class T>
consteval Store vector_store() {
    return {.clear = [](void* target) { static_cast<T*>(target)->clear(); },
            .grow = [](void* target, std::string_view) -> void* {
                return &static_cast<T*>(target)->emplace_back();
            }};
}

template <class T>
consteval Store map_store() {
    return {.clear = [](void* target) { static_cast<T*>(target)->clear(); },
            .grow = [](void* target, std::string_view key) -> void* {
                const auto [place, is_new] = static_cast<T*>(target)->try_emplace(std::string(key));
                return is_new ? &place->second : nullptr;
            }};
}

template <class T>
consteval Store array_store() {
    return {.select = [](void* target, std::size_t index) -> void* {
        return &(*static_cast<T*>(target))[index];
    }};
}

template <class T>
consteval Store object_store() {
    return {.locate = [](void* target, void** parts) {
        reflect::with_fields(*static_cast<T*>(target),
                             [parts](auto&... fields) mutable { ((*parts++ = &fields), ...); });
    }};
}

template <class T, std::size_t... I>
void* select_element(T& tuple, std::size_t index, std::index_sequence<I...>) {
    void* element = nullptr;
    static_cast<void>(((I == index && (element = &std::get<I>(tuple), true)) || ...));
    return element;
}
template <class T>
consteval Store tuple_store() {
    return {.select = [](void* target, std::size_t index) -> void* {
        return select_element(*static_cast<T*>(target), index,
                              std::make_index_sequence<std::tuple_size_v<T>>{});
    }};
}

template <class T, std::size_t... I>
void* select_alternative(T& variant, std::size_t index, std::index_sequence<I...>) {
    void* made = nullptr;
    static_cast<void>(((I == index && (made = &variant.template emplace<I>(), true)) || ...));
    return made;
}
template <class T>
consteval Store variant_store() {
    return {.select = [](void* target, std::size_t index) -> void* {
        return select_alternative(*static_cast<T*>(target), index,
                                  std::make_index_sequence<std::variant_size_v<T>>{});
    }};
}

template <class T>
consteval Store wire_store() {
    return {.wire = [](void* target, WireReader reader, std::string& error) {
        typename Codec<T>::Wire wire{};
        if (!reader.read(reader.context, &wire)) {
            return false;
        }
        auto made = Codec<T>::from_wire(std::move(wire));
        if (!made) {
            error = std::move(made.error());
            return false;
        }
        *static_cast<T*>(target) = std::move(*made);
        return true;
    }};
}

}  // namespace brio::json::detail
