#include <brio/db/rows_limit.hpp>

#include <brio/base/log.hpp>
#include <brio/base/text.hpp>
#include <brio/db/error.hpp>

namespace brio::db {

void check_rows(std::size_t rows, std::optional<std::int64_t> limit, std::string_view statement) {
    if (!limit && rows > static_cast<std::size_t>(most_rows)) {
        throw StatementError(concat({"more than ", integer_text(most_rows), " rows (", statement,
                                     "): say .limit(n), or go through them in batches with .each(…)"}));
    }
}

void throw_several(std::string_view statement) {
    throw StatementError(concat({"one() found several rows (", statement, ")"}));
}

void note_hint(std::string_view index) {
    log_info("PostgreSQL has no index hints: a hint() is left out", {{"index", index}});
}

}  // namespace brio::db
