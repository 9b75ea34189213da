// Builds the text of one statement in one dialect. Identifiers are quoted, values are only ever `$n`
// parameters.
#pragma once
#include <string>
#include <string_view>

#include <brio/sql/statement.hpp>

namespace brio::sql {

class StatementText {
public:
    explicit StatementText(Dialect dialect) noexcept : dialect_(dialect) {}

    Dialect dialect() const noexcept { return dialect_; }
    StatementText& operator<<(std::string_view words) {
        text_ += words;
        return *this;
    }
    /// `"name"`, with quotes within doubled.
    StatementText& name(std::string_view identifier);
    /// `t."name"`
    StatementText& column(std::string_view alias, std::string_view identifier) {
        *this << alias << ".";
        return name(identifier);
    }
    /// The next parameter: `$1`, `$2`, …
    StatementText& parameter();
    /// ` IN (…)` of the next parameter, a ValueKind::list; `type` is PostgreSQL's name of the elements' type.
    StatementText& in_list(std::string_view type);

    std::string take() && { return std::move(text_); }

private:
    Dialect dialect_;
    int parameters_ = 0;
    std::string text_;
};

}  // namespace brio::sql
