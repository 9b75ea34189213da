// One statement: its text in each dialect, a stable fingerprint, and the tables it reads and writes.
//
// Typed statements are made once per type and live as long as the program; engines prepare them once a
// connection and find what they prepared by the statement's number. Immutable, so any thread may use one.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace brio::sql {

enum class Dialect : std::uint8_t { sqlite, postgresql };
inline constexpr std::size_t dialect_count = 2;

/// `query_type` of the metrics: select, insert, update, delete, other.
enum class StatementType : std::uint8_t { select, insert, update, erase, other };
std::string_view name_of(StatementType type) noexcept;

struct StatementParts {
    StatementType type = StatementType::select;
    std::string name;  // for people: "resources by id"
    std::vector<std::string> reads;
    std::vector<std::string> writes;
};

class Statement {
public:
    /// `render(dialect)` gives the text; parameters are `$1`, `$2`, … in the order of their first appearance.
    template <class Render>
    Statement(StatementParts parts, Render&& render)
        : Statement(std::move(parts), std::array{render(Dialect::sqlite), render(Dialect::postgresql)}) {}
    Statement(StatementParts parts, std::array<std::string, dialect_count> texts);
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    /// Small and unique in the process.
    std::uint32_t number() const noexcept { return number_; }
    /// The same in every process and version that has the same text.
    std::uint64_t fingerprint() const noexcept { return fingerprint_; }
    StatementType type() const noexcept { return parts_.type; }
    std::string_view name() const noexcept { return parts_.name; }
    std::string_view text(Dialect dialect) const noexcept {
        return texts_[static_cast<std::size_t>(dialect)];
    }
    const std::vector<std::string>& reads() const noexcept { return parts_.reads; }
    const std::vector<std::string>& writes() const noexcept { return parts_.writes; }

private:
    StatementParts parts_;
    std::array<std::string, dialect_count> texts_;
    std::uint64_t fingerprint_;
    std::uint32_t number_;
};

/// What the first word of a statement says it is.
StatementType type_of(std::string_view text) noexcept;

/// 64-bit FNV-1a, going on from the hash of what stood before.
constexpr std::uint64_t stable_hash(std::string_view bytes,
                                    std::uint64_t hash = 0xcbf29ce484222325) noexcept {
    for (const char byte : bytes) {
        hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    }
    return hash;
}

}  // namespace brio::sql
