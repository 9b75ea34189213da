// Many values as one parameter: a JSON array, so that one statement's text serves lists of every length.
#pragma once
#include <concepts>
#include <string>

#include <brio/sql/column.hpp>
#include <brio/sql/statement_text.hpp>

namespace brio::sql {

/// How PostgreSQL takes the elements of a ValueList of such values.
template <class T>
ListCast list_cast() {
    if constexpr (kind_of<T>() == ValueKind::timestamp) {
        // An interval times a number is computed in double precision: seconds and the rest are each exact.
        return {"bigint",
                "timestamptz 'epoch' + (value / 1000000) * interval '1 second' "
                "+ (value % 1000000) * interval '1 microsecond'"};
    } else if constexpr (reflect::is_decimal<T>) {
        return {"bigint", concat({"value * 1e-", integer_text(T::scale)})};
    } else {
        return {std::string(postgresql_type<T>())};
    }
}

class ValueList {
public:
    void add(std::string_view text);
    template <class T>
    void add(const T& value) {
        static_assert(kind_of<T>() != ValueKind::json && kind_of<T>() != ValueKind::blob,
                      "values of this type are not compared with a list");
        if constexpr (std::is_enum_v<T>) {
            add(std::string_view(reflect::enum_name(value)));
        } else if constexpr (has_text_form<T>) {
            add(std::string_view(value.text()));
        } else if constexpr (std::floating_point<T>) {
            add_real(checked_real(static_cast<double>(value)));
        } else if constexpr (reflect::is_decimal<T>) {
            add_integer(value.units);
        } else {
            add_integer(integer_of(value));
        }
    }
    std::string json() && { return std::move(json_) + ']'; }

private:
    void add_integer(std::int64_t value);
    void add_real(double value);
    std::string json_ = "[";
};

/// A pattern of LIKE with each backslash before a character: a last one alone stands for itself.
std::string sound_pattern(std::string_view pattern);

}  // namespace brio::sql
