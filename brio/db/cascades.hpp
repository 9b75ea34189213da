// Which tables change along with another: a foreign key that says CASCADE, SET NULL or SET DEFAULT makes the
// engine write to a table that the statement does not name. Internal.
//
// ON DELETE is followed for what deletes, or may (a WITH, SQLite's OR REPLACE); ON UPDATE also for updates,
// whatever columns they change. An upsert that changes the key which another table refers to is not followed.
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
        std::string target;  // the table whose rows are deleted, or their keys changed
        std::string table;   // the one that changes with them
        bool on_delete = true;
        bool on_update = false;
    };

    Cascades() = default;
    explicit Cascades(std::span<const Reference> references);

    /// Whether they are to be asked about it.
    static bool concern(const sql::Statement& statement) noexcept {
        return may_delete(statement) || statement.type() == sql::StatementType::update;
    }
    /// Every table that a statement changes, those that change along too.
    std::vector<std::string> written_by(const sql::Statement& statement) const;

private:
    using Along = std::map<std::string, std::vector<std::string>, std::less<>>;  // by the target
    /// Of another kind may be a deletion within a larger statement, as in WITH.
    static bool may_delete(const sql::Statement& statement) noexcept {
        return statement.type() == sql::StatementType::erase || statement.type() == sql::StatementType::other;
    }
    Along with_deleted_;  // what is deleted may change a key of what refers to it, so updates are in it, too
    Along with_updated_;
};

}  // namespace brio::db
