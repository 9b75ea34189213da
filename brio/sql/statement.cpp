#include <brio/sql/statement.hpp>

#include <atomic>

#include <brio/base/text.hpp>

namespace brio::sql {

std::string_view name_of(StatementType type) noexcept {
    switch (type) {
        case StatementType::select: return "select";
        case StatementType::insert: return "insert";
        case StatementType::update: return "update";
        case StatementType::erase: return "delete";
        case StatementType::other: break;
    }
    return "other";
}

static std::uint32_t next_number() noexcept {
    static std::atomic<std::uint32_t> next{0};
    return next.fetch_add(1, std::memory_order_relaxed);
}

Statement::Statement(StatementParts parts, std::array<std::string, dialect_count> texts)
    : parts_(std::move(parts)),
      texts_(std::move(texts)),
      fingerprint_(stable_hash(texts_[0])),
      number_(next_number()) {}

StatementType type_of(std::string_view text) noexcept {
    const auto word = trim(text).substr(0, trim(text).find_first_of(" \t\r\n("));
    if (equal_ignoring_case(word, "select") || equal_ignoring_case(word, "with") ||
        equal_ignoring_case(word, "values")) {
        return StatementType::select;
    }
    if (equal_ignoring_case(word, "insert") || equal_ignoring_case(word, "replace")) {
        return StatementType::insert;
    }
    if (equal_ignoring_case(word, "update")) {
        return StatementType::update;
    }
    if (equal_ignoring_case(word, "delete")) {
        return StatementType::erase;
    }
    return StatementType::other;
}

}  // namespace brio::sql
