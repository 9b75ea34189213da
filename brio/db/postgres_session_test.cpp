#include <brio/db/postgres_session.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <brio/db/error.hpp>
#include <brio/db/test_postgres.hpp>

namespace brio::db::postgres {
namespace {

using test::PostgresDatabase;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(PostgresSession, GivesRowsAsTextAndNullAsNothing) {
    const PostgresDatabase database;
    Session session(database.url());
    session.execute("CREATE TABLE t(a int, b text); INSERT INTO t VALUES (1, 'x'), (2, NULL)");
    EXPECT_THAT(session.query("SELECT a, b FROM t WHERE a >= $1 ORDER BY a", {"1"}),
                ElementsAre(Session::Row{"1", "x"}, Session::Row{"2", std::nullopt}));
    EXPECT_EQ(session.value("SELECT b FROM t WHERE a = $1", {"1"}), "x");
    EXPECT_EQ(session.value("SELECT b FROM t WHERE b IS NULL"), std::nullopt);
    EXPECT_EQ(session.value("SELECT b FROM t WHERE a = $1", {std::nullopt}), std::nullopt);
    EXPECT_EQ(session.value("SHOW TimeZone"), "UTC");
}

TEST(PostgresSession, ThrowsWhatTheServersErrorStandsFor) {
    const PostgresDatabase database;
    Session session(database.url());
    session.execute("CREATE TABLE t(a int PRIMARY KEY)");
    EXPECT_THROW(session.execute("INSERT INTO t VALUES (1), (1)"), UniqueViolation);
    EXPECT_THROW(session.execute("INSERT INTO t VALUES (NULL)"), CheckViolation);
    EXPECT_THROW(session.query("SELECT nothing"), StatementError);
    EXPECT_EQ(session.value("SELECT count(*) FROM t"), "0");
}

TEST(PostgresSession, OneThatTheServerEndedIsUnavailable) {
    const PostgresDatabase database;
    Session session(database.url());
    test::psql(database.url(),
               concat({"SELECT pg_terminate_backend(", std::to_string(session.server_process()), ")"}));
    EXPECT_THROW(session.execute("SELECT 1"), Unavailable);
    EXPECT_THROW(session.execute_watched("SELECT 1", std::chrono::milliseconds(1), [] {}), Unavailable);
}

TEST(PostgresSession, WatchedWorkIsAccompaniedAndEndsAsTheOther) {
    const PostgresDatabase database;
    Session session(database.url());
    Session other(database.url());
    session.execute("SELECT pg_advisory_lock(1)");
    int times = 0;
    other.execute_watched("SELECT pg_advisory_lock(1); SELECT 1", std::chrono::milliseconds(1), [&] {
        if (++times == 3) {
            session.execute("SELECT pg_advisory_unlock(1)");
        }
    });
    EXPECT_GE(times, 3);
    EXPECT_THROW(
        other.execute_watched("SELECT 1; SELECT nothing; SELECT 1", std::chrono::milliseconds(1), [] {}),
        StatementError);
    EXPECT_EQ(other.value("SELECT 1"), "1");
}

TEST(PostgresSession, AComplaintNamesThePlaceAndNoPassword) {
    for (const char* url : {"postgresql://me:secret@127.0.0.1:1/shop", "postgresql://me:secret@[127/shop",
                            "mysql://me:secret@127.0.0.1/shop"}) {
        try {
            Session session{url};
            FAIL() << "it connected";
        } catch (const std::exception& error) {
            EXPECT_THAT(error.what(), Not(HasSubstr("secret")));
        }
    }
    EXPECT_EQ(place_of("postgresql://me:secret@db.example:7/shop?sslmode=require"), "db.example:7/shop");
    EXPECT_EQ(place_of("postgres://me@/"), "localhost:5432/me");
}

}  // namespace
}  // namespace brio::db::postgres
