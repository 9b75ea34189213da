#include <brio/sql/statement_text.hpp>

#include <brio/base/text.hpp>

namespace brio::sql {

StatementText& StatementText::name(std::string_view identifier) {
    text_ += '"';
    for (const char c : identifier) {
        text_ += c;
        if (c == '"') {
            text_ += c;
        }
    }
    text_ += '"';
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

StatementText& StatementText::like(bool case_sensitive) {
    if (case_sensitive && dialect_ == Dialect::sqlite) {
        *this << " GLOB ";
        return parameter();
    }
    *this << (case_sensitive || dialect_ == Dialect::sqlite ? " LIKE " : " ILIKE ");
    return parameter() << " ESCAPE '\\'";
}

}  // namespace brio::sql
