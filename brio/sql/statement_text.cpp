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

StatementText& StatementText::in_list(std::string_view type) {
    if (dialect_ == Dialect::sqlite) {
        *this << " IN (SELECT value FROM json_each(";
        return parameter() << "))";
    }
    *this << " IN (SELECT value::" << type << " FROM json_array_elements_text(";
    return parameter() << "::json))";
}

}  // namespace brio::sql
