#include <brio/sql/value.hpp>

namespace brio::sql {

void Values::add(const Value& value) {
    switch (value.kind) {
        case ValueKind::null: add_null(); break;
        case ValueKind::integer:
        case ValueKind::boolean:
        case ValueKind::timestamp: add_integer(value.integer, value.kind); break;
        case ValueKind::real: add_real(value.real); break;
        case ValueKind::text:
        case ValueKind::blob:
        case ValueKind::json:
        case ValueKind::list:
        case ValueKind::pattern: add_bytes(value.bytes, value.kind); break;
        case ValueKind::decimal: add_decimal(value.integer, value.bytes); break;
    }
}

void Values::append(const Values& others) {
    for (std::size_t i = 0; i < others.size(); ++i) {
        add(others[i]);
    }
}

void Values::append_key(Buffer& out) const {
    for (std::size_t i = 0; i < count_; ++i) {
        const Value value = (*this)[i];
        out.push_back(static_cast<char>(value.kind));
        char fixed[8];
        const std::uint64_t word =
            value.bytes.empty() ? static_cast<std::uint64_t>(value.integer) : value.bytes.size();
        std::memcpy(fixed, &word, sizeof fixed);
        out.append({fixed, sizeof fixed});
        out.append(value.bytes);
    }
}

}  // namespace brio::sql
