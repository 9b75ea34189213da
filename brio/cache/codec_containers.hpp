// How what holds other values is coded: included by codec.hpp.
#pragma once
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <variant>
#include <vector>

#include <brio/cache/codec_types.hpp>
#include <brio/sql/relation.hpp>

namespace brio::cache {

template <class T>
struct Coder<std::optional<T>> {
    static constexpr std::size_t least = 1;
    static void describe(Buffer& out, int depth) {
        out.push_back('o');
        Coder<T>::describe(out, depth + 1);
    }
    static void write(Buffer& out, const std::optional<T>& value) {
        out.push_back(value ? '\1' : '\0');
        if (value) {
            encode(out, *value);
        }
    }
    static bool read(ByteReader& in, std::optional<T>& value) {
        bool given = false;
        if (!Coder<bool>::read(in, given) || !in.enter()) {
            return false;
        }
        value.reset();
        const bool is_there = !given || Coder<T>::read(in, value.emplace());
        in.leave();
        return is_there;
    }
};

namespace detail {

/// `Element` is what is read one after the other; add(container, element) takes it.
template <class Container, class Element, char Tag>
struct ListCoder {
    static constexpr std::size_t least = 1;
    static void describe(Buffer& out, int depth) {
        out.push_back(Tag);
        Coder<Element>::describe(out, depth + 1);
    }
    static void write(Buffer& out, const Container& values) {
        write_number(out, values.size());
        for (const auto& value : values) {
            if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, Element>) {
                encode(out, value);
            } else {
                encode(out, Element(value));
            }
        }
    }
    static bool read(ByteReader& in, Container& values) {
        std::size_t count = 0;
        if (!in.count(Coder<Element>::least, count) || !in.enter()) {
            return false;
        }
        values.clear();
        for (; count > 0; --count) {
            Element element{};
            if (!Coder<Element>::read(in, element)) {
                return false;
            }
            values.insert(values.end(), std::move(element));
        }
        in.leave();
        return true;
    }
};

}  // namespace detail

template <class T>
struct Coder<std::vector<T>> : detail::ListCoder<std::vector<T>, T, 'l'> {};
template <class T>
struct Coder<std::set<T>> : detail::ListCoder<std::set<T>, T, 'S'> {};
template <class K, class V>
struct Coder<std::map<K, V>> : detail::ListCoder<std::map<K, V>, std::pair<K, V>, 'm'> {};

template <class T, std::size_t N>
struct Coder<std::array<T, N>> {
    static constexpr std::size_t least = N == 0 ? 1 : N * Coder<T>::least;
    static void describe(Buffer& out, int depth) {
        detail::describe_number(out, 'a', N);
        Coder<T>::describe(out, depth + 1);
    }
    static void write(Buffer& out, const std::array<T, N>& values) {
        if constexpr (N == 0) {
            out.push_back('\0');
        }
        for (const T& value : values) {
            encode(out, value);
        }
    }
    static bool read(ByteReader& in, std::array<T, N>& values) {
        std::string_view nothing;
        return N == 0 ? in.take(1, nothing)
                      : std::ranges::all_of(values, [&](T& value) { return Coder<T>::read(in, value); });
    }
};

template <class... T>
struct Coder<std::tuple<T...>> {
    static constexpr std::size_t least = sizeof...(T) == 0 ? 1 : (std::size_t{0} + ... + Coder<T>::least);
    static void describe(Buffer& out, int depth) {
        detail::describe_number(out, 'T', sizeof...(T));
        (Coder<T>::describe(out, depth + 1), ...);
    }
    static void write(Buffer& out, const std::tuple<T...>& value) {
        if constexpr (sizeof...(T) == 0) {
            out.push_back('\0');
        }
        std::apply([&](const auto&... each) { (encode(out, each), ...); }, value);
    }
    static bool read(ByteReader& in, std::tuple<T...>& value) {
        std::string_view nothing;
        return sizeof...(T) == 0
                   ? in.take(1, nothing)
                   : std::apply([&](T&... each) { return (Coder<T>::read(in, each) && ...); }, value);
    }
};
template <class A, class B>
struct Coder<std::pair<A, B>> {
    static constexpr std::size_t least = Coder<A>::least + Coder<B>::least;
    static void describe(Buffer& out, int depth) {
        out.push_back('P');
        Coder<A>::describe(out, depth + 1);
        Coder<B>::describe(out, depth + 1);
    }
    static void write(Buffer& out, const std::pair<A, B>& value) {
        encode(out, value.first);
        encode(out, value.second);
    }
    static bool read(ByteReader& in, std::pair<A, B>& value) {
        return Coder<A>::read(in, value.first) && Coder<B>::read(in, value.second);
    }
};

template <class... T>
struct Coder<std::variant<T...>> {
    static constexpr std::size_t least = 2;
    static void describe(Buffer& out, int depth) {
        detail::describe_number(out, 'v', sizeof...(T));
        (Coder<T>::describe(out, depth + 1), ...);
    }
    static void write(Buffer& out, const std::variant<T...>& value) {
        write_number(out, value.index());
        std::visit([&](const auto& each) { encode(out, each); }, value);
    }
    static bool read(ByteReader& in, std::variant<T...>& value) {
        std::uint64_t index = 0;
        if (!in.number(index) || !in.enter()) {
            return false;
        }
        bool is_there = false;
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            ((index == I ? void(is_there = Coder<T>::read(in, value.template emplace<I>())) : void()), ...);
        }(std::index_sequence_for<T...>{});
        in.leave();
        return is_there || in.fail();
    }
};
template <>
struct Coder<std::monostate> {
    static constexpr std::size_t least = 1;
    static void describe(Buffer& out, int) { out.push_back('_'); }
    static void write(Buffer& out, std::monostate) { out.push_back('\0'); }
    static bool read(ByteReader& in, std::monostate&) {
        std::string_view nothing;
        return in.take(1, nothing);
    }
};

template <class Row, auto const&... Relations>
struct Coder<sql::With<Row, Relations...>> {
    using With = sql::With<Row, Relations...>;
    static constexpr std::size_t least = 1;
    static void describe(Buffer& out, int depth) {
        out.push_back('W');
        Coder<Row>::describe(out, depth + 1);
        ((out.append(Relations.name), out.push_back(';')), ...);
        Coder<decltype(With::related)>::describe(out, depth + 1);
    }
    static void write(Buffer& out, const With& value) {
        encode(out, value.row);
        encode(out, value.related);
    }
    static bool read(ByteReader& in, With& value) {
        return Coder<Row>::read(in, value.row) && Coder<decltype(With::related)>::read(in, value.related);
    }
};

}  // namespace brio::cache
