// How much memory a value holds besides its own struct: what an item is counted with.
#pragma once
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <brio/json/raw.hpp>
#include <brio/reflect/bytes.hpp>
#include <brio/reflect/fields.hpp>
#include <brio/reflect/text.hpp>
#include <brio/sql/relation.hpp>

namespace brio::cache {

/// Bytes on the heap, with what the allocator adds guessed.
template <class T>
std::size_t heap_bytes(const T& value);

namespace detail {

inline constexpr std::size_t allocation = 16;  // what one costs besides its bytes
inline constexpr std::size_t tree_node = 48;

inline std::size_t string_bytes(const std::string& text) {
    return text.capacity() <= std::string().capacity() ? 0 : text.capacity() + allocation;
}

template <class T>
struct Footprint {
    static std::size_t of(const T& value) {
        if constexpr (requires { value.str(); }) {  // Text
            return string_bytes(value.str());
        } else if constexpr (reflect::Described<T>) {
            return reflect::with_fields(
                value, [](const auto&... fields) { return (std::size_t{0} + ... + heap_bytes(fields)); });
        } else {
            return 0;
        }
    }
};
template <>
struct Footprint<std::string> {
    static std::size_t of(const std::string& text) { return string_bytes(text); }
};
template <>
struct Footprint<Bytes> {
    static std::size_t of(const Bytes& bytes) { return string_bytes(bytes.value); }
};
template <>
struct Footprint<json::Raw> {
    static std::size_t of(const json::Raw& raw) { return string_bytes(raw.text); }
};
template <class T>
struct Footprint<std::optional<T>> {
    static std::size_t of(const std::optional<T>& value) { return value ? heap_bytes(*value) : 0; }
};
template <class T>
struct Footprint<std::vector<T>> {
    static std::size_t of(const std::vector<T>& values) {
        std::size_t sum = values.capacity() == 0 ? 0 : values.capacity() * sizeof(T) + allocation;
        for (const T& value : values) {
            sum += heap_bytes(value);
        }
        return sum;
    }
};
template <>
struct Footprint<std::vector<bool>> {
    static std::size_t of(const std::vector<bool>& values) { return values.capacity() / 8 + allocation; }
};
template <class T, std::size_t N>
struct Footprint<std::array<T, N>> {
    static std::size_t of(const std::array<T, N>& values) {
        std::size_t sum = 0;
        for (const T& value : values) {
            sum += heap_bytes(value);
        }
        return sum;
    }
};
template <class Tree>
struct TreeFootprint {
    static std::size_t of(const Tree& values) {
        std::size_t sum = 0;
        for (const auto& value : values) {
            sum += tree_node + sizeof value + heap_bytes(value);
        }
        return sum;
    }
};
template <class T>
struct Footprint<std::set<T>> : TreeFootprint<std::set<T>> {};
template <class K, class V>
struct Footprint<std::map<K, V>> : TreeFootprint<std::map<K, V>> {};
template <class A, class B>
struct Footprint<std::pair<A, B>> {
    static std::size_t of(const std::pair<A, B>& value) {
        return heap_bytes(value.first) + heap_bytes(value.second);
    }
};
template <class... T>
struct Footprint<std::tuple<T...>> {
    static std::size_t of(const std::tuple<T...>& value) {
        return std::apply([](const auto&... each) { return (std::size_t{0} + ... + heap_bytes(each)); },
                          value);
    }
};
template <class... T>
struct Footprint<std::variant<T...>> {
    static std::size_t of(const std::variant<T...>& value) {
        return std::visit([](const auto& each) { return heap_bytes(each); }, value);
    }
};
template <class Row, auto const&... Relations>
struct Footprint<sql::With<Row, Relations...>> {
    static std::size_t of(const sql::With<Row, Relations...>& value) {
        return heap_bytes(value.row) + heap_bytes(value.related);
    }
};

}  // namespace detail

template <class T>
std::size_t heap_bytes(const T& value) {
    return detail::Footprint<T>::of(value);
}

}  // namespace brio::cache
