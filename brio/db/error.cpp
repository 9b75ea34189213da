#include <brio/db/error.hpp>

#include <brio/base/text.hpp>

namespace brio::db {

using http::ProblemParts;

UniqueViolation::UniqueViolation(std::string index, std::string columns)
    : Problem(409, "duplicate", concat({"another row has the same ", columns})),
      index_(std::move(index)),
      columns_(std::move(columns)) {}

ForeignKeyViolation::ForeignKeyViolation(Cause cause)
    : Problem(cause == Cause::missing ? ProblemParts{.status = 422,
                                                     .code = "reference_missing",
                                                     .detail = "a row that is referred to does not exist"}
                                      : ProblemParts{.status = 409,
                                                     .code = "still_referenced",
                                                     .detail = "other rows still refer to this one"}),
      cause_(cause) {}

CheckViolation::CheckViolation(std::string constraint)
    : Problem(422, "constraint", "a value breaks a rule of the table"),
      constraint_(std::move(constraint)),
      reason_(concat({parts().detail, ": ", constraint_})) {}

Unavailable::Unavailable(std::string reason)
    : Problem(ProblemParts{.status = 503,
                           .code = "database_unavailable",
                           .detail = "the database cannot answer now; try again",
                           .retry_after = std::chrono::seconds(1)}),
      reason_(std::move(reason)) {}

SerializationFailure::SerializationFailure(std::string reason)
    : Problem(ProblemParts{.status = 503,
                           .code = "conflict_retry",
                           .detail = "another change at the same time got in the way; try again",
                           .retry_after = std::chrono::seconds(1)}),
      reason_(std::move(reason)) {}

QueryTimeout::QueryTimeout(std::string_view statement)
    : Problem(ProblemParts{.status = 503,
                           .code = "query_timeout",
                           .detail = "the database took longer than it may",
                           .retry_after = std::chrono::seconds(1)}) {
    static_cast<void>(statement);
}

}  // namespace brio::db
