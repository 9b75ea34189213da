// How numbers, texts, times and structs are coded: included by codec.hpp.
#pragma once
#include <brio/cache/codec.hpp>
#include <brio/json/codec.hpp>
#include <brio/json/raw.hpp>
#include <brio/reflect/bytes.hpp>
#include <brio/reflect/date.hpp>
#include <brio/reflect/decimal.hpp>
#include <brio/reflect/id.hpp>
#include <brio/reflect/text.hpp>
#include <brio/reflect/timestamp.hpp>
#include <brio/reflect/uuid.hpp>
#include <brio/reflect/version.hpp>

namespace brio::cache {

namespace detail {

/// Well-formed UTF-8 without NUL.
bool is_plain_text(std::string_view text);
bool is_json(std::string_view text);

/// Small numbers of either sign are short.
constexpr std::uint64_t zigzag(std::int64_t value) noexcept {
    return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) noexcept {
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

void describe_number(Buffer& out, char tag, std::uint64_t number);

/// Descriptions of types that hold themselves end somewhere.
inline constexpr int most_described = 12;

}  // namespace detail

template <class T>
struct Coder {
    static_assert(
        std::is_enum_v<T> || std::is_arithmetic_v<T> || reflect::Described<T> || json::HasWire<T>,
        "the cache does not know how to keep this type: make it a plain struct, give it a json::Codec "
        "with a Wire, or specialise brio::cache::Coder for it");

    static constexpr std::size_t least = 1;

    static void describe(Buffer& out, int depth) {
        if constexpr (std::is_same_v<T, bool>) {
            out.push_back('b');
        } else if constexpr (std::integral<T>) {
            detail::describe_number(out, std::is_signed_v<T> ? 'i' : 'u', sizeof(T));
        } else if constexpr (std::floating_point<T>) {
            detail::describe_number(out, 'f', sizeof(T));
        } else if constexpr (std::is_enum_v<T>) {
            out.append("e(");
            for (std::size_t value = 0; value < reflect::detail::enum_values; ++value) {
                if (const auto name = reflect::enum_name(static_cast<T>(value)); !name.empty()) {
                    detail::describe_number(out, ',', value);
                    out.append(name);
                }
            }
            out.push_back(')');
        } else if constexpr (json::HasWire<T>) {
            out.push_back('w');
            Coder<typename json::Codec<T>::Wire>::describe(out, depth + 1);
        } else {
            describe_struct(out, depth);
        }
    }

    static void write(Buffer& out, const T& value) {
        if constexpr (std::is_same_v<T, bool>) {
            out.push_back(value ? '\1' : '\0');
        } else if constexpr (std::signed_integral<T>) {
            write_number(out, detail::zigzag(value));
        } else if constexpr (std::integral<T>) {
            write_number(out, value);
        } else if constexpr (std::floating_point<T>) {
            write_word(out, std::bit_cast<std::uint64_t>(static_cast<double>(value)));
        } else if constexpr (std::is_enum_v<T>) {
            write_number(out, static_cast<std::uint64_t>(value));
        } else if constexpr (json::HasWire<T>) {
            encode(out, json::Codec<T>::to_wire(value));
        } else if constexpr (reflect::field_count<T> == 0) {
            out.push_back('\0');
        } else {
            reflect::with_fields(value, [&](const auto&... fields) { (encode(out, fields), ...); });
        }
    }

    static bool read(ByteReader& in, T& value) {
        std::uint64_t number = 0;
        if constexpr (std::is_same_v<T, bool>) {
            const bool is_there = in.number(number) && (number <= 1 || in.fail());
            value = number == 1;
            return is_there;
        } else if constexpr (std::signed_integral<T>) {
            const bool is_there =
                in.number(number) && (std::in_range<T>(detail::unzigzag(number)) || in.fail());
            value = static_cast<T>(detail::unzigzag(number));
            return is_there;
        } else if constexpr (std::integral<T>) {
            const bool is_there = in.number(number) && (std::in_range<T>(number) || in.fail());
            value = static_cast<T>(number);
            return is_there;
        } else if constexpr (std::floating_point<T>) {
            const bool is_there = in.word(number);
            value = static_cast<T>(std::bit_cast<double>(number));
            return is_there;
        } else if constexpr (std::is_enum_v<T>) {
            const bool is_there =
                in.number(number) && ((number < reflect::detail::enum_values &&
                                       !reflect::enum_name(static_cast<T>(number)).empty()) ||
                                      in.fail());
            value = static_cast<T>(is_there ? number : 0);
            return is_there;
        } else if constexpr (json::HasWire<T>) {
            return read_wire(in, value);
        } else if constexpr (reflect::field_count<T> == 0) {
            return in.number(number) && (number == 0 || in.fail());
        } else {
            const bool is_there =
                in.enter() && reflect::with_fields(value, [&](auto&... fields) {
                    return (Coder<std::remove_cvref_t<decltype(fields)>>::read(in, fields) && ...);
                });
            in.leave();
            return is_there;
        }
    }

private:
    static void describe_struct(Buffer& out, int depth) {
        out.push_back('{');
        if (depth > detail::most_described) {
            out.append("...}");
            return;
        }
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (describe_field<I>(out, depth), ...);
        }(std::make_index_sequence<reflect::field_count<T>>{});
        out.push_back('}');
    }
    template <std::size_t I>
    static void describe_field(Buffer& out, int depth) {
        out.append(reflect::field_names<T>[I]);
        out.push_back(':');
        Coder<reflect::field_t<T, I>>::describe(out, depth + 1);
        out.push_back(';');
    }
    static bool read_wire(ByteReader& in, T& value) {
        typename json::Codec<T>::Wire wire{};
        if (!Coder<typename json::Codec<T>::Wire>::read(in, wire)) {
            return false;
        }
        auto made = json::Codec<T>::from_wire(std::move(wire));
        if (!made) {
            return in.fail();
        }
        value = std::move(*made);
        return true;
    }
};

namespace detail {

/// A value that stands for a T, which knows how to make it or refuses.
template <class T, class Carrier, char Tag>
struct CarriedBy {
    static constexpr std::size_t least = 1;
    static void describe(Buffer& out, int) { out.push_back(Tag); }
    static void write(Buffer& out, const T& value) { encode(out, Carrier::of(value)); }
    static bool read(ByteReader& in, T& value) {
        typename Carrier::type plain{};
        return Coder<typename Carrier::type>::read(in, plain) && (Carrier::put(plain, value) || in.fail());
    }
};
struct OfValue {
    using type = std::int64_t;
    static std::int64_t of(const auto& from) { return from.value; }
    static bool put(std::int64_t plain, auto& into) {
        into.value = plain;
        return true;
    }
};
struct OfMicroseconds {
    using type = std::int64_t;
    static std::int64_t of(const Timestamp& from) { return from.microseconds; }
    static bool put(std::int64_t plain, Timestamp& into) {
        into.microseconds = plain;
        return true;
    }
};
struct OfDays {
    using type = std::int32_t;
    static std::int32_t of(const Date& from) { return from.days; }
    static bool put(std::int32_t plain, Date& into) {
        into.days = plain;
        return true;
    }
};

}  // namespace detail

template <class Row>
struct Coder<Id<Row>> : detail::CarriedBy<Id<Row>, detail::OfValue, 'k'> {};
template <>
struct Coder<Version> : detail::CarriedBy<Version, detail::OfValue, 'V'> {};
template <>
struct Coder<Timestamp> : detail::CarriedBy<Timestamp, detail::OfMicroseconds, 'z'> {};
template <>
struct Coder<Date> : detail::CarriedBy<Date, detail::OfDays, 'y'> {};

template <unsigned Precision, unsigned Scale>
struct Coder<Decimal<Precision, Scale>> {
    static constexpr std::size_t least = 1;
    static void describe(Buffer& out, int) { detail::describe_number(out, 'x', Precision * 100 + Scale); }
    static void write(Buffer& out, const Decimal<Precision, Scale>& value) { encode(out, value.units); }
    static bool read(ByteReader& in, Decimal<Precision, Scale>& value) {
        using D = Decimal<Precision, Scale>;
        return Coder<std::int64_t>::read(in, value.units) &&
               ((value.units <= D::most && value.units >= -D::most) || in.fail());
    }
};

template <>
struct Coder<std::string> {
    static constexpr std::size_t least = 1;
    static void describe(Buffer& out, int) { out.push_back('s'); }
    static void write(Buffer& out, const std::string& value) { write_text(out, value); }
    static bool read(ByteReader& in, std::string& value) {
        std::string_view text;
        if (!in.text(text)) {
            return false;
        }
        value = text;
        return true;
    }
};

/// What was stored before its limits were made narrower is kept as it is, like a row of the database.
template <std::size_t Max, std::size_t Min>
struct Coder<Text<Max, Min>> {
    static constexpr std::size_t least = 1;
    static void describe(Buffer& out, int) {
        detail::describe_number(out, 't', Max);
        detail::describe_number(out, ',', Min);
    }
    static void write(Buffer& out, const Text<Max, Min>& value) { write_text(out, value.view()); }
    static bool read(ByteReader& in, Text<Max, Min>& value) {
        std::string_view text;
        if (!in.text(text) || (!detail::is_plain_text(text) && !in.fail())) {
            return false;
        }
        value = Text<Max, Min>::unchecked(std::string(text));
        return true;
    }
};

template <>
struct Coder<Bytes> {
    static constexpr std::size_t least = 1;
    static void describe(Buffer& out, int) { out.push_back('B'); }
    static void write(Buffer& out, const Bytes& value) { write_text(out, value.value); }
    static bool read(ByteReader& in, Bytes& value) { return Coder<std::string>::read(in, value.value); }
};

template <>
struct Coder<json::Raw> {
    static constexpr std::size_t least = 1;
    static void describe(Buffer& out, int) { out.push_back('j'); }
    static void write(Buffer& out, const json::Raw& value) { write_text(out, value.text); }
    static bool read(ByteReader& in, json::Raw& value) {
        return Coder<std::string>::read(in, value.text) && (detail::is_json(value.text) || in.fail());
    }
};

template <>
struct Coder<Uuid> {
    static constexpr std::size_t least = 16;
    static void describe(Buffer& out, int) { out.push_back('U'); }
    static void write(Buffer& out, const Uuid& value) {
        out.append({reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()});
    }
    static bool read(ByteReader& in, Uuid& value) {
        std::string_view bytes;
        if (!in.take(value.bytes.size(), bytes)) {
            return false;
        }
        std::memcpy(value.bytes.data(), bytes.data(), bytes.size());
        return true;
    }
};

}  // namespace brio::cache
