#include <brio/db/postgres_commit.hpp>

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include <brio/base/text.hpp>

namespace brio::db::postgres {

namespace {

const sql::Statement& move_statement(std::size_t number) {
    static const auto made = [] {
        std::array<std::unique_ptr<sql::Statement>, generation_count> all;
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i] = std::make_unique<sql::Statement>(
                sql::StatementParts{.type = sql::StatementType::select, .name = "generation"},
                [&](sql::Dialect) { return concat({"SELECT nextval('", generation_name(i), "')"}); });
        }
        return all;
    }();
    return *made[number];
}

}  // namespace

Commit::Commit(sql::Generations& generations, Keeper& keeper, std::vector<std::string> tables)
    : generations_(generations),
      keeper_(keeper),
      tables_(std::move(tables)) {
    for (const std::string& table : tables_) {
        if (table == every_table) {
            continue;
        }
        slots_.push_back(generations.slot(table));
        const std::size_t number = generation_of(table);
        if (keeper.counts() && std::ranges::find(numbers_, number) == numbers_.end()) {
            numbers_.push_back(number);
        }
    }
    generations_.begin_commit(slots_);
}

Commit::~Commit() {
    generations_.end_commit(slots_);
    if (std::ranges::find(tables_, every_table) != tables_.end()) {
        generations_.move_all();
    }
    if (!tables_.empty()) {
        keeper_.committed(tables_, moved_ ? numbers_ : std::vector<std::size_t>());
    }
}

std::vector<Query> Commit::moves() const {
    std::vector<Query> queries(numbers_.size());
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
        queries[i].statement = &move_statement(numbers_[i]);
    }
    return queries;
}

void Commit::note_moved(const std::vector<Query>& moves) noexcept {
    moved_ = std::ranges::all_of(moves, [](const Query& move) { return move.rows == 1; });
}

const sql::Statement* moving_insert(const sql::Statement& statement) {
    static std::mutex mutex;
    static std::unordered_map<std::uint32_t, std::unique_ptr<sql::Statement>> made;  // guarded by mutex
    const std::string_view text = statement.text(sql::Dialect::postgresql);
    if (statement.writes().size() != 1 || !text.ends_with(" RETURNING \"id\"")) {
        return nullptr;
    }
    const std::scoped_lock lock(mutex);
    auto& moving = made[statement.number()];
    if (moving == nullptr) {
        moving = std::make_unique<sql::Statement>(
            sql::StatementParts{.type = statement.type(),
                                .name = std::string(statement.name()),
                                .writes = statement.writes()},
            [&](sql::Dialect) {
                return concat(
                    {text, ", nextval('", generation_name(generation_of(statement.writes().front())), "')"});
            });
    }
    return moving.get();
}

void add_tables(std::vector<std::string>& tables, const sql::Statement& statement, Keeper& keeper) {
    const auto add = [&tables](const std::string& table) {
        if (std::ranges::find(tables, table) == tables.end()) {
            tables.push_back(table);
        }
    };
    const auto cascades = Cascades::concern(statement) ? keeper.cascades() : nullptr;
    std::ranges::for_each(cascades ? cascades->written_by(statement) : statement.writes(), add);
    if (Cascades::concern(statement) && !cascades && !statement.writes().empty()) {
        add(std::string(every_table));
    }
}

}  // namespace brio::db::postgres
