#include <brio/sql/statement_text.hpp>

#include <brio/base/text.hpp>

namespace brio::sql {

namespace {

std::string in_quotes(std::string_view text, char quote) {
    std::string out(1, quote);
    for (const char c : text) {
        out += c;
        if (c == quote) {
            out += c;
        }
    }
    return out + quote;
}

}  // namespace

std::string quoted_name(std::string_view identifier) { return in_quotes(identifier, '"'); }
std::string quoted_text(std::string_view text) { return in_quotes(text, '\''); }

StatementText& StatementText::name(std::string_view identifier) {
    text_ += quoted_name(identifier);
    return *this;
}

StatementText& StatementText::parameter() {
    text_ += '$';
    text_ += integer_text(++parameters_);
    return *this;
}

StatementText& StatementText::in_list(const ListCast& cast) {
    if (dialect_ == Dialect::sqlite) {
        *this << " IN (SELECT value FROM json_each(";
        return parameter() << "))";
    }
    if (cast.each.empty()) {
        *this << " = ANY(";
        return parameter() << "::" << cast.type << "[])";
    }
    *this << " = ANY(SELECT " << cast.each << " FROM unnest(";
    return parameter() << "::" << cast.type << "[]) AS value)";
}

StatementText& StatementText::direction(Direction direction) {
    *this << (direction.descending ? " DESC" : " ASC");
    // PostgreSQL takes NULL for the greatest, SQLite for the least.
    if (direction.nullable && dialect_ == Dialect::postgresql) {
        *this << (direction.descending ? " NULLS LAST" : " NULLS FIRST");
    }
    return *this;
}

StatementText& StatementText::like_again(bool case_sensitive) {
    --parameters_;
    return like(case_sensitive);
}

StatementText& StatementText::like(bool case_sensitive) {
    if (case_sensitive && dialect_ == Dialect::sqlite) {
        *this << " GLOB ";
        return parameter();
    }
    *this << (case_sensitive || dialect_ == Dialect::sqlite ? " LIKE " : " ILIKE ");
    return parameter() << " ESCAPE '\\'";
}

}  // namespace brio::sql
