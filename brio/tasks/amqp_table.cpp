#include <brio/tasks/amqp_table.hpp>

#include <cmath>
#include <new>

#include <brio/base/text.hpp>
#include <brio/json/write.hpp>
#include <brio/tasks/celery_json.hpp>

namespace brio::tasks::amqp {
namespace {

constexpr int deepest = 32;

template <class T>
T* made(amqp_pool_t& pool, std::size_t count) {
    void* const place = amqp_pool_alloc(&pool, std::max<std::size_t>(count, 1) * sizeof(T));
    if (place == nullptr) {
        throw std::bad_alloc();
    }
    return static_cast<T*>(place);
}

amqp_bytes_t kept(std::string_view text, amqp_pool_t& pool) {
    char* const to = made<char>(pool, text.size());
    std::ranges::copy(text, to);
    return {text.size(), to};
}

amqp_field_value_t number_of(std::string_view json) {
    amqp_field_value_t value{};
    if (const auto whole = read_python<std::int64_t>(json)) {
        const bool is_small = *whole >= INT32_MIN && *whole <= INT32_MAX;
        value.kind = is_small ? AMQP_FIELD_KIND_I32 : AMQP_FIELD_KIND_I64;
        if (is_small) {
            value.value.i32 = static_cast<std::int32_t>(*whole);
        } else {
            value.value.i64 = *whole;
        }
    } else if (const auto real = read_python<double>(json)) {
        value.kind = AMQP_FIELD_KIND_F64;
        value.value.f64 = *real;
    } else {
        value.kind = AMQP_FIELD_KIND_VOID;
    }
    return value;
}

amqp_field_value_t value_of(std::string_view json, amqp_pool_t& pool) {
    amqp_field_value_t value{};
    value.kind = AMQP_FIELD_KIND_VOID;
    if (json == "null") {
        return value;
    }
    if (json == "true" || json == "false") {
        value.kind = AMQP_FIELD_KIND_BOOLEAN;
        value.value.boolean = json == "true";
    } else if (json.starts_with('"')) {
        value.kind = AMQP_FIELD_KIND_UTF8;
        value.value.bytes = kept(read_python<std::string>(json).value_or(""), pool);
    } else if (json.starts_with('{')) {
        value.kind = AMQP_FIELD_KIND_TABLE;
        value.value.table = table_of(json, pool);
    } else if (json.starts_with('[')) {
        const auto all = read_python<std::vector<json::Raw>>(json).value_or(std::vector<json::Raw>());
        value.kind = AMQP_FIELD_KIND_ARRAY;
        value.value.array = {static_cast<int>(all.size()), made<amqp_field_value_t>(pool, all.size())};
        for (std::size_t i = 0; i < all.size(); ++i) {
            value.value.array.entries[i] = value_of(all[i].text, pool);
        }
    } else {
        value = number_of(json);
    }
    return value;
}

void write_object(Buffer& out, const amqp_table_t& table, int depth);

void write_real(Buffer& out, double value) {
    if (std::isfinite(value)) {
        json::write(out, value);
    } else {
        out.append("null");
    }
}

void write_array(Buffer& out, const amqp_array_t& array, int depth);

void write_value(Buffer& out, const amqp_field_value_t& field, int depth) {
    const auto& value = field.value;
    if (depth > deepest) {
        out.append("null");
        return;
    }
    switch (field.kind) {
        case AMQP_FIELD_KIND_BOOLEAN: out.append(value.boolean ? "true" : "false"); break;
        case AMQP_FIELD_KIND_I8: append_integer(out, static_cast<int>(value.i8)); break;
        case AMQP_FIELD_KIND_U8: append_integer(out, static_cast<int>(value.u8)); break;
        case AMQP_FIELD_KIND_I16: append_integer(out, value.i16); break;
        case AMQP_FIELD_KIND_U16: append_integer(out, value.u16); break;
        case AMQP_FIELD_KIND_I32: append_integer(out, value.i32); break;
        case AMQP_FIELD_KIND_U32: append_integer(out, value.u32); break;
        // librabbitmq's names for them are the other way round than RabbitMQ's: both are signed there.
        case AMQP_FIELD_KIND_I64:
        case AMQP_FIELD_KIND_U64: append_integer(out, value.i64); break;
        case AMQP_FIELD_KIND_TIMESTAMP: append_integer(out, value.u64); break;
        case AMQP_FIELD_KIND_F32: write_real(out, value.f32); break;
        case AMQP_FIELD_KIND_F64: write_real(out, value.f64); break;
        case AMQP_FIELD_KIND_UTF8:
        case AMQP_FIELD_KIND_BYTES: json::write_string(out, valid_utf8(text_of(value.bytes))); break;
        case AMQP_FIELD_KIND_ARRAY: write_array(out, value.array, depth); break;
        case AMQP_FIELD_KIND_TABLE: write_object(out, value.table, depth); break;
        default: out.append("null"); break;
    }
}

void write_array(Buffer& out, const amqp_array_t& array, int depth) {
    out.push_back('[');
    for (int i = 0; i < array.num_entries; ++i) {
        out.append(i == 0 ? "" : ",");
        write_value(out, array.entries[i], depth + 1);
    }
    out.push_back(']');
}

void write_object(Buffer& out, const amqp_table_t& table, int depth) {
    out.push_back('{');
    for (int i = 0; i < table.num_entries; ++i) {
        out.append(i == 0 ? "" : ",");
        json::write_string(out, valid_utf8(text_of(table.entries[i].key)));
        out.push_back(':');
        write_value(out, table.entries[i].value, depth + 1);
    }
    out.push_back('}');
}

}  // namespace

amqp_table_t table_of(std::string_view object, amqp_pool_t& pool) {
    const auto members = read_python<JsonMembers>(object).value_or(JsonMembers());
    amqp_table_t table{static_cast<int>(members.size()), made<amqp_table_entry_t>(pool, members.size())};
    amqp_table_entry_t* entry = table.entries;
    for (const auto& [name, value] : members) {
        *entry++ = {kept(name, pool), value_of(value.text, pool)};
    }
    return table;
}

std::string object_of(const amqp_table_t& table) {
    Buffer out;
    write_object(out, table, 0);
    return std::string(out.view());
}

}  // namespace brio::tasks::amqp
