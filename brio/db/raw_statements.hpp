// Statements that programs write themselves: each text is made a Statement once. Any thread.
#pragma once
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
using db::Reads;
using db::Writes;
}  // namespace brio
