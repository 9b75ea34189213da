// How many rows a select gives that names no limit: so that nobody loads a million by accident. Internal.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace brio::db {

/// More without a limit() of one's own is an error.
inline constexpr std::int64_t most_rows = 10'000;

/// One more than may be given, so that it is noticed.
inline std::int64_t rows_to_ask_for(std::optional<std::int64_t> limit) {
    return limit.value_or(most_rows + 1);
}
/// Throws StatementError.
void check_rows(std::size_t rows, std::optional<std::int64_t> limit, std::string_view statement);
/// For one() of several.
[[noreturn]] void throw_several(std::string_view statement);
/// Says once a hint that PostgreSQL has no such thing as INDEXED BY.
void note_hint(std::string_view index);

}  // namespace brio::db
