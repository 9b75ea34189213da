#include <brio/db/postgres_rows.hpp>

#include <postgresql/libpq-fe.h>

#include <brio/base/text.hpp>
#include <brio/db/error.hpp>
#include <brio/json/write.hpp>
#include <brio/reflect/bytes.hpp>
#include <brio/reflect/date.hpp>
#include <brio/reflect/decimal.hpp>
#include <brio/reflect/timestamp.hpp>
#include <brio/reflect/uuid.hpp>

namespace brio::db::postgres {

namespace {

std::string_view bytes_of(const pg_result* result, int row, int column) {
    return {PQgetvalue(result, row, column), static_cast<std::size_t>(PQgetlength(result, row, column))};
}

[[noreturn]] void refuse(std::string_view wanted) {
    throw StatementError(
        concat({"a column of the result has another type than its field: it is no ", wanted}));
}

std::int64_t integer_of(std::string_view bytes, Form form) {
    switch (form) {
        case Form::int8: return load<std::int64_t>(bytes.data());
        case Form::int4:
        case Form::date: return load<std::int32_t>(bytes.data());
        case Form::int2: return load<std::int16_t>(bytes.data());
        case Form::boolean: return bytes[0] != 0;
        case Form::timestamp: return load<std::int64_t>(bytes.data()) + epoch_microseconds;
        case Form::numeric: {
            const std::string text = numeric_text(bytes);
            std::int64_t value = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
            if (error != std::errc() || end != text.data() + text.size()) {
                refuse("integer of 64 bits");
            }
            return value;
        }
        default: refuse("integer");
    }
}

double real_of(std::string_view bytes, Form form) {
    switch (form) {
        case Form::float8: return std::bit_cast<double>(load<std::int64_t>(bytes.data()));
        case Form::float4: return std::bit_cast<float>(load<std::int32_t>(bytes.data()));
        case Form::numeric: return std::strtod(numeric_text(bytes).c_str(), nullptr);
        default: return static_cast<double>(integer_of(bytes, form));
    }
}

/// The value as text where its binary format is none.
std::string text_of(std::string_view bytes, Form form) {
    switch (form) {
        case Form::date: return Date(load<std::int32_t>(bytes.data()) + epoch_days).text();
        case Form::uuid: {
            Uuid value;
            std::memcpy(value.bytes.data(), bytes.data(), std::min(bytes.size(), value.bytes.size()));
            return value.text();
        }
        case Form::numeric: return numeric_text(bytes);
        case Form::timestamp: return Timestamp(integer_of(bytes, form)).text();
        case Form::float4:
        case Form::float8: {
            Buffer text;
            json::write_number(text, real_of(bytes, form));
            return std::string(text.view());
        }
        default: return integer_text(integer_of(bytes, form));
    }
}

bool is_text(Form form) noexcept { return form == Form::text || form == Form::bytes || form == Form::jsonb; }

/// jsonb_send puts a version, 1, before the text.
std::string_view without_version(std::string_view bytes, Form form) noexcept {
    return form == Form::jsonb ? bytes.substr(1) : bytes;
}

void write_text(Buffer& out, std::string_view bytes, Form form) {
    if (is_text(form)) [[likely]] {
        json::write_string(out, without_version(bytes, form));
    } else {
        json::write_string(out, text_of(bytes, form));
    }
}

void write_timestamp(Buffer& out, std::int64_t microseconds) {
    char* to = out.prepare(Timestamp::text_size + 2);
    *to = '"';
    *Timestamp(microseconds).format(to + 1) = '"';
    out.commit(Timestamp::text_size + 2);
}

void write_base64(Buffer& out, std::string_view bytes) {
    const Bytes value{std::string(bytes)};
    char* to = out.prepare(value.text_size() + 2);
    *to = '"';
    *value.format(to + 1) = '"';
    out.commit(value.text_size() + 2);
}

void write_decimal(Buffer& out, std::int64_t units, unsigned scale) {
    char* to = out.prepare(24);
    *to = '"';
    char* const end = reflect::detail::format_decimal(to + 1, units, scale);
    *end = '"';
    out.commit(static_cast<std::size_t>(end + 1 - to));
}

std::int64_t decimal_of(std::string_view bytes, Form form, unsigned scale) {
    const auto units = reflect::detail::parse_decimal(text_of(bytes, form), {18, scale});
    if (!units) {
        throw StatementError(concat({"a decimal column's value ", units.error()}));
    }
    return *units;
}

void write_value(Buffer& out, std::string_view bytes, Form form, const sql::JsonColumn& plan) {
    switch (plan.form) {
        case sql::JsonForm::integer: json::write_integer(out, integer_of(bytes, form)); break;
        case sql::JsonForm::real: json::write_number(out, real_of(bytes, form)); break;
        case sql::JsonForm::boolean: out.append(integer_of(bytes, form) != 0 ? "true" : "false"); break;
        case sql::JsonForm::text: write_text(out, bytes, form); break;
        case sql::JsonForm::timestamp: write_timestamp(out, integer_of(bytes, form)); break;
        case sql::JsonForm::json: out.append(without_version(bytes, form)); break;
        case sql::JsonForm::base64: write_base64(out, bytes); break;
        case sql::JsonForm::decimal:
            write_decimal(out, decimal_of(bytes, form, plan.count), plan.count);
            break;
        case sql::JsonForm::group:
        case sql::JsonForm::splice: break;
    }
}

void write_row(const pg_result* result, int row, const std::vector<Form>& forms, const sql::JsonPlan& plan,
               JsonRows& rows) {
    Buffer& out = rows.out;
    auto form_at = [&](int column) { return forms[static_cast<std::size_t>(column)]; };
    int column = plan.first;
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
        const sql::JsonColumn& each = plan.columns[i];
        each.before.append_to(out);
        if (each.form == sql::JsonForm::group) {
            if (each.nullable && PQgetisnull(result, row, column) != 0) {
                out.append("null");
                each.after.append_to(out);
                i += each.entries;
                column += each.count;
            }
            continue;
        }
        if (each.form == sql::JsonForm::splice) {
            const int id = each.count;
            rows.splices.push_back(
                {each.entries, integer_of(bytes_of(result, row, id), form_at(id)), out.size()});
            each.after.append_to(out);
            continue;
        }
        if (PQgetisnull(result, row, column) != 0) {
            out.append("null");
        } else {
            write_value(out, bytes_of(result, row, column), form_at(column), each);
        }
        ++column;
        if (!each.after.empty()) {
            each.after.append_to(out);
        }
    }
}

void keep_key(const pg_result* result, int row, int column, Form form, sql::Values& key) {
    key.clear();
    const std::string_view bytes = bytes_of(result, row, column);
    if (PQgetisnull(result, row, column) != 0) {
        key.add_null();
    } else if (form == Form::float4 || form == Form::float8) {
        key.add_real(real_of(bytes, form));
    } else if (is_text(form)) {
        key.add_bytes(bytes);
    } else if (form == Form::date || form == Form::uuid || form == Form::numeric) {
        key.add_bytes(text_of(bytes, form));
    } else {
        key.add_integer(integer_of(bytes, form));
    }
}

}  // namespace

bool ResultColumns::is_null(int column) const { return PQgetisnull(result_, row_, column) != 0; }
std::int64_t ResultColumns::integer(int column) const {
    return is_null(column) ? 0 : integer_of(bytes_of(result_, row_, column), form(column));
}
double ResultColumns::real(int column) const {
    return is_null(column) ? 0 : real_of(bytes_of(result_, row_, column), form(column));
}
std::int64_t ResultColumns::timestamp(int column) const { return integer(column); }
int ResultColumns::count() const { return PQnfields(result_); }
std::string_view ResultColumns::name(int column) const { return PQfname(result_, column); }

std::int64_t ResultColumns::decimal(int column, unsigned scale) const {
    return decimal_of(bytes_of(result_, row_, column), form(column), scale);
}

std::string_view ResultColumns::text(int column) const {
    const std::string_view bytes = bytes_of(result_, row_, column);
    if (is_text(form(column)) || is_null(column)) [[likely]] {
        return is_null(column) ? std::string_view() : without_version(bytes, form(column));
    }
    std::string& kept = texts_[static_cast<std::size_t>(column)];
    kept = text_of(bytes, form(column));
    return kept;
}

void encode_rows(const pg_result* result, const std::vector<Form>& forms, JsonRows& rows) {
    rows.clear();
    const sql::JsonPlan& plan = *rows.plan;
    const int count = PQntuples(result);
    for (int row = 0; row < count; ++row) {
        if (rows.rows == rows.most) {
            rows.more = true;
            return;
        }
        if (rows.rows++ != 0) {
            rows.out.push_back(',');
        }
        write_row(result, row, forms, plan, rows);
        if (plan.id >= 0) {
            rows.ids.push_back(
                integer_of(bytes_of(result, row, plan.id), forms[static_cast<std::size_t>(plan.id)]));
        }
        if (plan.ends) {
            rows.ends.push_back(rows.out.size());
        }
        plan.close.append_to(rows.out);
        if (rows.key >= 0 && rows.rows == rows.most) {
            keep_key(result, row, rows.key, forms[static_cast<std::size_t>(rows.key)], rows.last_key);
            rows.last_id = integer_of(bytes_of(result, row, 0), forms[0]);
        }
    }
}

}  // namespace brio::db::postgres
