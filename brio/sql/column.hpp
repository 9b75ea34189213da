// How a C++ type is kept in a column: bound as a value, read back, and written as JSON.
//
// Integers, bool, double, Decimal, std::string, Text, Id, Version, Timestamp, Date, Uuid, enums (by name),
// Bytes, optionals of them; any other plain struct, vector or map is one JSON column. A stored value that its
// type cannot hold throws BadColumn; a value that no column can hold (NaN, text with a NUL or of no UTF-8)
// throws BadValue before anything is sent. Every engine holds the same: -0.0 is stored as 0.0.
#pragma once
#include <concepts>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>

#include <brio/base/text.hpp>
#include <brio/json/read.hpp>
#include <brio/json/write.hpp>
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
#include <brio/sql/json_plan.hpp>
#include <brio/sql/value.hpp>

namespace brio::sql {

class BadColumn : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class BadValue : public std::invalid_argument {
public:
    using std::invalid_argument::invalid_argument;
};

template <class T>
struct unwrap {
    using type = T;
    static constexpr bool optional = false;
};
template <class T>
struct unwrap<std::optional<T>> {
    using type = T;
    static constexpr bool optional = true;
};
template <class T>
using unwrapped = typename unwrap<T>::type;

template <class>
inline constexpr bool always_false = false;
template <class T>
inline constexpr bool is_id = false;
template <class Row>
inline constexpr bool is_id<Id<Row>> = true;
template <class T>
inline constexpr bool is_text = std::is_same_v<T, std::string>;
template <std::size_t Max, std::size_t Min>
inline constexpr bool is_text<Text<Max, Min>> = true;
template <class T>
inline constexpr bool has_text_form = std::is_same_v<T, Date> || std::is_same_v<T, Uuid>;

/// One of them for each kind of column; optionals are unwrapped first.
template <class T>
consteval ValueKind kind_of() {
    if constexpr (std::is_same_v<T, bool>) {
        return ValueKind::boolean;
    } else if constexpr (std::integral<T> || is_id<T> || std::is_same_v<T, Version>) {
        return ValueKind::integer;
    } else if constexpr (std::floating_point<T>) {
        return ValueKind::real;
    } else if constexpr (is_text<T> || has_text_form<T> || std::is_enum_v<T>) {
        return ValueKind::text;
    } else if constexpr (std::is_same_v<T, Timestamp>) {
        return ValueKind::timestamp;
    } else if constexpr (std::is_same_v<T, Bytes>) {
        return ValueKind::blob;
    } else if constexpr (reflect::is_decimal<T>) {
        return ValueKind::decimal;
    } else {
        return ValueKind::json;
    }
}

template <class T>
consteval JsonForm json_form_of() {
    switch (kind_of<T>()) {
        case ValueKind::boolean: return JsonForm::boolean;
        case ValueKind::integer: return JsonForm::integer;
        case ValueKind::real: return JsonForm::real;
        case ValueKind::timestamp: return JsonForm::timestamp;
        case ValueKind::blob: return JsonForm::base64;
        case ValueKind::json: return JsonForm::json;
        case ValueKind::decimal: return JsonForm::decimal;
        default: return JsonForm::text;
    }
}

template <class T>
inline constexpr std::uint16_t digits_behind_point = 0;
template <unsigned Precision, unsigned Scale>
inline constexpr std::uint16_t digits_behind_point<Decimal<Precision, Scale>> = Scale;

/// PostgreSQL's name of the type, as in a cast.
template <class T>
consteval std::string_view postgresql_type() {
    if (std::is_same_v<T, Date>) {
        return "date";
    }
    if (std::is_same_v<T, Uuid>) {
        return "uuid";
    }
    switch (kind_of<T>()) {
        case ValueKind::boolean: return "boolean";
        case ValueKind::integer: return "bigint";
        case ValueKind::real: return "double precision";
        case ValueKind::timestamp: return "timestamptz";
        case ValueKind::blob: return "bytea";
        case ValueKind::json: return "jsonb";
        case ValueKind::decimal: return "numeric";
        default: return "text";
    }
}

template <class T>
constexpr std::int64_t integer_of(const T& value) {
    if constexpr (std::integral<T>) {
        static_assert(sizeof(T) < 8 || std::signed_integral<T>, "columns hold 64-bit signed integers");
        return static_cast<std::int64_t>(value);
    } else if constexpr (std::is_same_v<T, Timestamp>) {
        return value.microseconds;
    } else {
        return static_cast<std::int64_t>(value.value);
    }
}

/// Throws BadValue when the text has a NUL or is no UTF-8, when the number is not finite, when a text within
/// the JSON has a NUL.
std::string_view checked_text(std::string_view text);
double checked_real(double value);
std::string_view checked_json(std::string_view json);

template <class T>
void bind(Values& values, const T& value) {
    if constexpr (unwrap<T>::optional) {
        value ? bind(values, *value) : values.add_null();
    } else if constexpr (std::floating_point<T>) {
        values.add_real(checked_real(static_cast<double>(value)));
    } else if constexpr (std::is_enum_v<T>) {
        values.add_bytes(reflect::enum_name(value));
    } else if constexpr (std::is_same_v<T, std::string>) {
        values.add_bytes(checked_text(value));
    } else if constexpr (is_text<T>) {
        values.add_bytes(value.view());
    } else if constexpr (reflect::is_decimal<T>) {
        char digits[T::text_size];
        values.add_decimal(value.units, {digits, value.format(digits)});
    } else if constexpr (kind_of<T>() == ValueKind::blob) {
        values.add_bytes(value.value, ValueKind::blob);
    } else if constexpr (has_text_form<T>) {
        values.add_bytes(value.text());
    } else if constexpr (kind_of<T>() == ValueKind::json) {
        Buffer encoded;
        json::write(encoded, value);
        values.add_bytes(checked_json(encoded.view()), ValueKind::json);
    } else {
        values.add_integer(integer_of(value), kind_of<T>());
    }
}

namespace detail {

template <std::integral T>
T narrow(std::int64_t stored) {
    if (!std::in_range<T>(stored)) {
        throw BadColumn(concat({"a column holds ", integer_text(stored), ", which its type cannot"}));
    }
    return static_cast<T>(stored);
}
template <class T>
T decimal_from(std::int64_t units) {
    if (units > T::most || units < -T::most) {
        throw BadColumn(
            concat({"a column holds ", integer_text(units), " units, more than its Decimal can"}));
    }
    return T::of_units(units);
}
template <class T>
T text_from(std::string_view stored) {
    if constexpr (std::is_enum_v<T>) {
        if (auto const value = reflect::enum_from_name<T>(stored)) {
            return *value;
        }
        throw BadColumn(concat({"a column holds '", stored, "', which is none of its enumeration's names"}));
    } else if constexpr (std::is_same_v<T, std::string>) {
        return std::string(stored);
    } else if constexpr (has_text_form<T>) {
        auto value = T::parse(stored);
        if (!value) {
            throw BadColumn(concat({"a column holds '", stored, "', which ", value.error()}));
        }
        return *value;
    } else {
        // What was stored is shown as it is, also when the limits of its type have been made narrower since.
        return T::unchecked(std::string(stored));
    }
}

}  // namespace detail

template <class T>
T read(const Columns& columns, int at) {
    if constexpr (unwrap<T>::optional) {
        return columns.is_null(at) ? T{} : T{read<unwrapped<T>>(columns, at)};
    } else if constexpr (std::is_same_v<T, bool>) {
        return columns.integer(at) != 0;
    } else if constexpr (std::integral<T>) {
        return detail::narrow<T>(columns.integer(at));
    } else if constexpr (std::floating_point<T>) {
        return static_cast<T>(columns.real(at));
    } else if constexpr (reflect::is_decimal<T>) {
        return detail::decimal_from<T>(columns.decimal(at, T::scale));
    } else if constexpr (std::is_same_v<T, Timestamp>) {
        return Timestamp(columns.timestamp(at));
    } else if constexpr (kind_of<T>() == ValueKind::integer) {
        return T(columns.integer(at));
    } else if constexpr (kind_of<T>() == ValueKind::text) {
        return detail::text_from<T>(columns.text(at));
    } else if constexpr (kind_of<T>() == ValueKind::blob) {
        return Bytes(std::string(columns.text(at)));
    } else {
        auto decoded = json::read<T>(columns.text(at));
        if (!decoded) {
            throw BadColumn("a JSON column holds what its type cannot");
        }
        return std::move(*decoded);
    }
}

/// A whole row from consecutive columns.
template <class Row>
Row read_row(const Columns& columns, int first = 0) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return Row{read<reflect::field_t<Row, I>>(columns, first + static_cast<int>(I))...};
    }(std::make_index_sequence<reflect::field_count<Row>>{});
}

}  // namespace brio::sql
