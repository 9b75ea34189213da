#include <brio/db/stored_schema.hpp>

#include <array>
#include <charconv>

#include <brio/base/text.hpp>
#include <brio/db/postgres_session.hpp>

namespace brio::db {

namespace {

/// The number that begins at `at`; 0 for none.
std::uint32_t number_at(std::string_view text, std::size_t at) {
    std::uint32_t number = 0;
    if (at < text.size()) {
        std::from_chars(text.data() + at, text.data() + text.size(), number);
    }
    return number;
}

std::uint32_t limit_of(std::string_view check) {
    constexpr std::string_view sign = "<= ";
    const auto at = check.find(sign);
    return check.contains("length(") && at != check.npos ? number_at(check, at + sign.size()) : 0;
}

}  // namespace

ColumnType nearest_type(std::string_view engine_type, std::string_view limit) {
    using Kind = ColumnType::Kind;
    constexpr std::array<std::pair<std::string_view, Kind>, 14> kinds{{
        {"bigint", Kind::integer},
        {"integer", Kind::integer},
        {"smallint", Kind::integer},
        {"double precision", Kind::real},
        {"real", Kind::real},
        {"numeric", Kind::decimal},
        {"boolean", Kind::boolean},
        {"bytea", Kind::bytes},
        {"blob", Kind::bytes},
        {"timestamp", Kind::timestamp},
        {"date", Kind::date},
        {"uuid", Kind::uuid},
        {"jsonb", Kind::json},
        {"json", Kind::json},
    }};
    for (const auto& [word, kind] : kinds) {
        if (engine_type.starts_with(word)) {
            ColumnType type{.kind = kind};
            if (const auto open = engine_type.find('('); kind == Kind::decimal && open != engine_type.npos) {
                type.most = number_at(engine_type, open + 1);
                type.scale = number_at(engine_type, engine_type.find(',') + 1);
            }
            return type;
        }
    }
    return {.kind = Kind::text, .most = limit_of(limit)};
}

std::vector<StoredTable> read_stored_schema(const std::string& url) {
    return postgres::is_postgresql_url(url) ? postgres::read_stored_schema(url)
                                            : sqlite::read_stored_schema(url);
}

}  // namespace brio::db
