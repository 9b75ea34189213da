// PostgreSQL's errors as the exceptions of error.hpp: one function for everything that talks to it.
//
// The class of an error is its SQLSTATE (PostgreSQL's documentation, appendix A), never its words, which
// depend on the server's language. Values of rows stay out of what a client can see.
#pragma once
#include <string>
#include <string_view>

namespace brio::db::postgres {

/// What the server says of one error; empty where it says nothing. The views last for the call only.
struct ServerError {
    std::string_view sqlstate;         // five characters; empty: the connection itself failed
    std::string_view message;          // the primary message
    std::string_view detail = {};      // "Key (email)=(…) already exists."
    std::string_view constraint = {};  // of an index or constraint that refused
    std::string_view column = {};      // of a NOT NULL that refused
};

/// Throws UniqueViolation, ForeignKeyViolation, CheckViolation, QueryTimeout, LockTimeout,
/// SerializationFailure, Unavailable or StatementError.
[[noreturn]] void throw_error(const ServerError& error, std::string_view statement);

/// Whether a connection was refused because the server has no more, or none for this role or database. By its
/// words: libpq gives no SQLSTATE (it is 53300) of a connection that was never made.
bool has_no_room(std::string_view words) noexcept;

/// "email" or "owner_id, name", of the detail `Key (email)=(…) already exists.`: its columns, never its
/// values. Empty when it is another detail.
std::string columns_of(std::string_view detail);

}  // namespace brio::db::postgres
