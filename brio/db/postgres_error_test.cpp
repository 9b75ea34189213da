#include <brio/db/postgres_error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <brio/db/error.hpp>

namespace brio::db::postgres {
namespace {

template <class Error>
Error thrown_by(const ServerError& error, std::string_view statement = "INSERT INTO users …") {
    try {
        throw_error(error, statement);
    } catch (const Error& caught) {
        return caught;
    }
}

TEST(PostgresError, ADuplicateNamesTheIndexAndTheColumnsButNoValue) {
    auto const error =
        thrown_by<UniqueViolation>({.sqlstate = "23505",
                                    .message = "duplicate key value violates unique constraint",
                                    .detail = "Key (owner_id, name)=(7, secret) already exists.",
                                    .constraint = "idx_owner_name"});
    EXPECT_EQ(error.index(), "idx_owner_name");
    EXPECT_EQ(error.columns(), "owner_id, name");
    EXPECT_EQ(error.status(), 409);
    EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("secret")));
}

TEST(PostgresError, ADuplicateOfAnExpressionNamesTheExpression) {
    EXPECT_EQ(columns_of("Key (lower(email))=(a@x) already exists."), "lower(email)");
    EXPECT_EQ(columns_of("Schlüssel »(email)=(a@x)« existiert bereits."), "email");
    EXPECT_EQ(columns_of("Failing row contains (1, null)."), "");
    EXPECT_EQ(columns_of(""), "");
}

TEST(PostgresError, TheKeyOfATableIsCalledSo) {
    auto const error = thrown_by<UniqueViolation>({.sqlstate = "23505",
                                                   .message = "duplicate key value",
                                                   .detail = "Key (id)=(1) already exists.",
                                                   .constraint = "users_pkey"});
    EXPECT_EQ(error.index(), "primary key");
    EXPECT_EQ(error.columns(), "id");
}

TEST(PostgresError, AReferenceIsMissingOrStillHeld) {
    using enum ForeignKeyViolation::Cause;
    auto const of = [](std::string_view detail) {
        return thrown_by<ForeignKeyViolation>({.sqlstate = "23503", .message = "…", .detail = detail})
            .cause();
    };
    EXPECT_EQ(of("Key (owner_id)=(99) is not present in table \"users\"."), missing);
    EXPECT_EQ(of("Key (id)=(1) is still referenced from table \"resources\"."), still_referenced);
}

TEST(PostgresError, AValueThatTheColumnCannotHoldIsTheClientsToMend) {
    EXPECT_EQ(
        thrown_by<CheckViolation>({.sqlstate = "23514", .message = "…", .constraint = "resources_name_check"})
            .constraint(),
        "resources_name_check");
    EXPECT_EQ(thrown_by<CheckViolation>({.sqlstate = "23502", .message = "…", .column = "name"}).constraint(),
              "name");
    for (const char* state : {"22001", "22003", "22008", "22021", "22P05"}) {
        EXPECT_EQ(thrown_by<CheckViolation>({.sqlstate = state, .message = "too long"}).constraint(),
                  "too long");
    }
}

TEST(PostgresError, WhatPassesByItselfIsUnavailableWithRetryAfter) {
    for (const char* state : {"", "08006", "53300", "53100", "57P01", "57P02", "57P03", "58030", "25006"}) {
        auto const error = thrown_by<Unavailable>({.sqlstate = state, .message = "gone"});
        EXPECT_EQ(error.status(), 503) << state;
        EXPECT_EQ(error.parts().retry_after, std::chrono::seconds(1));
        EXPECT_THAT(error.reason(), testing::HasSubstr("gone"));
        EXPECT_THAT(error.parts().detail, testing::Not(testing::HasSubstr("gone")));
    }
    EXPECT_EQ(thrown_by<QueryTimeout>({.sqlstate = "57014", .message = "…"}).status(), 503);
    EXPECT_EQ(thrown_by<LockTimeout>({.sqlstate = "55P03", .message = "…"}).status(), 503);
}

TEST(PostgresError, AConflictOfTransactionsCanBeTriedAgain) {
    for (const char* state : {"40001", "40P01"}) {
        auto const error =
            thrown_by<SerializationFailure>({.sqlstate = state, .message = "could not serialize"});
        EXPECT_EQ(error.parts().code, "conflict_retry");
        EXPECT_EQ(error.status(), 503);
    }
}

TEST(PostgresError, EverythingElseIsADefectInTheServersWords) {
    auto const error = thrown_by<StatementError>(
        {.sqlstate = "42P01", .message = "relation \"nothing\" does not exist"}, "SELECT 1 FROM nothing");
    EXPECT_STREQ(error.what(),
                 "PostgreSQL: relation \"nothing\" does not exist (42P01), in: SELECT 1 FROM nothing");
}

TEST(PostgresError, AServerWithoutConnectionsIsKnownByItsWords) {
    for (const auto* words :
         {"FATAL:  sorry, too many clients already", "FATAL:  too many connections for role \"shop\"",
          "FATAL:  remaining connection slots are reserved for non-replication superuser connections",
          "FATAL:  too many connections for database \"shop\""}) {
        EXPECT_TRUE(has_no_room(words)) << words;
    }
    EXPECT_FALSE(has_no_room("FATAL:  the database system is starting up"));
}

}  // namespace

}  // namespace brio::db::postgres
