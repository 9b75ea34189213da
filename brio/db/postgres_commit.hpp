// What surrounds a transaction that writes: the generations of its tables move before it is sent and are
// settled when it has ended, and other processes are told. Internal.
#pragma once
#include <string>
#include <vector>

#include <brio/db/postgres_keeper.hpp>

namespace brio::db::postgres {

/// From before the commit is sent until the connection is clean again.
class Commit final : public Connection::Attachment {
public:
    Commit(sql::Generations& generations, Keeper& keeper, std::vector<std::string> tables);
    ~Commit() override;

    /// The statements that move the tables' sequences: part of the transaction, before its end.
    std::vector<Query> moves() const;
    /// What became of moves(): whether the server has executed them.
    void note_moved(const std::vector<Query>& moves) noexcept;
    void note_moved(bool moved) noexcept { moved_ = moved; }

private:
    sql::Generations& generations_;
    Keeper& keeper_;
    std::vector<std::string> tables_;
    std::vector<sql::Generations::Slot> slots_;
    std::vector<std::size_t> numbers_;
    bool moved_ = false;
};

/// An insert of the typed layer that moves its table's sequence by itself, in its RETURNING list: the same
/// result with one column more, and a statement less for the server. Nothing for other statements.
const sql::Statement* moving_insert(const sql::Statement& statement);

/// Adds the tables that the statement writes and those that change along, each once; `every_table` while it
/// is not known which these are.
void add_tables(std::vector<std::string>& tables, const sql::Statement& statement, Keeper& keeper);

}  // namespace brio::db::postgres
