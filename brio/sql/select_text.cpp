#include <brio/sql/select_text.hpp>

#include <utility>

#include <brio/base/text.hpp>

namespace brio::sql {

void write_names(StatementText& text, std::string_view alias, std::span<const std::string_view> names) {
    std::string_view comma;
    for (const std::string_view name : names) {
        (text << std::exchange(comma, ", ")).column(alias, name);
    }
}

void write_from(StatementText& text, std::string_view table, std::string_view hint) {
    (text << " FROM ").name(table) << " AS t";
    if (!hint.empty() && text.dialect() == Dialect::sqlite) {
        (text << " INDEXED BY ").name(hint);
    }
}

namespace detail {

std::string join_alias(int number) { return concat({"r", integer_text(number)}); }

void write_join(StatementText& text, std::string_view alias, const JoinText& join) {
    (text << (join.left ? " LEFT JOIN " : " JOIN ") << (join.by_lookup ? "LATERAL (SELECT * FROM " : ""))
            .name(join.table)
        << " AS " << alias << (join.by_lookup ? " WHERE " : " ON ");
    text.column(alias, "id") << " = ";
    text.column(join.from, join.key);
    if (join.by_lookup) {
        text << " OFFSET 0) AS " << alias << " ON true";
    }
}

}  // namespace detail
}  // namespace brio::sql
