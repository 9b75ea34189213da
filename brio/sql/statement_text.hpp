// Builds the text of one statement in one dialect. Identifiers are quoted, values are only ever `$n`
// parameters.
#pragma once
#include <string>
#include <string_view>

#include <brio/sql/statement.hpp>

namespace brio::sql {

/// How PostgreSQL takes the elements of a list.
struct ListCast {
    std::string type;       // of the array that the parameter is: "bigint"
    std::string each = {};  // what becomes of each `value`, where that is not the column's type yet
};

/// `"name"`, with quotes within doubled.
std::string quoted_name(std::string_view identifier);
/// `'text'`, with quotes within doubled: for texts that cannot have parameters.
std::string quoted_text(std::string_view text);

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
    /// Whether what stands before is in the list that is the next parameter, a ValueKind::list.
    StatementText& in_list(const ListCast& cast);
    /// Whether it is like the next parameter: a ValueKind::pattern when the case counts, else a text.
    StatementText& like(bool case_sensitive);
    /// The same with the parameter before, once more.
    StatementText& like_again(bool case_sensitive);
    struct Direction {
        bool descending = false;
        bool nullable = false;
    };
    /// ` ASC` or ` DESC`, with NULL as the least where there may be one.
    StatementText& direction(Direction direction);

    std::string take() && { return std::move(text_); }

private:
    Dialect dialect_;
    int parameters_ = 0;
    std::string text_;
};

/// `write(text)` is called for each dialect.
template <class Write>
Statement make_statement(StatementParts parts, const Write& write) {
    std::array<std::string, dialect_count> texts;
    for (const Dialect dialect : {Dialect::sqlite, Dialect::postgresql}) {
        StatementText text(dialect);
        write(text);
        texts[static_cast<std::size_t>(dialect)] = std::move(text).take();
    }
    return Statement(std::move(parts), std::move(texts));
}

}  // namespace brio::sql
