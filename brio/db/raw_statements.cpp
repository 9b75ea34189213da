#include <brio/db/raw_statements.hpp>

#include <brio/db/error.hpp>

namespace brio::db {

const sql::Statement& RawStatements::find(std::string_view text, const std::vector<std::string>& reads,
                                          const std::vector<std::string>& writes) {
    const std::scoped_lock lock(mutex_);
    const auto at = made_.find(std::string(text));
    if (at != made_.end()) {
        return *at->second;
    }
    if (made_.size() >= most) {
        throw StatementError(
            "more than 1000 different statements: give values as parameters, not in the text");
    }
    auto statement =
        std::make_unique<sql::Statement>(sql::StatementParts{.type = sql::type_of(text),
                                                             .name = std::string(text.substr(0, 60)),
                                                             .reads = reads,
                                                             .writes = writes},
                                         [&](sql::Dialect) { return std::string(text); });
    return *made_.emplace(std::string(text), std::move(statement)).first->second;
}

}  // namespace brio::db
