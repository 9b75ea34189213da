#include <brio/db/postgres_types.hpp>

#include <algorithm>

#include <brio/base/text.hpp>
#include <brio/db/error.hpp>
#include <brio/json/read.hpp>
#include <brio/json/write.hpp>
#include <brio/reflect/timestamp.hpp>

namespace brio::db::postgres {

namespace {

// From pg_type.dat; they never change.
namespace oid {
constexpr Oid boolean = 16, bytea = 17, single_char = 18, name = 19, int8 = 20, int2 = 21, int4 = 23,
              text = 25, object = 26, json = 114, float4 = 700, float8 = 701, unknown = 705, bpchar = 1042,
              varchar = 1043, date = 1082, timestamp = 1114, timestamptz = 1184, numeric = 1700, uuid = 2950,
              jsonb = 3802;
constexpr Oid first_user_type = 16'384;
}  // namespace oid

bool is_bytes(Oid type) noexcept {
    return type == oid::text || type == oid::varchar || type == oid::bpchar || type == oid::bytea;
}

}  // namespace

std::optional<Form> form_of(Oid type) noexcept {
    switch (type) {
        case oid::boolean: return Form::boolean;
        case oid::int2: return Form::int2;
        case oid::int4:
        case oid::object: return Form::int4;
        case oid::int8: return Form::int8;
        case oid::float4: return Form::float4;
        case oid::float8: return Form::float8;
        case oid::numeric: return Form::numeric;
        case oid::text:
        case oid::varchar:
        case oid::bpchar:
        case oid::name:
        case oid::single_char:
        case oid::unknown:
        case oid::json: return Form::text;
        case oid::bytea: return Form::bytes;
        case oid::date: return Form::date;
        case oid::timestamp:
        case oid::timestamptz: return Form::timestamp;
        case oid::uuid: return Form::uuid;
        case oid::jsonb: return Form::jsonb;
        default: break;
    }
    return type >= oid::first_user_type ? std::optional(Form::text) : std::nullopt;
}

// numeric_send: the number of base-10000 digits, the weight of the first, the sign, the decimals shown, and
// the digits, 16 bits each.
std::string numeric_text(std::string_view binary) {
    if (binary.size() < 8) {
        throw StatementError("a numeric of fewer than 8 bytes");
    }
    const int count = load<std::int16_t>(binary.data());
    const int weight = load<std::int16_t>(binary.data() + 2);
    const auto sign = load<std::uint16_t>(binary.data() + 4);
    const int decimals = load<std::int16_t>(binary.data() + 6);
    switch (sign) {
        case 0xC000: return "NaN";
        case 0xD000: return "Infinity";
        case 0xF000: return "-Infinity";
        default: break;
    }
    auto digit = [&](int at) {
        return at >= 0 && at < count ? load<std::uint16_t>(binary.data() + 8 + 2 * at) : std::uint16_t{0};
    };
    std::string text = sign == 0x4000 ? "-" : "";
    for (int at = 0; at <= weight; ++at) {
        const std::string four = integer_text(digit(at) + 10'000);
        text += at == 0 ? integer_text(digit(0)) : four.substr(1);
    }
    if (weight < 0) {
        text += '0';
    }
    if (decimals > 0) {
        std::string after;
        for (int at = weight + 1; static_cast<int>(after.size()) < decimals; ++at) {
            after += std::string(integer_text(digit(at) + 10'000)).substr(1);
        }
        text += '.' + after.substr(0, static_cast<std::size_t>(decimals));
    }
    return text;
}

void Parameters::encode(const sql::Values& values, const std::vector<Oid>& types) {
    bytes_.clear();
    places_.clear();
    lengths_.clear();
    formats_.clear();
    for (std::size_t i = 0; i < values.size(); ++i) {
        add(values[i], types[i]);
    }
    pointers_.resize(places_.size());
    std::ranges::transform(places_, pointers_.begin(), [this](const Place& place) {
        return place.null ? nullptr : bytes_.data() + place.offset;
    });
}

void Parameters::put(std::string_view bytes, bool binary) {
    places_.push_back({bytes_.size(), false});
    lengths_.push_back(static_cast<int>(bytes.size()));
    formats_.push_back(binary ? 1 : 0);
    bytes_.append(bytes);
    bytes_ += '\0';  // text format is a C string
}

template <class Word>
void Parameters::put_word(Word word) {
    if constexpr (std::endian::native == std::endian::little && sizeof(Word) > 1) {
        word = std::byteswap(word);
    }
    char bytes[sizeof word];
    std::memcpy(bytes, &word, sizeof word);
    put({bytes, sizeof bytes}, true);
}

void Parameters::add_integer(std::int64_t value, Oid type) {
    auto narrow = [&]<class Word>(Word) {
        if (!std::in_range<Word>(value)) {
            throw CheckViolation("out of the range of the column's type");
        }
        put_word(static_cast<Word>(value));
    };
    switch (type) {
        case oid::int8: put_word(value); break;
        case oid::int4: narrow(std::int32_t{}); break;
        case oid::int2: narrow(std::int16_t{}); break;
        case oid::boolean: put_word(static_cast<std::int8_t>(value != 0)); break;
        case oid::float8: put_word(std::bit_cast<std::int64_t>(static_cast<double>(value))); break;
        case oid::timestamp:
        case oid::timestamptz: put_word(value - epoch_microseconds); break;
        default: put(integer_text(value), false);
    }
}

void Parameters::add(const sql::Value& value, Oid type) {
    using sql::ValueKind;
    switch (value.kind) {
        case ValueKind::null:
            places_.push_back({0, true});
            lengths_.push_back(0);
            formats_.push_back(0);
            break;
        case ValueKind::integer:
        case ValueKind::boolean: add_integer(value.integer, type); break;
        case ValueKind::timestamp:
            if (type == oid::timestamptz || type == oid::timestamp || type == oid::int8) {
                add_integer(value.integer, type);
            } else {
                put(Timestamp(value.integer).text(), false);
            }
            break;
        case ValueKind::real:
            if (type == oid::float8) {
                put_word(std::bit_cast<std::int64_t>(value.real));
            } else {
                Buffer text;
                json::write_number(text, value.real);
                put(text.view(), false);
            }
            break;
        case ValueKind::blob: put(value.bytes, true); break;
        case ValueKind::list: put(array_literal(value.bytes), false); break;
        case ValueKind::decimal: put(value.bytes, false); break;
        case ValueKind::text:
        case ValueKind::pattern:
        case ValueKind::json:
            // As bytes with a length where the type lets it: text format would end at a NUL.
            if (!is_bytes(type) && value.bytes.find('\0') != value.bytes.npos) {
                throw CheckViolation("a text with a NUL");
            }
            put(value.bytes, is_bytes(type));
            break;
    }
}

std::string array_literal(std::string_view json_array) {
    if (json_array.find('"') == json_array.npos) {
        std::string literal(json_array);
        std::ranges::replace(literal, '[', '{');
        std::ranges::replace(literal, ']', '}');
        return literal;
    }
    const auto texts = json::read<std::vector<std::string>>(json_array, {.bytes = json_array.size() + 1});
    if (!texts) {
        throw StatementError(concat({"a list of values ", json::describe(texts.error())}));
    }
    std::string literal = "{";
    for (const std::string& text : *texts) {
        literal += literal.size() > 1 ? ",\"" : "\"";
        for (const char c : text) {
            if (c == '"' || c == '\\') {
                literal += '\\';
            }
            literal += c;
        }
        literal += '"';
    }
    return literal + "}";
}

}  // namespace brio::db::postgres
