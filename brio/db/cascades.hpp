// Which tables change when rows of another are deleted: a foreign key that says ON DELETE CASCADE, SET NULL
// or SET DEFAULT makes the engine write to a table that the statement does not name. Internal.
//
// Pure; immutable once made.
#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <brio/sql/statement.hpp>

namespace brio::db {

class Cascades {
public:
    struct Reference {
        std::string target;  // the table whose rows are deleted
        std::string table;   // the one that changes with them
    };

    Cascades() = default;
    explicit Cascades(std::span<const Reference> references);

    /// Whether they are to be asked about it: it deletes, or may.
    static bool concern(const sql::Statement& statement) noexcept {
        // Of another kind may be a deletion within a larger statement, as in WITH.
        return statement.type() == sql::StatementType::erase ||
               (statement.type() == sql::StatementType::other && !statement.writes().empty());
    }
    /// Every table that a statement changes, those that change along too.
    std::vector<std::string> written_by(const sql::Statement& statement) const;

private:
    std::map<std::string, std::vector<std::string>, std::less<>> along_;  // by the table deleted from
};

}  // namespace brio::db
