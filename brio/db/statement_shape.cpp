#include <brio/db/statement_shape.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include <brio/base/text.hpp>

namespace brio::db {

namespace {

struct Token {
    enum class Kind : unsigned char { end, word, quoted, number, text, parameter, sign };
    Kind kind = Kind::end;
    std::string_view text;

    bool is(std::string_view word) const noexcept {
        return (kind == Kind::word || kind == Kind::sign) && equal_ignoring_case(text, word);
    }
    bool is_name() const noexcept { return kind == Kind::word || kind == Kind::quoted; }
};

bool is_word_character(char c) noexcept {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// The end of a text that begins with a quote at `at`; doubled quotes are part of it.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
    const char quote = text[at++];
    while (at < text.size()) {
        if (text[at] == quote) {
            if (at + 1 == text.size() || text[at + 1] != quote) {
                return at + 1;
            }
            ++at;
        }
        ++at;
    }
    return text.size();
}

std::vector<Token> tokens_of(std::string_view text) {
    std::vector<Token> tokens;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        const char c = text[at];
        auto kind = Token::Kind::sign;
        if (std::isspace(static_cast<unsigned char>(c)) != 0) {
            ++at;
            continue;
        }
        if (c == '"' || c == '\'') {
            at = end_of_quoted(text, at);
            kind = c == '"' ? Token::Kind::quoted : Token::Kind::text;
            const auto inside = text.substr(begin + 1, at - begin - (at - begin > 1 ? 2 : 1));
            tokens.push_back({kind, inside});
            continue;
        }
        if (is_word_character(c) || c == '$' || c == '?') {
            kind = c == '$' || c == '?'                               ? Token::Kind::parameter
                   : std::isdigit(static_cast<unsigned char>(c)) != 0 ? Token::Kind::number
                                                                      : Token::Kind::word;
            do {
                ++at;
            } while (at < text.size() && is_word_character(text[at]));
        } else {
            const bool two =
                at + 1 < text.size() && (text.substr(at, 2) == "<=" || text.substr(at, 2) == ">=" ||
                                         text.substr(at, 2) == "<>" || text.substr(at, 2) == "!=");
            at += two ? 2 : 1;
        }
        tokens.push_back({kind, text.substr(begin, at - begin)});
    }
    return tokens;
}

constexpr std::array keywords{"select", "from",      "where",   "join",   "left",  "inner", "outer",
                              "cross",  "on",        "and",     "or",     "order", "group", "by",
                              "limit",  "offset",    "as",      "set",    "using", "union", "having",
                              "values", "returning", "asc",     "desc",   "nulls", "not",   "null",
                              "true",   "false",     "collate", "indexed"};

bool is_keyword(const Token& token) {
    return token.kind == Token::Kind::word &&
           std::ranges::any_of(keywords, [&](auto* word) { return equal_ignoring_case(token.text, word); });
}

void add(std::vector<std::string>& columns, std::string_view column) {
    if (std::ranges::find(columns, column) == columns.end()) {
        columns.emplace_back(column);
    }
}

class Reader {
public:
    explicit Reader(std::string_view text) : tokens_(tokens_of(text)) {}

    StatementShape read() {
        find_tables();
        if (!shape_.tables.empty()) {
            find_columns();
        }
        return std::move(shape_);
    }

private:
    struct Column {
        TableUse* use;
        std::string_view name;
        std::size_t after;  // the token behind it
    };

    const Token& at(std::size_t i) const noexcept {
        static constexpr Token end{};
        return i < tokens_.size() ? tokens_[i] : end;
    }

    void find_tables() {
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            const bool opens = at(i).is("from") || at(i).is("join") || at(i).is("into") ||
                               (at(i).is("update") && !at(i + 1).is("set"));
            if (!opens || !at(i + 1).is_name() || is_keyword(at(i + 1)) || at(i + 2).is("(")) {
                continue;  // a function of rows, as json_each(), is no table
            }
            const std::string_view table = at(i + 1).text;
            std::size_t next = i + 2;
            next += at(next).is("as") ? 1 : 0;
            const bool has_alias = at(next).is_name() && !is_keyword(at(next)) && !at(next + 1).is(".");
            shape_.tables.push_back({.table = std::string(table),
                                     .alias = std::string(has_alias ? at(next).text : table),
                                     .equal = {},
                                     .joined = {},
                                     .compared = {},
                                     .ordered = {}});
        }
    }

    TableUse* use_of(std::string_view name) noexcept {
        for (TableUse& use : shape_.tables) {
            if (use.alias == name || use.table == name) {
                return &use;
            }
        }
        return nullptr;
    }

    /// `t."name"`, `"name"` or `name` at a token.
    std::optional<Column> column_at(std::size_t i) {
        if (!at(i).is_name() || is_keyword(at(i)) || at(i + 1).is("(")) {
            return std::nullopt;
        }
        if (at(i + 1).is(".")) {
            TableUse* use = use_of(at(i).text);
            return use != nullptr && at(i + 2).is_name() ? std::optional(Column{use, at(i + 2).text, i + 3})
                                                         : std::nullopt;
        }
        return Column{&shape_.tables.front(), at(i).text, i + 1};
    }

    void find_columns() {
        bool in_conditions = false;
        bool in_order = false;
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            const Token& token = at(i);
            if (token.is("where") || token.is("on")) {
                in_conditions = true;
                in_order = false;
            } else if (token.is("order") || token.is("group")) {
                in_conditions = false;
                in_order = token.is("order");
            } else if (token.is("limit") || token.is("returning") || token.is("having")) {
                in_conditions = in_order = false;
            } else if (in_conditions && token.is("or")) {
                shape_.has_or = true;
            } else if (in_conditions && token.is("(")) {
                i = row_of_columns(i);
            } else if (const auto column = column_at(i)) {
                if (in_order) {
                    add(column->use->ordered, column->name);
                } else if (in_conditions) {
                    compared(*column);
                }
                i = column->after - 1;
            }
        }
    }

    /// `(t."a", t."b") < (…)`: the first column leads. Gives the token to go on behind.
    std::size_t row_of_columns(std::size_t open) {
        const auto first = column_at(open + 1);
        if (!first || !at(first->after).is(",")) {
            return open;
        }
        std::size_t close = first->after;
        while (close < tokens_.size() && !at(close).is(")")) {
            ++close;
        }
        if (at(close + 1).is("<") || at(close + 1).is(">")) {
            add(first->use->compared, first->name);
        }
        return close;
    }

    void compared(const Column& column) {
        const Token& sign = at(column.after);
        if (sign.is("=")) {
            const auto other = column_at(column.after + 1);
            const bool is_join = other && other->use != column.use;
            add(is_join ? column.use->joined : column.use->equal, column.name);
            if (is_join) {
                add(other->use->joined, other->name);
            }
        } else if (sign.is("in")) {
            add(column.use->equal, column.name);
            shape_.by_list = true;
        } else if (sign.is("is")) {
            if (!at(column.after + 1).is("not")) {
                add(column.use->equal, column.name);
            }
        } else if (sign.is("<") || sign.is(">") || sign.is("<=") || sign.is(">=") || sign.is("between") ||
                   sign.is("like")) {
            add(column.use->compared, column.name);
        }
    }

    std::vector<Token> tokens_;
    StatementShape shape_;
};

}  // namespace

const TableUse* StatementShape::find(std::string_view table_or_alias) const noexcept {
    for (const TableUse& use : tables) {
        if (use.alias == table_or_alias || use.table == table_or_alias) {
            return &use;
        }
    }
    return nullptr;
}

bool StatementShape::is_by_id() const noexcept {
    return !tables.empty() && !by_list && !has_or && tables.front().equal == std::vector<std::string>{"id"};
}

StatementShape shape_of(std::string_view text) { return Reader(text).read(); }

std::vector<std::string> index_columns(const TableUse& use) {
    std::vector<std::string> columns = use.equal;
    // Rows of a table are found by their id without an index.
    if (std::ranges::find(columns, "id") != columns.end()) {
        return {};
    }
    if (!use.ordered.empty()) {
        for (const auto& column : use.ordered) {
            add(columns, column);
        }
        if (columns.size() > 1 && columns.back() == "id") {
            columns.pop_back();  // what decides between equals; each index ends with it on SQLite
        }
    } else if (!use.compared.empty()) {
        add(columns, use.compared.front());
    } else if (columns.empty()) {
        for (const auto& column : use.joined) {
            if (column != "id") {
                add(columns, column);
            }
        }
    }
    return columns == std::vector<std::string>{"id"} ? std::vector<std::string>() : columns;
}

}  // namespace brio::db
