// What can go wrong with a statement, as exceptions that already say what a client sees of it.
//
// Constraint violations are the client's to mend (409, 422); Unavailable is the environment's (503 with
// Retry-After). The client never sees a statement's text. StatementError is a defect of the program or its
// migrations: 500.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

#include <brio/http/problem.hpp>

namespace brio::db {

/// Two rows would have the same value where an index is unique: 409, code `duplicate`.
class UniqueViolation : public http::Problem {
public:
    UniqueViolation(std::string index, std::string columns);
    /// The index's name as the migrations gave it; "primary key" for that.
    const std::string& index() const noexcept { return index_; }
    /// "email" or "owner_id, name".
    const std::string& columns() const noexcept { return columns_; }

private:
    std::string index_;
    std::string columns_;
};

/// A row refers to one that is not there (422, code `reference_missing`), or is still referred to (409,
/// `still_referenced`).
class ForeignKeyViolation : public http::Problem {
public:
    enum class Cause : unsigned char { missing, still_referenced };
    explicit ForeignKeyViolation(Cause cause);
    Cause cause() const noexcept { return cause_; }

private:
    Cause cause_;
};

/// A CHECK or NOT NULL constraint of the table refused the values: 422, code `constraint`.
class CheckViolation : public http::Problem {
public:
    explicit CheckViolation(std::string constraint);
    const std::string& constraint() const noexcept { return constraint_; }
    const char* what() const noexcept override { return reason_.c_str(); }

private:
    std::string constraint_;
    std::string reason_;  // for the log
};

/// Busy beyond the timeout, disk full, input/output errors, a queue that is full: 503, code
/// `database_unavailable`, Retry-After 1.
class Unavailable : public http::Problem {
public:
    /// `reason` is for the log; it is reason(), not in the answer.
    explicit Unavailable(std::string reason);
    const std::string& reason() const noexcept { return reason_; }
    const char* what() const noexcept override { return reason_.c_str(); }

private:
    std::string reason_;
};

/// A lock was not to be had within the lock timeout: as Unavailable.
class LockTimeout : public Unavailable {
public:
    using Unavailable::Unavailable;
};

/// Transactions at the same time got into each other's way (PostgreSQL's 40001 and 40P01) and this one was
/// undone: carried out again from its begin it may well succeed. 503, code `conflict_retry`, Retry-After 1.
class SerializationFailure : public http::Problem {
public:
    /// `reason` is for the log.
    explicit SerializationFailure(std::string reason);
    const std::string& reason() const noexcept { return reason_; }
    const char* what() const noexcept override { return reason_.c_str(); }

private:
    std::string reason_;
};

/// A statement ran into its time limit and was ended: 503, code `query_timeout`.
class QueryTimeout : public http::Problem {
public:
    explicit QueryTimeout(std::string_view statement);
};

/// A statement that the engine refuses (a missing table, wrong syntax), or a row that its type cannot hold.
class StatementError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace brio::db
