#include <brio/db/raw_statements.hpp>

#include <brio/base/text.hpp>
#include <brio/db/error.hpp>

namespace brio::db {

namespace {

std::string_view take_word(std::string_view& text) {
    text = trim(text);
    const auto word = text.substr(0, text.find_first_of(" \t\r\n("));
    text.remove_prefix(word.size());
    return word;
}

/// What writes by another word than it begins with, or deletes what it replaces, is of no kind of its own.
sql::StatementType type_of(std::string_view text, bool writes) {
    const auto type = sql::type_of(text);
    const auto first = take_word(text);
    const bool replaces =
        equal_ignoring_case(first, "replace") ||
        (equal_ignoring_case(take_word(text), "or") && equal_ignoring_case(take_word(text), "replace"));
    return writes && (type == sql::StatementType::select || replaces) ? sql::StatementType::other : type;
}

}  // namespace

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
        std::make_unique<sql::Statement>(sql::StatementParts{.type = type_of(text, !writes.empty()),
                                                             .name = std::string(text.substr(0, 60)),
                                                             .reads = reads,
                                                             .writes = writes},
                                         [&](sql::Dialect) { return std::string(text); });
    return *made_.emplace(std::string(text), std::move(statement)).first->second;
}

}  // namespace brio::db
