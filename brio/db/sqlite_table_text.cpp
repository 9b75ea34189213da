#include <brio/db/sqlite_table_text.hpp>

#include <algorithm>
#include <array>

#include <brio/base/text.hpp>
#include <brio/db/migrate.hpp>
#include <brio/sql/statement_text.hpp>

namespace brio::db::sqlite {

namespace {

bool is_word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

/// The end of what begins at `at` and means nothing by its bytes: a quoted text or name, a comment; else
/// `at`.
std::size_t skip_opaque(std::string_view text, std::size_t at) {
    const auto until = [&](std::string_view end, std::size_t from) {
        const auto found = text.find(end, from);
        return found == text.npos ? text.size() : found + end.size();
    };
    const char first = text[at];
    if (first == '\'' || first == '"' || first == '`') {
        return until(std::string_view(&first, 1), at + 1);  // a doubled one begins the next quoted text
    }
    if (first == '[') {
        return until("]", at + 1);
    }
    if (text.substr(at).starts_with("--")) {
        return until("\n", at + 2);
    }
    if (text.substr(at).starts_with("/*")) {
        return until("*/", at + 2);
    }
    return at;
}

struct Token {
    std::string_view text;  // a word, a quoted text, or one byte
    std::size_t end;
};

/// The next one that is neither blank nor comment; an empty text at the end.
Token next_token(std::string_view text, std::size_t at) {
    while (at < text.size()) {
        const auto opaque = skip_opaque(text, at);
        const bool is_comment = opaque != at && (text[at] == '-' || text[at] == '/');
        if (opaque != at && !is_comment) {
            auto end = opaque;
            while (end < text.size() && text[end] == text[at] && text[at] != '[') {  // a doubled quote
                end = skip_opaque(text, end);
            }
            return {text.substr(at, end - at), end};
        }
        if (is_comment) {
            at = opaque;
        } else if (is_word_byte(text[at])) {
            auto end = at;
            while (end < text.size() && is_word_byte(text[end])) {
                ++end;
            }
            return {text.substr(at, end - at), end};
        } else if (std::string_view(" \t\r\n").contains(text[at])) {
            ++at;
        } else {
            return {text.substr(at, 1), at + 1};
        }
    }
    return {{}, text.size()};
}

std::string without_quotes(std::string_view token) {
    constexpr std::string_view quotes = "\"`'[";
    if (token.size() < 2 || !quotes.contains(token.front())) {
        return std::string(token);
    }
    std::string out;
    const char quote = token.front();
    for (std::size_t i = 1; i + 1 < token.size(); ++i) {
        out += token[i];
        i += token[i] == quote && quote != '[' ? 1 : 0;
    }
    return out;
}

/// A comment to the end of its line would swallow what is written behind it.
std::string without_comments(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = skip_opaque(text, at);
        if (end == at) {
            out += text[at++];
        } else {
            const bool is_comment = text[at] == '-' || text[at] == '/';
            out += is_comment ? std::string_view(" ") : text.substr(at, end - at);
            at = end;
        }
    }
    return out;
}

bool is_constraint(std::string_view definition) {
    constexpr std::array<std::string_view, 5> words{"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"};
    const auto first = next_token(definition, 0).text;
    return std::ranges::any_of(words, [&](auto word) { return equal_ignoring_case(word, first); });
}

}  // namespace

std::string first_name(std::string_view text) { return without_quotes(next_token(text, 0).text); }

bool mentions(std::string_view text, std::string_view identifier) {
    for (Token token = next_token(text, 0); !token.text.empty(); token = next_token(text, token.end)) {
        if (token.text.front() != '\'' && equal_ignoring_case(without_quotes(token.text), identifier)) {
            return true;
        }
    }
    return false;
}

TableText parse_table(std::string_view commented) {
    const std::string text = without_comments(commented);
    TableText table;
    int depth = 0;
    std::size_t begin = 0;
    const auto take = [&](std::size_t end) {
        const auto definition = trim(std::string_view(text).substr(begin, end - begin));
        (is_constraint(definition) ? table.constraints : table.columns).emplace_back(definition);
    };
    for (Token token = next_token(text, 0); !token.text.empty(); token = next_token(text, token.end)) {
        if (token.text == "(" && depth++ == 0) {
            begin = token.end;
        } else if (token.text == "," && depth == 1) {
            take(token.end - 1);
            begin = token.end;
        } else if (token.text == ")" && --depth == 0) {
            take(token.end - 1);
            table.ending = trim(std::string_view(text).substr(token.end));
            return table;
        }
    }
    throw MigrationError(concat({"this is no table whose text can be changed: ", commented}));
}

std::size_t TableText::find(std::string_view column) const {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (equal_ignoring_case(first_name(columns[i]), column)) {
            return i;
        }
    }
    throw MigrationError(concat({"there is no column ", column}));
}

std::string TableText::statement(std::string_view table) const {
    std::string text = concat({"CREATE TABLE ", sql::quoted_name(table), " ("});
    std::string_view comma = "\n    ";
    for (const auto* list : {&columns, &constraints}) {
        for (const std::string& definition : *list) {
            text += concat({std::exchange(comma, ",\n    "), definition});
        }
    }
    return concat({text, "\n)", ending.empty() ? "" : " ", ending});
}

}  // namespace brio::db::sqlite
