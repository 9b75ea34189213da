// Statements that programs write themselves: each text is made a Statement once. Any thread.
//
//     inline constexpr RawSelect<Sales, std::int64_t> best_sellers{
//         {"purchases", "products"}, "SELECT p.name AS name, sum(b.amount) AS sold FROM … HAVING
//         sum(b.amount) >= $1"};
//     co_await db.query(best_sellers, 3)
//
// is a constant with the types of its rows and parameters. How many parameters the text has is checked where
// it is compiled, its tables and columns where db.check(best_sellers) is run: at the program's start, or in a
// test.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include <brio/sql/statement.hpp>

namespace brio::db {

/// The tables that a statement of the program's own reads: `db.query<Row>(Reads{"users"}, "SELECT …")`.
struct Reads {
    template <class... Names>
    explicit Reads(Names... names) : tables{std::string(names)...} {
        static_assert(sizeof...(Names) > 0,
                      "name the tables that the statement reads: cached answers depend on it");
    }
    std::vector<std::string> tables;
};
/// The tables that a statement of the program's own writes.
struct Writes {
    template <class... Names>
    explicit Writes(Names... names) : tables{std::string(names)...} {
        static_assert(sizeof...(Names) > 0,
                      "name the tables that the statement writes: cached answers depend on it");
    }
    std::vector<std::string> tables;
};

namespace detail {

/// The highest n of the `$n` outside of quotes and comments.
constexpr std::size_t parameters_in(std::string_view text) {
    std::size_t most = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\'' || c == '"') {
            i = std::min(text.find(c, i + 1), text.size());
        } else if (text.substr(i).starts_with("--")) {
            i = std::min(text.find('\n', i), text.size());
        } else if (c == '$') {
            std::size_t number = 0;
            for (; i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9'; ++i) {
                number = number * 10 + static_cast<std::size_t>(text[i + 1] - '0');
            }
            most = std::max(most, number);
        }
    }
    return most;
}

}  // namespace detail

/// The names of up to eight tables, at least one: what is kept of a table depends on it.
class RawTables {
public:
    template <class... Names>
    consteval RawTables(Names... names) : names_{std::string_view(names)...},
                                          count_(sizeof...(Names)) {
        static_assert(sizeof...(Names) > 0,
                      "name the tables that the statement reads or writes: cached answers depend on it");
        static_assert(sizeof...(Names) <= 8, "a statement of at most eight tables");
    }
    std::vector<std::string> names() const { return {names_.begin(), names_.begin() + count_}; }

private:
    std::array<std::string_view, 8> names_;
    std::ptrdiff_t count_;
};

/// A statement that gives Rows: their fields are its columns by their names.
template <class Row, class... Parameters>
struct RawSelect {
    consteval RawSelect(RawTables tables, std::string_view words) : reads(tables), text(words) {
        if (detail::parameters_in(words) != sizeof...(Parameters)) {
            throw "the text has another number of parameters than the type of the statement";
        }
    }
    RawTables reads;
    std::string_view text;
};
/// A statement that gives no rows.
template <class... Parameters>
struct RawWrite {
    consteval RawWrite(RawTables tables, std::string_view words) : writes(tables), text(words) {
        if (detail::parameters_in(words) != sizeof...(Parameters)) {
            throw "the text has another number of parameters than the type of the statement";
        }
    }
    RawTables writes;
    std::string_view text;
};

class RawStatements {
public:
    static constexpr std::size_t most = 1000;
    /// Throws StatementError beyond `most`: a text that differs each time has values in it that belong in
    /// parameters.
    const sql::Statement& find(std::string_view text, const std::vector<std::string>& reads,
                               const std::vector<std::string>& writes);

private:
    std::mutex mutex_;
    std::unordered_map<std::string, std::unique_ptr<sql::Statement>> made_;  // guarded by mutex_
};

}  // namespace brio::db

namespace brio {
using db::RawSelect;
using db::RawWrite;
using db::Reads;
using db::Writes;
}  // namespace brio
