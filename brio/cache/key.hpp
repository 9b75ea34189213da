// Keys of the cache: values as canonical bytes, the same for equal values and different for all others.
//
//     Buffer bytes;
//     KeyWriter key(bytes);
//     key.add("GET /api/resources").add(list).add(owner);
//     store.find(KeyView(bytes.view()), now);
//
// Each value is a tag for its type and then bytes whose number the tag or a length before them says, so that
// 1, "1", true, nothing and "" all differ and no two sequences of values have one text, however they nest.
// Integers of all widths are one type, as are all texts; floating point is compared by its bits (-0.0 is not
// 0.0, since a handler can tell them apart; all NaN are one). Fields of structs go by their names,
// enumerators too: a key means the same in another process with the same code, and another one after a field
// was renamed.
//
// Nothing is put in that the value does not hold: an address or a pointer does not compile.
#pragma once
#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <brio/base/buffer.hpp>
#include <brio/base/expect.hpp>
#include <brio/json/codec.hpp>
#include <brio/json/raw.hpp>
#include <brio/reflect/bytes.hpp>
#include <brio/reflect/date.hpp>
#include <brio/reflect/decimal.hpp>
#include <brio/reflect/enums.hpp>
#include <brio/reflect/fields.hpp>
#include <brio/reflect/id.hpp>
#include <brio/reflect/text.hpp>
#include <brio/reflect/timestamp.hpp>
#include <brio/reflect/uuid.hpp>
#include <brio/reflect/version.hpp>
#include <brio/sql/statement.hpp>

namespace brio::cache {

/// XXH3-128 of the canonical bytes: the same in every process.
struct KeyHash {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    friend bool operator==(const KeyHash&, const KeyHash&) = default;
    /// 32 hexadecimal digits.
    std::string text() const;
    void append_to(std::string& text) const;
};
KeyHash hash_of_key(std::string_view canonical) noexcept;

/// A key that somebody else holds.
struct KeyView {
    explicit KeyView(std::string_view canonical) noexcept : bytes(canonical), hash(hash_of_key(canonical)) {}
    KeyView(std::string_view canonical, const KeyHash& its_hash) noexcept
        : bytes(canonical),
          hash(its_hash) {}
    std::string_view bytes;
    KeyHash hash;
};

class KeyWriter;

/// How a T stands in a key. Specialise it for a type of your own that is no plain struct:
///
///     template <> struct brio::cache::KeyPart<Tenant> {
///         static void write(KeyWriter& key, const Tenant& tenant) { key.hidden(tenant.token()); }
///         static constexpr bool is_identity = true;   // it says who asks; false when left out
///     };
///
/// write() adds the same number of values for every T, or one list. What does not change the answer (a
/// service) derives from NoKeyPart.
template <class T>
struct KeyPart;

template <class T>
struct NoKeyPart {
    static void write(KeyWriter&, const T&) noexcept {}
};

/// A parameter that says who asks: an answer made from it is for that one alone.
template <class T>
inline constexpr bool is_identity = [] {
    if constexpr (requires { KeyPart<T>::is_identity; }) {
        return KeyPart<T>::is_identity;
    } else {
        return false;
    }
}();

/// Appends to a buffer; not thread-safe.
class KeyWriter {
public:
    explicit KeyWriter(Buffer& out) noexcept : out_(&out) {}

    template <class T>
    KeyWriter& add(const T& value) {
        KeyPart<T>::write(*this, value);
        return *this;
    }
    KeyWriter& add(const char* text) { return bytes('s', text); }

    // What parts are made of. A tag is one character; those of the types below are taken.

    KeyWriter& tag(char tag) {
        out_->push_back(tag);
        return *this;
    }
    KeyWriter& word(char tag, std::uint64_t value) {
        char* to = out_->prepare(9);
        to[0] = tag;
        put(to + 1, value);
        out_->commit(9);
        return *this;
    }
    KeyWriter& bytes(char tag, std::string_view value) {
        char* to = out_->prepare(9 + value.size());
        to[0] = tag;
        put(to + 1, value.size());
        if (!value.empty()) {
            std::memcpy(to + 9, value.data(), value.size());
        }
        out_->commit(9 + value.size());
        return *this;
    }

    /// Adds a secret: where keys are shown (key_text.hpp), only how long it is.
    template <class T>
    KeyWriter& hidden(const T& value) {
        const std::size_t at = out_->size();
        word('b', 0).add(value);
        put(out_->data() + at + 1, out_->size() - at - 9);
        return *this;
    }
    template <class T>
    KeyWriter& hidden(const std::optional<T>& value) {
        return value ? hidden(*value) : tag('o');
    }

private:
    /// Least byte first, on every machine.
    static void put(char* to, std::uint64_t value) noexcept {
        if constexpr (std::endian::native == std::endian::big) {
            value = __builtin_bswap64(value);
        }
        std::memcpy(to, &value, sizeof value);
    }
    Buffer* out_;
};

/// An owned key.
class Key {
public:
    Key() : Key(std::string()) {}
    explicit Key(std::string canonical) : bytes_(std::move(canonical)), hash_(hash_of_key(bytes_)) {}
    /// `Key::of("prices", currency, day)`.
    template <class... Parts>
    static Key of(const Parts&... parts) {
        Buffer out;
        KeyWriter writer(out);
        (writer.add(parts), ...);
        return Key(std::string(out.view()));
    }
    const std::string& bytes() const noexcept { return bytes_; }
    const KeyHash& hash() const noexcept { return hash_; }
    operator KeyView() const noexcept { return {bytes_, hash_}; }
    friend bool operator==(const Key& a, const Key& b) noexcept { return a.bytes_ == b.bytes_; }

private:
    std::string bytes_;
    KeyHash hash_;
};

namespace detail {

template <class T>
inline constexpr bool is_id = false;
template <class Row>
inline constexpr bool is_id<Id<Row>> = true;
template <class T>
inline constexpr bool is_text = std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>;
template <std::size_t Max, std::size_t Min>
inline constexpr bool is_text<Text<Max, Min>> = true;
template <std::size_t N>
inline constexpr bool is_text<char[N]> = true;

template <class T>
constexpr std::uint64_t names_hash() {
    std::uint64_t hash = 0;
    for (const std::string_view name : reflect::field_names<T>) {
        hash = (hash ^ sql::stable_hash(name)) * 0x9e3779b97f4a7c15;
    }
    return hash;
}

template <class Float>
std::uint64_t bits_of(Float value) noexcept {
    static_assert(sizeof(Float) <= 8, "a long double is not portable: use double");
    return value == value ? std::bit_cast<std::uint64_t>(static_cast<double>(value)) : 0x7ff8'0000'0000'0000;
}

template <class Enum>
void write_enum(KeyWriter& key, Enum value) {
    if constexpr (requires { Enum{0}; }) {
        if (const auto name = reflect::enum_name(value); !name.empty()) {
            key.bytes('e', name);
            return;
        }
    }
    key.word('E', static_cast<std::uint64_t>(value));
}

}  // namespace detail

template <class T>
struct KeyPart {
    static void write(KeyWriter& key, const T& value) {
        if constexpr (std::is_same_v<T, bool>) {
            key.tag(value ? 't' : 'f');
        } else if constexpr (std::integral<T>) {
            key.word(std::cmp_less(value, 0) ? 'n' : 'i', static_cast<std::uint64_t>(value));
        } else if constexpr (std::floating_point<T>) {
            key.word('d', detail::bits_of(value));
        } else if constexpr (std::is_enum_v<T>) {
            detail::write_enum(key, value);
        } else if constexpr (detail::is_text<T>) {
            key.bytes('s', std::string_view(value));
        } else if constexpr (detail::is_id<T>) {
            key.word('k', static_cast<std::uint64_t>(value.value));
        } else if constexpr (std::is_same_v<T, Version>) {
            key.word('V', static_cast<std::uint64_t>(value.value));
        } else if constexpr (std::is_same_v<T, Timestamp>) {
            key.word('z', static_cast<std::uint64_t>(value.microseconds));
        } else if constexpr (std::is_same_v<T, Date>) {
            key.word('y', static_cast<std::uint64_t>(value.days));
        } else if constexpr (reflect::is_decimal<T>) {
            key.word('x', T::scale).word('i', static_cast<std::uint64_t>(value.units));
        } else if constexpr (std::is_same_v<T, Uuid>) {
            key.bytes('U', {reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()});
        } else if constexpr (std::is_same_v<T, Bytes>) {
            key.bytes('b', value.value);
        } else if constexpr (std::is_same_v<T, json::Raw>) {
            key.bytes('j', value.text);
        } else if constexpr (json::HasWire<T>) {
            key.tag('w').add(json::Codec<T>::to_wire(value));
        } else {
            write_struct(key, value);
        }
    }

private:
    static void write_struct(KeyWriter& key, const T& value) {
        static_assert(
            reflect::Described<T>,
            "the cache does not know how this type stands in a key: make it a plain struct, "
            "specialise brio::cache::KeyPart for it, or, when it does not change the answer, derive "
            "that from NoKeyPart");
        if constexpr (reflect::Described<T>) {
            key.word('r', detail::names_hash<T>());
            key.word('#', reflect::field_count<T>);
            reflect::with_fields(value, [&](const auto&... fields) { (key.add(fields), ...); });
        }
    }
};

template <class T>
struct KeyPart<std::optional<T>> {
    static void write(KeyWriter& key, const std::optional<T>& value) {
        value ? void(key.tag('O').add(*value)) : void(key.tag('o'));
    }
};
template <>
struct KeyPart<std::nullopt_t> {
    static void write(KeyWriter& key, std::nullopt_t) { key.tag('o'); }
};

namespace detail {
template <class Container>
struct ListKeyPart {
    static void write(KeyWriter& key, const Container& values) {
        key.word('l', values.size());
        for (const auto& value : values) {
            key.add(static_cast<const typename Container::value_type&>(value));
        }
    }
};
}  // namespace detail
template <class T>
struct KeyPart<std::vector<T>> : detail::ListKeyPart<std::vector<T>> {};
template <>
struct KeyPart<std::vector<bool>> {
    static void write(KeyWriter& key, const std::vector<bool>& values) {
        key.word('l', values.size());
        for (const bool value : values) {
            key.add(value);
        }
    }
};
template <class T, std::size_t N>
struct KeyPart<std::array<T, N>> : detail::ListKeyPart<std::array<T, N>> {};
template <class T>
struct KeyPart<std::set<T>> : detail::ListKeyPart<std::set<T>> {};
template <class K, class V>
struct KeyPart<std::map<K, V>> : detail::ListKeyPart<std::map<K, V>> {};

template <class A, class B>
struct KeyPart<std::pair<A, B>> {
    static void write(KeyWriter& key, const std::pair<A, B>& value) {
        key.word('T', 2).add(value.first).add(value.second);
    }
};
template <class... T>
struct KeyPart<std::tuple<T...>> {
    static void write(KeyWriter& key, const std::tuple<T...>& value) {
        key.word('T', sizeof...(T));
        std::apply([&](const auto&... each) { (key.add(each), ...); }, value);
    }
};
template <class... T>
struct KeyPart<std::variant<T...>> {
    static void write(KeyWriter& key, const std::variant<T...>& value) {
        key.word('v', value.index());
        std::visit([&](const auto& each) { key.add(each); }, value);
    }
};
template <>
struct KeyPart<std::monostate> {
    static void write(KeyWriter& key, std::monostate) { key.tag('_'); }
};

}  // namespace brio::cache
