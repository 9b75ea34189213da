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

private:
    sql::Generations& generations_;
    Keeper& keeper_;
    std::vector<std::string> tables_;
    std::vector<sql::Generations::Slot> slots_;
    std::vector<std::size_t> numbers_;
    bool moved_ = false;
};

/// Adds the tables that the statement writes, each once.
void add_tables(std::vector<std::string>& tables, const sql::Statement& statement);

}  // namespace brio::db::postgres
