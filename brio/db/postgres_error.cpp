#include <brio/db/postgres_error.hpp>

#include <algorithm>
#include <array>

#include <brio/base/text.hpp>
#include <brio/db/error.hpp>

namespace brio::db::postgres {

namespace {

bool is_one_of(std::string_view state, std::initializer_list<std::string_view> states) {
    return std::ranges::find(states, state) != states.end();
}

// A value that the column cannot hold: the client's to mend, as a broken CHECK is.
bool is_bad_value(std::string_view state) {
    return is_one_of(state, {"23502", "23514", "22001", "22003", "22008", "22021",
                             "22P05"});  // the last two: U+0000 in a text, \u0000 in jsonb
}

// Connection exceptions, a server that goes down or comes up, resources, input and output, a read-only
// standby.
bool is_unavailable(std::string_view state) {
    return state.empty() || state.starts_with("08") || state.starts_with("53") || state.starts_with("58") ||
           is_one_of(state, {"57P01", "57P02", "57P03", "57P05", "25006", "25P03"});
}

[[noreturn]] void throw_unique(const ServerError& error) {
    const std::string index(error.constraint);
    std::string columns = columns_of(error.detail);
    const bool is_key = index.ends_with("_pkey");
    throw UniqueViolation(is_key ? "primary key" : index, columns.empty() ? index : std::move(columns));
}

}  // namespace

bool has_no_room(std::string_view words) noexcept {
    constexpr std::array<std::string_view, 4> known{"too many clients", "too many connections",
                                                    "remaining connection slots are reserved",
                                                    "no more connections allowed"};
    return std::ranges::any_of(known, [words](std::string_view each) { return words.contains(each); });
}

std::string columns_of(std::string_view detail) {
    // The word before the parenthesis is translated with the server's messages; `(…)=(` is not.
    const auto begin = detail.find('(');
    const auto end = detail.find(")=(");
    if (begin == detail.npos || end == detail.npos || end < begin) {
        return {};
    }
    return std::string(detail.substr(begin + 1, end - begin - 1));
}

void throw_error(const ServerError& error, std::string_view statement) {
    const std::string_view state = error.sqlstate;
    if (is_one_of(state, {"23505", "23P01"})) {
        throw_unique(error);
    }
    if (state == "23503") {
        // "insert or update on table … violates foreign key constraint" says "is not present" in its detail
        throw ForeignKeyViolation(error.detail.find("still referenced") != error.detail.npos
                                      ? ForeignKeyViolation::Cause::still_referenced
                                      : ForeignKeyViolation::Cause::missing);
    }
    if (is_bad_value(state)) {
        const auto named = error.constraint.empty() ? error.column : error.constraint;
        throw CheckViolation(std::string(named.empty() ? error.message : named));
    }
    if (state == "57014") {
        throw QueryTimeout(statement);
    }
    const std::string words =
        concat({"PostgreSQL: ", error.message, state.empty() ? "" : " (", state, state.empty() ? "" : ")",
                statement.empty() ? "" : ", in: ", statement});
    if (state == "55P03") {
        throw LockTimeout(words);
    }
    if (is_one_of(state, {"40001", "40P01"})) {
        throw SerializationFailure(words);
    }
    if (is_unavailable(state)) {
        throw Unavailable(words);
    }
    throw StatementError(words);
}

}  // namespace brio::db::postgres
