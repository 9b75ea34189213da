#include <brio/redis/failure.hpp>

#include <gtest/gtest.h>

namespace brio::redis {
namespace {

TEST(RedisFailure, TellsErrorRepliesApartByTheirFirstWord) {
    EXPECT_EQ(error_kind("LOADING Redis is loading the dataset in memory"), ErrorKind::loading);
    EXPECT_EQ(error_kind("READONLY You can't write against a read only replica."), ErrorKind::read_only);
    EXPECT_EQ(error_kind("OOM command not allowed when used memory > 'maxmemory'."),
              ErrorKind::out_of_memory);
    EXPECT_EQ(error_kind("MISCONF Redis is configured to save RDB snapshots"), ErrorKind::misconfigured);
    EXPECT_EQ(error_kind("NOAUTH Authentication required."), ErrorKind::no_auth);
    EXPECT_EQ(error_kind("WRONGPASS invalid username-password pair"), ErrorKind::no_auth);
    EXPECT_EQ(error_kind("BUSY Redis is busy running a script"), ErrorKind::busy);
    EXPECT_EQ(error_kind("BUSYGROUP Consumer Group name already exists"), ErrorKind::other);
    EXPECT_EQ(error_kind("MASTERDOWN Link with MASTER is down"), ErrorKind::master_down);
    EXPECT_EQ(error_kind("NOSCRIPT No matching script."), ErrorKind::no_script);
    EXPECT_EQ(error_kind("MOVED 3999 127.0.0.1:6381"), ErrorKind::moved);
    EXPECT_EQ(error_kind("ERR max number of clients reached"), ErrorKind::too_many);
    EXPECT_EQ(error_kind("ERR DB index is out of range"), ErrorKind::wrong_database);
    EXPECT_EQ(error_kind("ERR unknown command"), ErrorKind::other);
    EXPECT_EQ(error_kind(""), ErrorKind::other);
}

TEST(RedisFailure, AServerThatServesNobodyIsUnavailable) {
    const Failure loading{.cause = Cause::error_reply, .kind = ErrorKind::loading, .what = "Redis: LOADING"};
    EXPECT_THROW(throw_failure(loading), runtime::Unavailable);
    const Failure wrong{
        .cause = Cause::error_reply, .kind = ErrorKind::wrong_type, .what = "Redis: WRONGTYPE"};
    EXPECT_THROW(throw_failure(wrong), ErrorReply);
    EXPECT_THROW(throw_failure({.cause = Cause::timed_out, .what = "late"}), TimedOut);
    EXPECT_THROW(throw_failure({.cause = Cause::overloaded, .what = "redis_in_flight"}), runtime::Overloaded);
}

}  // namespace
}  // namespace brio::redis
